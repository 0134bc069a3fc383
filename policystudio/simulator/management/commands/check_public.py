"""`manage.py check_public`: does a trust policy open its role to the public?"""

from argparse import ArgumentParser
from typing import Any

from policystudio.simulator.access_checks import (
    is_public,
    outcome,
    public_as_json,
    public_as_text,
    public_question,
    public_stream,
)
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache
from policystudio.simulator.management.answering import AnsweringCommand


class Command(AnsweringCommand):
    """Answers AWS's CheckNoPublicAccess for trust policies, with an outsider; docs/compare.md describes it."""

    help = (
        "Say whether a trust policy lets somebody assume its role whom it does not name. The exit status is 0 where it "
        "does not, 1 where it does, 2 where that is not known."
    )
    line = "{id, policy, account}"
    stream = staticmethod(public_stream)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The trust policy."""
        parser.add_argument("policy", nargs="?", metavar="POLICY", help="a file; - for standard input")
        parser.add_argument("--account", metavar="NUMBER", default="", help="the account of the role: 12 digits")
        super().add_arguments(parser)

    def handle(self, *_args: Any, policy: str | None, lines: str | None, **options: Any) -> None:
        """Answer, print, and leave with the status of the outcome."""
        form, account = options["format"], options["account"]
        if lines is not None:
            self.answer_lines(lines, (policy, account), form)
        elif policy is None:
            self.refuse("name a file with a trust policy, or one with --lines")
        else:
            try:
                found = is_public(public_question(self.read(policy), account, PolicyCache()))
            except EvaluationInputError as error:
                self.refuse_inputs(error, {"policy": policy}, form)
                return
            self.say(public_as_text(found), public_as_json(None, found), form)
            self.leave(outcome(found.public))
