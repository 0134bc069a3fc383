"""`manage.py validate`: what AWS's policy validation, and the studio's, finds in policy documents."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import lint
from policystudio.lib.streams import STANDARD_INPUT, printable, read_whole, until_nobody_reads, write_line
from policystudio.simulator.comparisons import Outcome
from policystudio.simulator.validation import TYPES, outcome, validation_as_json, validation_as_text


class Command(BaseCommand):
    """Answers for each file in turn; docs/findings.md describes every finding."""

    help = (
        "Say what is wrong, risky or needless in policy documents: a JSON line for each file. The exit status is 0 "
        "where there is no error, 1 where there is one, 2 where a file cannot be read."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The documents and what they are."""
        parser.add_argument("files", nargs="+", metavar="FILE", help="a policy document; - for standard input")
        parser.add_argument("--type", choices=TYPES, default="identity", help="identity unless told otherwise")
        parser.add_argument("--format", choices=("text", "json"), default="json", help="json unless told otherwise")

    def handle(self, *_args: Any, files: list[str], **options: Any) -> None:
        """Answer for every file, also behind one that cannot be read; leave with the gravest status."""
        status = Outcome.FINE
        with until_nobody_reads():
            for file in files:
                status = max(status, self._answer(file, PolicyKind(options["type"]), options["format"]))
        if status:
            raise SystemExit(int(status))

    def _answer(self, file: str, kind: PolicyKind, form: str) -> Outcome:
        try:
            text = read_whole(file).decode()
        except (CommandError, UnicodeDecodeError) as error:
            said = str(error) if isinstance(error, CommandError) else f"`{file}` is not text in UTF-8"
            if form == "json":
                write_line(self.stdout, json.dumps({"file": file, "error": said}), flush=False)
            else:
                self.stderr.write(printable(said))
            return Outcome.UNKNOWN
        found = lint(text, kind)
        if form == "json":
            line = json.dumps({"file": file, **validation_as_json(text, found)})
            write_line(self.stdout, line, flush=file == STANDARD_INPUT)
        else:
            for line in validation_as_text(file, text, found):
                write_line(self.stdout, printable(line), flush=False)
        return outcome(found)
