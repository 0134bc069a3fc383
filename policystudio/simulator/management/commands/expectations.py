"""`manage.py expectations`: are the expectations of an account kept, as it is or as a change would make it?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find, every_account
from policystudio.changes.models import Change
from policystudio.changes.selectors import change_get
from policystudio.lib.refusals import refusals
from policystudio.simulator.expectation_answers import EXITS, Run, run, run_as_json, run_as_text, run_change


class Command(BaseCommand):
    """Prints each expectation; docs/expectations.md describes the JSON. Exit status 1: broken, 2: undecided."""

    help = (
        "Say which expectations of an account are kept and which are broken, with a request that shows it. Exit status "
        "0 where all are kept, 1 where one is broken, 2 where one could not be decided."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, and the change to try."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--change", type=int, metavar="NUMBER", help="as this change of the account would make it")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Run, and print."""
        with refusals({AccountNotFoundError: str}, status=2):
            found = _run(account_find(account), options["change"])
        if options["format"] == "json":
            self.stdout.write(json.dumps(run_as_json(found)))
        else:
            for line in run_as_text(found):
                self.stdout.write(line)
        if status := EXITS[found.state]:
            raise SystemExit(int(status))


def _run(account: Account, number: int | None) -> Run:
    if number is None:
        return run(account)
    try:
        return run_change(change_get(account, number), every_account())
    except Change.DoesNotExist:
        raise CommandError(f"--change: {account.name} has no change {number}", returncode=2) from None
