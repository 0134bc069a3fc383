"""`manage.py minify`: a shorter policy document that says the same."""

from argparse import ArgumentParser
from typing import Any

from policystudio.engine.analyse.minify import minify
from policystudio.engine.document import PolicyKind
from policystudio.lib.streams import printable
from policystudio.simulator.evaluation_input import EvaluationInputError
from policystudio.simulator.management.answering import AnsweringCommand
from policystudio.simulator.redundancy_answers import minified_as_json, minify_stream, read_policy, what_was_done


class Command(AnsweringCommand):
    """Prints the shorter document on standard output and what was done on standard error; see docs/redundant.md."""

    help = (
        "Write a policy document as short as it can be while it is proved to allow and deny the same. The document "
        "goes to standard output, what was done to standard error. The exit status is 2 where it is not a policy."
    )
    line = "{id, policy, kind}"
    stream = staticmethod(minify_stream)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The document."""
        parser.add_argument("file", nargs="?", metavar="FILE", help="a policy document; - for standard input")
        kinds = [kind.value for kind in PolicyKind]
        parser.add_argument("--kind", choices=kinds, help="what it is: identity unless told otherwise")
        super().add_arguments(parser)

    def handle(self, *_args: Any, file: str | None, lines: str | None, **options: Any) -> None:
        """Shorten and print."""
        form, kind = options["format"], options["kind"]
        if lines is not None:
            self.answer_lines(lines, (file, kind), form)
            return
        if file is None:
            self.refuse("name a FILE with a policy document, or one with --lines")
        try:
            policy = read_policy(self.read(file or ""), kind or PolicyKind.IDENTITY.value)
        except EvaluationInputError as error:
            self.refuse_inputs(error, {"policy": file or ""}, form)
            return
        found = minify(policy)
        self.say([found.text], minified_as_json(policy, found), form)
        if form != "json":
            for line in what_was_done(policy, found):
                self.stderr.write(printable(line))
