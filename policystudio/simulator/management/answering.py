"""What commands have in common that answer questions about policies: files, lines, text or JSON, and their status."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from policystudio.lib.streams import STANDARD_INPUT, opened, printable, read_whole, until_nobody_reads, write_line
from policystudio.simulator.comparisons import Answer, Outcome, worst
from policystudio.simulator.evaluation_input import EvaluationInputError, InputProblem
from policystudio.simulator.lines import error_as_json


class AnsweringCommand(BaseCommand):
    """A command whose exit status is 0 where all is fine, 1 where something was found, 2 where that is not known."""

    requires_system_checks: list[str] = []
    #: What stands on each line of the file of ``--lines``.
    line = ""
    stream: Callable[[BinaryIO], Iterator[Answer]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options of all of them."""
        parser.add_argument("--format", choices=("text", "json"), help="text unless told otherwise")
        parser.add_argument(
            "--lines", metavar="FILE", help=f"a file with an object {self.line} a line; - for standard input"
        )

    def leave(self, outcome: Outcome) -> None:
        """End with the status of the outcome."""
        if outcome:
            raise SystemExit(int(outcome))

    def refuse(self, *messages: str) -> None:
        """End with status 2: the question was not understood."""
        raise CommandError("\n".join(map(printable, messages)), returncode=int(Outcome.UNKNOWN))

    def answer_lines(self, file: str, given: Iterable[object], form: str | None) -> None:
        """Answer each line of a file as it comes; ``given`` are the arguments that cannot stand beside it."""
        if any(given) or form == "text":
            self.refuse("--lines stands alone and answers in JSON alone")
        found: set[Outcome] = set()
        with opened(file, returncode=int(Outcome.UNKNOWN)) as stream, until_nobody_reads():
            for answer in type(self).stream(stream):
                found.add(answer.outcome)
                write_line(self.stdout, answer.text, flush=file == STANDARD_INPUT)
        self.leave(worst(found))

    def read(self, file: str) -> bytes:
        """All of a file."""
        return read_whole(file, returncode=int(Outcome.UNKNOWN))

    def say(self, lines: Iterable[str], data: Any, form: str | None) -> None:
        """Print an answer as text or as JSON."""
        with until_nobody_reads():
            if form == "json":
                self.stdout.write(json.dumps(data))
                return
            for line in lines:
                self.stdout.write(printable(line))

    def refuse_inputs(self, error: EvaluationInputError, files: Mapping[str, str], form: str | None) -> None:
        """Say what is wrong with files, each by the name of its input; end with status 2."""
        if form == "json":
            self.stdout.write(json.dumps({"error": error_as_json(error.problems)}))
            self.leave(Outcome.UNKNOWN)
        self.refuse(*(_said(problem, files) for problem in error.problems))


def _said(problem: InputProblem, files: Mapping[str, str]) -> str:
    side, dot, place = problem.path.partition(".")
    if side not in files:
        return str(problem)
    where = f"line {problem.line}, column {problem.column}: " if problem.line and not problem.inner else ""
    return f"{files[side]}: {f'`{place}`: ' if dot else ''}{where}{problem.message}"
