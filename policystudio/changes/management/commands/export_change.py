"""`manage.py export_change`: a change in the format of another tool."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from policystudio.changes import selectors
from policystudio.changes.management.commands import ExportCommand, found_account
from policystudio.changes.models import Change
from policystudio.changes.transfer import as_change, formats_for


class Command(ExportCommand):
    """docs/interchange.md describes the formats."""

    help = "Print a change as JSON, AWS CLI commands (sh), Terraform (tf.json) or CloudFormation (cfn.json, cfn.yaml)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the change, the format."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("change", metavar="CHANGE", type=int, help="the number of the change")
        endings = [one.ending for one in formats_for(is_single=False)]
        parser.add_argument("--format", choices=endings, default="json", help="json unless told otherwise")

    def handle(self, *_args: Any, account: str, change: int, **options: Any) -> None:
        """Print it."""
        try:
            found = selectors.change_get(found_account(account), change)
        except Change.DoesNotExist:
            raise CommandError(f"no change {change} of `{account}`") from None
        self.print_as(as_change(found), options)
