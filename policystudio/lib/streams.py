"""What commands have in common that read a file or standard input and print as they go."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import CommandError, OutputWrapper

#: Stands for standard input.
STANDARD_INPUT = "-"


def opened(file: str, *, returncode: int = 1) -> Any:
    """A context manager with the bytes of a file; raises ``CommandError`` where it cannot be read."""
    if file == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise CommandError(f"`{file}` cannot be read: {error.strerror}", returncode=returncode) from None


def read_whole(file: str, *, returncode: int = 1) -> bytes:
    """All of a file or of standard input; raises ``CommandError`` where it cannot be read."""
    with opened(file, returncode=returncode) as stream:
        found: BinaryIO = stream
        try:
            return found.read()
        except OSError as error:
            raise CommandError(f"`{file}` cannot be read: {error.strerror}", returncode=returncode) from None


@contextmanager
def until_nobody_reads() -> Iterator[None]:
    """Stop quietly when who reads our output has seen enough (`| head`)."""
    try:
        yield
    except BrokenPipeError:
        # Python must not try to write the rest at its end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_line(output: OutputWrapper, line: str, *, flush: bool) -> None:
    """One line; ``flush`` where somebody waits for it."""
    output.write(line)
    if flush:
        output.flush()


def printable(text: str) -> str:
    """Text for a terminal: what would steer it, such as an escape character out of a policy, stands as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
