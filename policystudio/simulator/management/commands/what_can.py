"""`manage.py what_can`: what an identity can do, as a few lines like a policy's."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.lib.refusals import Expected, refusals
from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.what_can import what_can
from policystudio.simulator.what_can_answers import PARAMETERS, question_of, summary_as_json
from policystudio.simulator.what_can_words import MOST_PATTERNS, lines_of

_REFUSALS: Expected = {QuestionError: QuestionError.as_options, AccountNotFoundError: str, UnknownIdentity: str}


class Command(BaseCommand):
    """Prints the summary; docs/what-can.md describes the JSON."""

    help = (
        "Say what an identity can do in SageMaker, as a short summary like a policy: which actions always, on some "
        "resources or under conditions, what is kept away, and by what."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the identity, and the parameters of a question."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--identity", required=True, metavar="ARN", help="a user, group, role or the root user")
        parser.add_argument("--type", action="append", metavar="T", help="only this resource type (may be repeated)")
        parser.add_argument("--region", metavar="REGION", help="resources and requests in this Region")
        parser.add_argument(
            "--context", action="append", metavar="K=V", help="a known context key; again for more values; !K: absent"
        )
        parser.add_argument("--exclude", action="append", metavar="POLICY", help="what if this policy were taken away")
        parser.add_argument("--add", action="append", metavar="POLICY", help="what if it had this policy")
        parser.add_argument("--boundary", metavar="POLICY", help="what if it had this permissions boundary")
        parser.add_argument("--at", metavar="DATE", help="as of the end of this day, or of a time; UTC unless it says")
        parser.add_argument("--change", metavar="NUMBER", help="as this change would make it, if it were published")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Ask, and print."""
        with refusals(_REFUSALS):
            found = account_find(account)
            summary = what_can(found, question_of(ListQuery(_pairs(options))))
        if summary.problems:
            raise CommandError("\n".join(summary.problems))
        if options["format"] == "json":
            self.stdout.write(json.dumps(summary_as_json(summary)))
            return
        for line in lines_of(summary, None if options["verbosity"] > 1 else MOST_PATTERNS):
            self.stdout.write(line)


def _pairs(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = ((name, options[name]) for name in PARAMETERS if options.get(name))
    return [(name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)]
