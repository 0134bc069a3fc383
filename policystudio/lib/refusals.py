"""What management commands refuse, as a line on standard error and an exit status instead of a traceback."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from policystudio.lib.streams import printable

#: Errors that a command expects, each with how it is told.
Expected = Mapping[type[Exception], Callable[[Any], str]]


@contextmanager
def refusals(expected: Expected, *, status: int = 1) -> Iterator[None]:
    """Turn the expected errors, and those of the database, into a ``CommandError`` with an exit status."""
    try:
        yield
    except tuple(expected) as error:
        told = next(tell for kind, tell in expected.items() if isinstance(error, kind))
        raise CommandError("\n".join(map(printable, told(error).split("\n"))), returncode=status) from None
    except DatabaseError as error:
        said = f"the database cannot answer ({error}): has `manage.py migrate` run?"
        raise CommandError(printable(said), returncode=status) from None
