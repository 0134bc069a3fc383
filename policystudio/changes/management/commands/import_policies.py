"""`manage.py import_policies`: the policies of a file of another tool as a draft."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from policystudio.changes.management.commands import found_account
from policystudio.changes.services import EditError
from policystudio.changes.transfer import arrival_import, arrival_of, report_as_json, report_as_lines
from policystudio.interchange.values import ReadError


class Command(BaseCommand):
    """docs/interchange.md describes what is read, and the report."""

    help = (
        "Make a draft of the policies in a file of Terraform or CloudFormation, or of a change that was exported, and "
        "print what they would create or change. Exit status: 0 a draft was made, or --dry-run; 1 none was made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the file, what the file does not say, and what to take of it."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("file", metavar="FILE", help="`-` for standard input")
        parser.add_argument("--region", default="", help="what AWS::Region and data.aws_region stand for")
        parser.add_argument(
            "--value", action="append", default=[], metavar="NAME=VALUE", help="of a variable or parameter"
        )
        parser.add_argument("--item", action="append", type=int, metavar="N", help="take this item; else all known")
        parser.add_argument("--title", default="", help="of the draft")
        parser.add_argument("--dry-run", action="store_true", help="only say what is in the file")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")

    def handle(self, *_args: Any, account: str, file: str, **options: Any) -> None:
        """Read, draft, print."""
        values = dict(one.split("=", 1) for one in options["value"] if "=" in one)
        if len(values) != len(options["value"]):
            raise CommandError("--value: write NAME=VALUE, each name once")
        change = None
        refused = ""
        try:
            arrival = arrival_of(
                found_account(account), _content(file), filename=file, region=options["region"], values=values
            )
            if not options["dry_run"]:
                chosen = options["item"] or arrival.whole
                change = arrival_import(arrival=arrival, by=None, numbers=chosen, title=options["title"])
        except ReadError as error:
            raise CommandError(f"{file}: {error}") from None
        except EditError as error:
            refused = str(error)
        if options["format"] == "json":
            self.stdout.write(json.dumps(report_as_json(arrival, change)))
        else:
            for line in report_as_lines(arrival, change):
                self.stdout.write(line)
        if refused:
            raise CommandError(f"no draft was made: {refused}")


def _content(name: str) -> bytes:
    """The file, and no more of it than tells that it is too large."""
    most = settings.TEMPLATE_LIMIT + 1
    if name == "-":
        return sys.stdin.buffer.read(most)
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or error}") from None
