"""How much a question may take: whoever asks sets a limit, and whatever may go on for long tells of each step.

The engine reads no clock. It calls ``step`` in its loops, and the limit that the caller has set raises where it is
enough. Without a limit (a command, a background job) a step costs next to nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Limit = Callable[[], None]

_limit: ContextVar[Limit | None] = ContextVar("limit", default=None)


class TooCostlyError(Exception):
    """The limit of a question is reached: nothing can be said about it."""


class TooLongError(TooCostlyError):
    """A text would become longer than any that is looked at, whatever the limit."""


def step() -> None:
    """One step of work is done; raises whatever the limit raises."""
    limit = _limit.get()
    if limit is not None:
        limit()


@contextmanager
def limited(limit: Limit | None) -> Iterator[None]:
    """Let ``limit`` be called at every step meanwhile; it raises ``TooCostlyError`` where it is enough."""
    token = _limit.set(limit)
    try:
        yield
    finally:
        _limit.reset(token)
