"""`manage.py compare`: what a change of policies changes, and whether it gives new access."""

from argparse import ArgumentParser
from typing import Any

from policystudio.lib.streams import STANDARD_INPUT
from policystudio.simulator.comparing import SIDES, read_texts
from policystudio.simulator.comparisons import (
    compare_stream,
    compared_pair,
    comparison_as_json,
    comparison_as_text,
    outcome_of,
)
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache
from policystudio.simulator.management.answering import AnsweringCommand


class Command(AnsweringCommand):
    """Compares two policies or stacks of policies; docs/compare.md describes input and output."""

    help = (
        "Say what changes between two policy documents, or between two objects as `evaluate` takes them. The exit "
        "status is 0 where there is no new access, 1 where there is, 2 where that could not be understood or decided."
    )
    line = "{id, before, after}"
    stream = staticmethod(compare_stream)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two files, or one of lines."""
        parser.add_argument("before", nargs="?", metavar="BEFORE", help="what applies before; - for standard input")
        parser.add_argument("after", nargs="?", metavar="AFTER", help="what applies after it")
        super().add_arguments(parser)

    def handle(self, *_args: Any, before: str | None, after: str | None, lines: str | None, **options: Any) -> None:
        """Compare, print, and leave with the status that the outcome has."""
        form = options["format"]
        if lines is not None:
            self.answer_lines(lines, (before, after), form)
            return
        if before is None or after is None:
            self.refuse("name two files, BEFORE and AFTER, or one with --lines")
        elif before == after == STANDARD_INPUT:
            self.refuse("only one of the two can be standard input")
        else:
            self._compare_files(before, after, form)

    def _compare_files(self, before: str, after: str, form: str | None) -> None:
        texts = [self.read(file) for file in (before, after)]
        try:
            comparison = compared_pair(read_texts(texts[0], texts[1], PolicyCache()))
        except EvaluationInputError as error:
            self.refuse_inputs(error, dict(zip(SIDES, (before, after), strict=True)), form)
            return
        self.say(comparison_as_text(comparison), comparison_as_json(None, comparison), form)
        self.leave(outcome_of(comparison))
