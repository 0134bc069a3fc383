"""`manage.py decision_diff`: what a change of an account would decide differently, for everybody whom it touches."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.selectors import AccountNotFoundError, account_find, every_account
from policystudio.changes.models import Change
from policystudio.changes.selectors import change_get
from policystudio.lib.refusals import refusals
from policystudio.simulator.content_diff import DecisionDiff
from policystudio.simulator.decision_words import as_json, as_text
from policystudio.simulator.drafts import change_decisions


class Command(BaseCommand):
    """Prints the groups of identities that gain or lose alike; docs/time-travel.md describes it."""

    help = (
        "Say what publishing a change would allow and deny that is not so now, for each identity that it touches, with "
        "a request for each claim. Exit status 0 where nobody gains access, 1 where somebody does, 2 where that is not "
        "known."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account and the change."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("change", metavar="CHANGE", type=int, help="the number of the change")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, change: int, **options: Any) -> None:
        """Compare, and print."""
        with refusals({AccountNotFoundError: str}, status=2):
            found = _diff(account, change)
        if options["format"] == "json":
            self.stdout.write(json.dumps(as_json(found)))
        else:
            for line in as_text(found):
                self.stdout.write(line)
        if status := _status(found):
            raise SystemExit(status)


def _diff(written: str, number: int) -> DecisionDiff:
    account = account_find(written)
    try:
        return change_decisions(change_get(account, number), visible=every_account(), seconds=None)
    except Change.DoesNotExist:
        raise CommandError(f"{account.name} has no change {number}", returncode=2) from None


def _status(found: DecisionDiff) -> int:
    """New access found, none, or not known."""
    if found.gaining or any(role.comparison.no_new_access is False for role in found.roles):
        return 1
    return 0 if found.is_complete else 2
