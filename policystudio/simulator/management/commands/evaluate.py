"""`manage.py evaluate`: decide the requests of a file or of standard input."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policystudio.lib.streams import STANDARD_INPUT, opened, until_nobody_reads, write_line
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
        all_understood = True
        with opened(file) as stream, until_nobody_reads():
            for line, understood in evaluate_stream(stream):
                all_understood &= understood
                write_line(self.stdout, line, flush=file == STANDARD_INPUT)
        if not all_understood:
            raise SystemExit(1)
