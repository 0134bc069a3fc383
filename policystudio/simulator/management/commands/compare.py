"""`manage.py compare`: what a change of policies changes, and whether it gives new access."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.lib.streams import (
    STANDARD_INPUT,
    opened,
    printable,
    read_whole,
    until_nobody_reads,
    write_line,
)
from policystudio.simulator.comparing import SIDES, read_texts
from policystudio.simulator.comparisons import (
    Outcome,
    compare_stream,
    compared_pair,
    comparison_as_json,
    comparison_as_text,
    outcome_of,
    worst,
)
from policystudio.simulator.evaluation_input import EvaluationInputError, InputProblem, PolicyCache
from policystudio.simulator.lines import error_as_json


class Command(BaseCommand):
    """Compares two policies or stacks of policies; docs/compare.md describes input and output."""

    help = (
        "Say what changes between two policy documents, or between two objects as `evaluate` takes them. The exit "
        "status is 0 where there is no new access, 1 where there is, 2 where that could not be understood or decided."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Two files, or one of lines."""
        parser.add_argument("before", nargs="?", metavar="BEFORE", help="what applies before; - for standard input")
        parser.add_argument("after", nargs="?", metavar="AFTER", help="what applies after it")
        parser.add_argument("--format", choices=("text", "json"), help="text unless told otherwise")
        parser.add_argument(
            "--lines", metavar="FILE", help="a file with an object {id, before, after} a line; - for standard input"
        )

    def handle(self, *_args: Any, before: str | None, after: str | None, lines: str | None, **options: Any) -> None:
        """Compare, print, and leave with the status that the outcome has."""
        form = options["format"]
        if lines is not None:
            if before is not None or form == "text":
                raise CommandError("--lines takes no other files and answers in JSON alone", returncode=2)
            outcome = self._compare_lines(lines)
        elif before is None or after is None:
            raise CommandError("name two files, BEFORE and AFTER, or one with --lines", returncode=2)
        elif before == after == STANDARD_INPUT:
            raise CommandError("only one of the two can be standard input", returncode=2)
        else:
            outcome = self._compare_files(before, after, form or "text")
        if outcome:
            raise SystemExit(int(outcome))

    def _compare_lines(self, file: str) -> Outcome:
        found: set[Outcome] = set()
        with opened(file, returncode=Outcome.UNKNOWN) as stream, until_nobody_reads():
            for answer in compare_stream(stream):
                found.add(answer.outcome)
                write_line(self.stdout, answer.text, flush=file == STANDARD_INPUT)
        return worst(found)

    def _compare_files(self, before: str, after: str, form: str) -> Outcome:
        texts = [read_whole(file, returncode=Outcome.UNKNOWN) for file in (before, after)]
        try:
            comparison = compared_pair(read_texts(texts[0], texts[1], PolicyCache()))
        except EvaluationInputError as error:
            return self._refuse(error.problems, dict(zip(SIDES, (before, after), strict=True)), form)
        with until_nobody_reads():
            if form == "json":
                self.stdout.write(json.dumps(comparison_as_json(None, comparison)))
            else:
                for line in comparison_as_text(comparison):
                    self.stdout.write(printable(line))
        return outcome_of(comparison)

    def _refuse(self, problems: Iterable[InputProblem], files: dict[str, str], form: str) -> Outcome:
        if form == "json":
            self.stdout.write(json.dumps({"error": error_as_json(tuple(problems))}))
            return Outcome.UNKNOWN
        said = []
        for problem in problems:
            side, dot, place = problem.path.partition(".")
            where = f"line {problem.line}, column {problem.column}: " if problem.line else ""
            said.append(f"{files.get(side, side)}: {f'`{place}`: ' if dot else ''}{where}{problem.message}")
        raise CommandError("\n".join(map(printable, said)), returncode=Outcome.UNKNOWN)
