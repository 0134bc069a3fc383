"""`manage.py import_account FILE`: copies the answer of `aws iam get-account-authorization-details` in."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from policystudio.awssync import services
from policystudio.awssync.management.commands import ImportCommand, user_named


class Command(ImportCommand):
    """docs/import.md describes the file and the report."""

    help = "Copies account exports in: the answer of `aws iam get-account-authorization-details`. All of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--name", default="", help="the name of the account, where the file is of one")
        parser.add_argument("--organization", default="", metavar="ORG_ID", help="the accounts join this organization")
        parser.add_argument("--owner", metavar="USERNAME", help="becomes administrator of the accounts")

    def handle(self, *_args: Any, **options: Any) -> None:
        owner = user_named(options["owner"])
        self.run_import(
            options,
            lambda file: services.account_import(
                file=file,
                by=None,
                owner=owner,
                now=timezone.now(),
                name=options["name"],
                organization=options["organization"],
            ),
        )
