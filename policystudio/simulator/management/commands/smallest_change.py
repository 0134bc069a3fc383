"""`manage.py smallest_change`: what to change so that an identity may do what it may not."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.lib.refusals import Expected, refusals
from policystudio.simulator.concrete import NoSuchTypeError
from policystudio.simulator.fix_answers import offer_as_json, offer_as_text
from policystudio.simulator.fixes import NoActionError, Offer, cell_offer, request_offer
from policystudio.simulator.question import ListQuery, Question, QuestionError, question_from_query
from policystudio.simulator.selectors import UnknownIdentity, UnreadablePolicies
from policystudio.simulator.why import UnknownCell

#: Options that are parameters of a question, as in the address of the simulator's page.
PARAMETERS = ("region", "context", "exclude", "add", "boundary", "at", "change")

_REFUSALS: Expected = {
    QuestionError: QuestionError.as_options,
    **dict.fromkeys((AccountNotFoundError, UnknownIdentity, UnknownCell, UnreadablePolicies), str),
    NoActionError: "--action: {}".format,
    NoSuchTypeError: "--resource: {}".format,
}


class Command(BaseCommand):
    """Prints the changes with their proof; docs/rest.md describes the JSON. Exit status 1 where there are none."""

    help = (
        "Say which statements to add, and which have to give way, so that an identity may do an action: on all of a "
        "resource type, or on one resource. The change is evaluated again to show that it works."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, who, and what."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--identity", required=True, metavar="ARN", help="the user, group, role or root user")
        parser.add_argument("--action", required=True, metavar="A", help="such as sagemaker:CreateModel")
        about = parser.add_mutually_exclusive_group(required=True)
        about.add_argument("--type", metavar="T", help="on every resource of this type; `*` for actions without one")
        about.add_argument("--resource", metavar="ARN", help="on this very resource; `*` for actions without one")
        parser.add_argument("--region", metavar="REGION", help="with --type: resources and requests in this Region")
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
            question = question_from_query(ListQuery(_pairs(options)))
            offer = _offer(account_find(account), question, options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(offer_as_json(offer)))
        else:
            for line in (*filter(None, [question.moment]), *offer_as_text(offer)):
                self.stdout.write(line)
        if not offer.fix.works:
            raise SystemExit(1)


def _offer(account: Account, question: Question, options: dict[str, Any]) -> Offer:
    asked = account, question, options["identity"], options["action"]
    if options["resource"] is not None:
        return request_offer(*asked, options["resource"])
    return cell_offer(*asked, options["type"])


def _pairs(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = ((name, options[name]) for name in PARAMETERS if options[name])
    return [(name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)]
