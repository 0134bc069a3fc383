"""`manage.py scenario`: can this identity run this operation, with this role?"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.scenario_answers import scenario_as_json, scenario_as_lines
from policystudio.simulator.scenario_question import PARAMETERS, scenario_from_query
from policystudio.simulator.scenario_words import ANSWERS
from policystudio.simulator.scenarios import GroupIsNoPrincipal, Scenario, scenario
from policystudio.simulator.selectors import UnknownIdentity

#: The exit status for each answer; 2 says that the question could not be put.
STATUS = {"yes": 0, "no": 1, "depends": 3}
_REFUSED = 2


class Command(BaseCommand):
    """Prints the answer; docs/scenarios.md describes the JSON and the exit status."""

    help = (
        "Say whether an identity can run an operation of SageMaker: every permission that it needs, whether the role "
        "trusts SageMaker, and what the role itself can reach. Exit status: 0 it can, 1 it cannot, 3 it depends or is "
        "undecided, 2 the question cannot be put."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the operation, and the parameters of the page."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("operation", metavar="OPERATION", help="such as CreateTrainingJob")
        parser.add_argument(
            "--identity", required=True, metavar="ARN", help="who calls: a user, a role or the root user"
        )
        parser.add_argument("--role", metavar="ARN", help="the role that the call passes; without it, which would work")
        parser.add_argument(
            "--resource", action="append", metavar="TYPE=ARN", help="a resource that it names; `*` may stand in it"
        )
        parser.add_argument("--tag", action="append", metavar="K=V", help="a tag that it passes (may be repeated)")
        parser.add_argument("--with", action="append", metavar="NAME", help="a circumstance that it has: vpc, …")
        parser.add_argument("--without", action="append", metavar="NAME", help="a circumstance that it does not have")
        parser.add_argument("--region", metavar="REGION", help="the Region that it goes to")
        parser.add_argument(
            "--context", action="append", metavar="K=V", help="a known context key; again for more values; !K: absent"
        )
        parser.add_argument("--exclude", action="append", metavar="POLICY", help="what if this policy were taken away")
        parser.add_argument("--add", action="append", metavar="POLICY", help="what if everyone had this policy")
        parser.add_argument("--at", metavar="TIME", help="as of this date (the end of the day) or time, in UTC")
        parser.add_argument("--change", metavar="N", help="as if the change of this number were published")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Ask, print, and end with the status of the answer."""
        try:
            found = account_find(account)
            answer = scenario(found, scenario_from_query(ListQuery(_pairs(options))))
        except QuestionError as error:
            lines = [f"{'' if name == 'operation' else '--'}{name}: {message}" for name, message in error.problems]
            raise CommandError("\n".join(lines), returncode=_REFUSED) from None
        except (AccountNotFoundError, UnknownIdentity, GroupIsNoPrincipal) as error:
            raise CommandError(str(error), returncode=_REFUSED) from None
        except DatabaseError as error:
            text = f"the database cannot answer ({error}): has `manage.py migrate` run?"
            raise CommandError(text, returncode=_REFUSED) from None
        if answer.problems:
            raise CommandError("\n".join(answer.problems), returncode=_REFUSED)
        self._print(answer, options["format"])
        status = STATUS[ANSWERS[answer.letter]]
        if status:
            sys.exit(status)

    def _print(self, answer: Scenario, form: str) -> None:
        if form == "json":
            self.stdout.write(json.dumps(scenario_as_json(answer)))
        else:
            for line in scenario_as_lines(answer):
                self.stdout.write(line)


def _pairs(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = ((name, options[name]) for name in PARAMETERS if options.get(name))
    return [(name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)]
