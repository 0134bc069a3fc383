"""`manage.py import_organization FILE`: reads an organization's tree, accounts and policies in."""

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from policystudio.awssync import services
from policystudio.awssync.management.commands import ImportCommand, user_named


class Command(ImportCommand):
    """docs/import.md describes the file."""

    help = "Reads an organization in: its units, accounts, service and resource control policies and their targets."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--owner", metavar="USERNAME", help="becomes administrator of the accounts")

    def handle(self, *_args: Any, **options: Any) -> None:
        owner = user_named(options["owner"])
        self.run_import(options, lambda file: services.organization_import(file=file, owner=owner, now=timezone.now()))
