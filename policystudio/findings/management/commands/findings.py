"""`manage.py findings`: what there is to fix in an account, worked out at once."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.findings import services
from policystudio.findings.models import TYPES, Finding
from policystudio.findings.selectors import FindingFilter, finding_as_json, findings_of, where_of
from policystudio.lib.refusals import refusals
from policystudio.lib.streams import printable, until_nobody_reads, write_line

_FOUND, _UNKNOWN = 1, 2


class Command(BaseCommand):
    """docs/findings.md describes every finding, and this command."""

    help = (
        "Work out and print the findings of a whole account. The exit status is 1 where there is one of the type that "
        "--fail-on names, or of a graver one, that is not waived; 2 where the account is not known; else 0."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The account, the form, and what to fail on."""
        parser.add_argument("account", metavar="ACCOUNT", help="its 12 digits, or its name")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="text unless told otherwise")
        parser.add_argument("--fail-on", choices=TYPES, default="ERROR", help="ERROR unless told otherwise")
        parser.add_argument("--type", choices=TYPES, default="", help="only findings of this type")
        parser.add_argument("--code", default="", help="only findings with this code")
        parser.add_argument("--aws-managed", action="store_true", help="those of policies that AWS manages, too")

    def handle(self, *_args: Any, account: str, **options: Any) -> None:
        """Work out, print, and leave with the status."""
        now = timezone.now()
        with refusals({AccountNotFoundError: str}, status=_UNKNOWN):
            known = account_find(account)
            services.findings_work_now(account=known, now=now)
        wanted, today = FindingFilter(type=options["type"], code=options["code"]), now.date()
        found = [*findings_of(known, wanted, today)]
        if options["aws_managed"]:
            found += findings_of(known, wanted, today, folded=True)
        with until_nobody_reads():
            lines = _json(known, found) if options["format"] == "json" else _text(found)
            for line in lines:
                write_line(self.stdout, printable(line), flush=False)
        gravest = TYPES[: TYPES.index(options["fail_on"]) + 1]
        if any(one.type in gravest and not (one.waiver and one.waiver.until >= today) for one in found):
            raise SystemExit(_FOUND)


def _text(found: Sequence[Finding]) -> Iterator[str]:
    for one in found:
        waived = f" (waived until {one.waiver.until.isoformat()} by {one.waiver.owner_name})" if one.waiver else ""
        yield f"{where_of(one)}: {one.type} {one.code}: {one.message}{waived}"
    if not found:
        yield "no findings"


def _json(account: Account, found: Sequence[Finding]) -> Iterator[str]:
    for one in found:
        yield json.dumps({"account": account.number, **finding_as_json(one)})
