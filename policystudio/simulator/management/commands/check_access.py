"""`manage.py check_access`: does a policy grant any of some actions on any of some resources?"""

from argparse import ArgumentParser
from typing import Any

from policystudio.simulator.access_checks import (
    access_question,
    access_stream,
    granted_as_json,
    granted_as_text,
    is_granted,
    outcome,
)
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache
from policystudio.simulator.management.answering import AnsweringCommand


class Command(AnsweringCommand):
    """Answers AWS's CheckAccessNotGranted with a request that is allowed; docs/compare.md describes it."""

    help = (
        "Say whether a policy document, or an object as `evaluate` takes it, grants any of these actions on any of "
        "these resources. The exit status is 0 where it does not, 1 where it does, 2 where that is not known."
    )
    line = "{id, policy, actions, resources}"
    stream = staticmethod(access_stream)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The policy, and the access."""
        parser.add_argument("policy", nargs="?", metavar="POLICY", help="a file; - for standard input")
        parser.add_argument("--action", action="append", metavar="PATTERN", help="such as s3:Delete* (may be repeated)")
        parser.add_argument("--resource", action="append", metavar="PATTERN", help="an ARN, with wildcards perhaps")
        super().add_arguments(parser)

    def handle(self, *_args: Any, policy: str | None, lines: str | None, **options: Any) -> None:
        """Answer, print, and leave with the status of the outcome."""
        form, actions, resources = options["format"], options["action"] or [], options["resource"] or []
        if lines is not None:
            self.answer_lines(lines, (policy, actions, resources), form)
        elif policy is None:
            self.refuse("name a file with a policy, or one with --lines")
        else:
            try:
                question = access_question(self.read(policy), actions, resources, PolicyCache())
                found = is_granted(question)
            except EvaluationInputError as error:
                self.refuse_inputs(error, {"policy": policy}, form)
                return
            self.say(granted_as_text(found), granted_as_json(None, found), form)
            self.leave(outcome(found.granted))
