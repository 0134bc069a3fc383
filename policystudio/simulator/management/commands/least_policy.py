"""`manage.py least_policy`: from what CloudTrail recorded, the least policy for a principal's use of SageMaker."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.lib.refusals import refusals
from policystudio.simulator.usage.answers import use_as_json, use_as_text
from policystudio.simulator.usage.events import Records, UsageError, joined, read_file
from policystudio.simulator.usage.names import Narrowing
from policystudio.simulator.usage.use import use_of


class Command(BaseCommand):
    """Prints the policy with what is beyond it; docs/least-policy.md describes the JSON."""

    help = (
        "Propose the least policy for what a principal did in SageMaker, as CloudTrail recorded it, and say what its "
        "present policies grant beyond that. The events are read and not kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the files, and whom it is about."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("files", metavar="FILE", nargs="+", help="CloudTrail's events as JSON, also packed by gzip")
        parser.add_argument("--principal", default="", metavar="ARN", help="by default whoever called most")
        parser.add_argument(
            "--narrowing",
            choices=[str(one) for one in Narrowing],
            default=str(Narrowing.AUTO),
            help="resources by name, without dates and ids at the end of names, or by type; auto unless told otherwise",
        )
        parser.add_argument("--with-refused", action="store_true", help="count calls that IAM refused as well")
        parser.add_argument(
            "--format", choices=("text", "json", "policy"), default="text", help="policy prints the document alone"
        )

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Read, propose, and print."""
        with refusals({AccountNotFoundError: str, UsageError: str}):
            found = account_find(account)
            use = use_of(
                found,
                joined([_read(name) for name in options["files"]]),
                principal=options["principal"],
                narrowing=Narrowing(options["narrowing"]),
                with_refused=options["with_refused"],
            )
        if options["format"] == "json":
            self.stdout.write(json.dumps(use_as_json(use)))
        elif options["format"] == "policy":
            if use.proposal is None:
                raise CommandError("there is nothing to propose: no call needed a permission that is known")
            self.stdout.write(use.proposal.text)
        else:
            for line in use_as_text(use):
                self.stdout.write(line)


def _read(name: str) -> Records:
    try:
        with Path(name).open("rb") as file:
            return read_file(file, name)
    except OSError as error:
        raise CommandError(f"{name}: cannot be read: {error.strerror}") from None
