"""`manage.py simulate`: who can do what in an account, on the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.simulator.answers import matrix_as_csv, matrix_as_json, matrix_as_table
from policystudio.simulator.concrete import NoSuchTypeError, concrete_matrix
from policystudio.simulator.question import ListQuery, Question, QuestionError, question_from_query
from policystudio.simulator.selectors import MatrixPage, matrix

FORMATS = ("table", "json", "csv")
#: Options that are parameters of a question, as in the address of the simulator's page.
PARAMETERS = ("identity", "kind", "action", "level", "type", "region", "context", "exclude", "add", "verdict")
EVERYONE = 10**9


class Command(BaseCommand):
    """Prints the matrix, or its part that the options leave; docs/rest.md describes the JSON."""

    help = "Say which SageMaker actions the identities of an account can perform on each resource type."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account and the filters."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--identity", action="append", metavar="ARN", help="only this identity (may be repeated)")
        parser.add_argument("--kind", action="append", metavar="KIND", help="only user, group, role or root")
        parser.add_argument("--action", metavar="GLOB", help="only actions like this, such as `Create*`")
        parser.add_argument("--level", action="append", metavar="LEVEL", help="only actions of this access level")
        parser.add_argument("--type", action="append", metavar="T", help="only this resource type (may be repeated)")
        parser.add_argument("--region", metavar="REGION", help="resources and requests in this Region")
        parser.add_argument("--resource", metavar="ARN", help="about this very resource, on the actions that fit it")
        parser.add_argument(
            "--context", action="append", metavar="K=V", help="a known context key; again for more values; !K: absent"
        )
        parser.add_argument("--exclude", action="append", metavar="POLICY", help="what if this policy were taken away")
        parser.add_argument("--add", action="append", metavar="POLICY", help="what if everyone had this policy")
        parser.add_argument("--verdict", action="append", metavar="LETTERS", help="only identities with such a cell")
        parser.add_argument("--format", choices=FORMATS, default="table", help="table unless told otherwise")

    def handle(self, *_args: Any, account: str, resource: str | None, **options: Any) -> None:
        """Ask, and print."""
        try:
            found = account_find(account)
            question = question_from_query(ListQuery(_pairs(options)))
            page = _answer(found, question, resource)
        except QuestionError as error:
            raise CommandError("\n".join(f"--{name}: {message}" for name, message in error.problems)) from None
        except AccountNotFoundError as error:
            raise CommandError(str(error)) from None
        except NoSuchTypeError as error:
            raise CommandError(f"--resource: {error}") from None
        except DatabaseError as error:
            raise CommandError(f"the database cannot answer ({error}): has `manage.py migrate` run?") from None
        _refuse_nothing(page, options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(matrix_as_json(page)))
        elif options["format"] == "csv":
            self.stdout.write(matrix_as_csv(page), ending="")
        else:
            for line in matrix_as_table(page):
                self.stdout.write(line)


def _pairs(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = ((name, options[name]) for name in PARAMETERS if options[name])
    return [(name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)]


def _answer(account: Account, question: Question, resource: str | None) -> MatrixPage:
    page = concrete_matrix(account, question, resource) if resource else matrix(account, question, limit=EVERYONE)
    if page.problems:
        raise CommandError("\n".join(page.problems))
    return page


def _refuse_nothing(page: MatrixPage, options: dict[str, Any]) -> None:
    """An ARN or a pattern that nothing fits is most likely a slip of the pen; an answer about nobody hides that."""
    missing = set(options["identity"] or ()) - {row.arn for row in page.rows}
    if missing and not options["verdict"]:
        raise CommandError(f"the account has no such identity: {', '.join(sorted(missing))}")
    if not page.columns:
        raise CommandError("no action fits --action, --level, --type and --resource together")
