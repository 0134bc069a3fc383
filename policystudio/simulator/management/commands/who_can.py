"""`manage.py who_can`: who can do this action on this resource, directly or by assuming roles?"""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from policystudio.accounts.selectors import AccountNotFoundError, account_find, every_account
from policystudio.engine.exact.cell import CellVerdict
from policystudio.lib.streams import printable, until_nobody_reads
from policystudio.simulator.question import QuestionError
from policystudio.simulator.who_can import Found, who_can
from policystudio.simulator.who_can_answers import answer_as_json, answer_as_lines, rows_as_json
from policystudio.simulator.who_can_question import DEFAULT_HOPS, MAX_HOPS, PARAMETERS, who_can_question

#: The exit status: somebody listed can, nobody can, nobody surely can; 2 says that the question could not be put.
SOMEBODY, NOBODY, UNDECIDED = 0, 1, 3
_REFUSED = 2
_CAN = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL})


class Command(BaseCommand):
    """Prints the answer; docs/who-can.md describes the JSON and the exit status."""

    help = (
        "Say who can do an action on a resource: identities with verdict and conditions, directly or by assuming "
        "roles, across accounts. Exit status: 0 somebody listed can, 1 nobody can, 3 nobody surely can but something "
        "is undecided, 2 the question cannot be put."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, and the parameters of the page."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--action", required=True, metavar="ACTION", help="such as sagemaker:DeleteEndpoint")
        parser.add_argument(
            "--resource", metavar="ARN", help="an ARN, or a pattern of ARNs with * and ?; * for an action without one"
        )
        parser.add_argument(
            "--hops", metavar="N", help=f"how many roles one after the other: 0 to {MAX_HOPS}, {DEFAULT_HOPS} by itself"
        )
        parser.add_argument(
            "--context", action="append", metavar="K=V", help="a known context key; again for more values; !K: absent"
        )
        parser.add_argument("--at", metavar="TIME", help="as of this date (the end of the day) or time, in UTC")
        parser.add_argument("--change", metavar="N", help="as if the change of this number were published")
        parser.add_argument("--verdict", action="append", metavar="LETTERS", help="only those with these verdicts")
        parser.add_argument("--direct", action="store_const", const="1", help="only those who need assume no role")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Ask, print, and end with the status of the answer."""
        try:
            found = account_find(account)
            question = who_can_question(found, _values(options))
            answer = who_can(found, question, every_account())
        except QuestionError as error:
            lines = [f"--{name}: {message}" for name, message in error.problems]
            raise CommandError("\n".join(map(printable, lines)), returncode=_REFUSED) from None
        except AccountNotFoundError as error:
            raise CommandError(str(error), returncode=_REFUSED) from None
        except DatabaseError as error:
            text = f"the database cannot answer ({error}): has `manage.py migrate` run?"
            raise CommandError(text, returncode=_REFUSED) from None
        rows = answer.chosen(question)
        with until_nobody_reads():
            if options["format"] == "json":
                self.stdout.write(json.dumps({**answer_as_json(answer, question), "rows": rows_as_json(answer, rows)}))
            else:
                for line in answer_as_lines(answer, question, rows):
                    self.stdout.write(printable(line))
        if status := _status(rows):
            raise SystemExit(status)


def _status(rows: Sequence[Found]) -> int:
    verdicts = {row.verdict for row in rows}
    if verdicts & _CAN:
        return SOMEBODY
    return UNDECIDED if CellVerdict.UNDECIDED in verdicts else NOBODY


def _values(options: dict[str, Any]) -> dict[str, list[str]]:
    given = {name: options[name] for name in PARAMETERS if options.get(name) is not None}
    return {name: [value] if isinstance(value, str) else value for name, value in given.items()}
