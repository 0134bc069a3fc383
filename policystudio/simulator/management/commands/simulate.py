"""`manage.py simulate`: who can do what in an account, on the terminal."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.lib.refusals import Expected, refusals
from policystudio.simulator.answers import columns_as_json, matrix_as_csv, matrix_as_json, matrix_as_table
from policystudio.simulator.concrete import NoSuchTypeError, concrete_matrix
from policystudio.simulator.proof import evidence
from policystudio.simulator.proof_json import evidence_as_json
from policystudio.simulator.question import ListQuery, Question, QuestionError, question_from_query
from policystudio.simulator.selectors import MatrixPage, matrix

FORMATS = ("table", "json", "csv")
#: Options that are parameters of a question, as in the address of the simulator's page.
PARAMETERS = (
    "identity",
    "kind",
    "action",
    "level",
    "type",
    "region",
    "context",
    "exclude",
    "add",
    "boundary",
    "verdict",
    "at",
    "change",
)
EVERYONE = 10**9

_REFUSALS: Expected = {
    QuestionError: QuestionError.as_options,
    AccountNotFoundError: str,
    NoSuchTypeError: "--resource: {}".format,
}


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
        parser.add_argument("--boundary", metavar="POLICY", help="what if users and roles had this boundary")
        parser.add_argument("--at", metavar="DATE", help="as of the end of this day, or of a time; UTC unless it says")
        parser.add_argument("--change", metavar="NUMBER", help="as this change would make it, if it were published")
        parser.add_argument("--verdict", action="append", metavar="LETTERS", help="only identities with such a cell")
        parser.add_argument(
            "--witnesses", action="store_true", help="in JSON: prove each cell that is not uniform by its requests"
        )
        parser.add_argument("--all-cells", action="store_true", help="with --witnesses: prove the uniform cells, too")
        parser.add_argument("--format", choices=FORMATS, default="table", help="table unless told otherwise")

    def handle(self, *_args: Any, account: str, resource: str | None, **options: Any) -> None:
        """Ask, and print."""
        _refuse_idle(resource, options)
        with refusals(_REFUSALS):
            found = account_find(account)
            question = question_from_query(ListQuery(_pairs(options)))
            page = _answer(found, question, resource, witnesses=options["witnesses"])
        _refuse_nothing(page, options)
        if options["witnesses"]:
            self._write_evidence(found, question, page, every=options["all_cells"])
        elif options["format"] == "json":
            self.stdout.write(json.dumps(matrix_as_json(page)))
        elif options["format"] == "csv":
            self.stdout.write(matrix_as_csv(page), ending="")
        else:
            for line in matrix_as_table(page):
                self.stdout.write(line)

    def _write_evidence(self, account: Account, question: Question, page: MatrixPage, *, every: bool) -> None:
        """One JSON object, row after row: evidence of many rows is large."""
        self.stdout.write(f'{{"columns": {json.dumps(columns_as_json(page))}, "rows": [', ending="")
        for number, found in enumerate(evidence(account, question, page, every=every)):
            self.stdout.write(f"{',' if number else ''}\n{json.dumps(evidence_as_json(found))}", ending="")
        self.stdout.write("]}")


def _refuse_idle(resource: str | None, options: dict[str, Any]) -> None:
    """An option that would be passed over is refused."""
    if options["witnesses"] and options["format"] != "json":
        raise CommandError("--witnesses: there is room for requests only in JSON: add `--format json`")
    if options["witnesses"] and resource:
        raise CommandError("--witnesses: with --resource each cell is one request already: leave out one of the two")
    if options["all_cells"] and not options["witnesses"]:
        raise CommandError("--all-cells: it says which cells --witnesses proves: add `--witnesses`")


def _pairs(options: dict[str, Any]) -> list[tuple[str, str]]:
    given = ((name, options[name]) for name in PARAMETERS if options[name])
    return [(name, value) for name, values in given for value in ([values] if isinstance(values, str) else values)]


def _answer(account: Account, question: Question, resource: str | None, *, witnesses: bool) -> MatrixPage:
    if resource:
        page = concrete_matrix(account, question, resource)
    else:
        page = matrix(account, question, limit=EVERYONE, exact=True if witnesses else None)
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
