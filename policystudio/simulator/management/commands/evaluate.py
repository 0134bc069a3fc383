"""`manage.py evaluate`: decide the requests of a file or of standard input."""

import os
import sys
from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from policystudio.simulator.evaluation import evaluate_stream


class Command(BaseCommand):
    """Prints one JSON line for each request; docs/rest.md describes input and output."""

    help = (
        "Decide requests against the policies that stand beside them: a JSON object, an array of them, or JSON Lines. "
        "Prints a JSON line for each request. The exit status is 1 where something could not be understood."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file."""
        parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="the file; - for standard input")

    def handle(self, *_args: Any, file: str, **_options: Any) -> None:
        """Answer line by line, as they come."""
        with _opened(file) as stream:
            all_understood = self._answer(stream, flush=file == "-")
        if not all_understood:
            raise SystemExit(1)

    def _answer(self, stream: BinaryIO, *, flush: bool) -> bool:
        all_understood = True
        try:
            for line, understood in evaluate_stream(stream):
                all_understood &= understood
                self.stdout.write(line)
                if flush:
                    self.stdout.flush()
        except BrokenPipeError:
            # Who reads our output has seen enough (`| head`); Python must not try to write the rest at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return all_understood


def _opened(file: str) -> Any:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise CommandError(f"`{file}` cannot be read: {error.strerror}") from None
