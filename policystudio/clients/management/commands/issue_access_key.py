"""`manage.py issue_access_key`: an access key for an API client, on standard output, once."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.accounts.selectors import AccountNotFoundError, account_find
from policystudio.clients import selectors, services
from policystudio.clients.models import ServiceClient
from policystudio.lib.streams import printable

_REFUSED = 2


class Command(BaseCommand):
    """Prints one JSON object; the secret in it is kept nowhere and cannot be shown again."""

    help = (
        "Issue an access key to an API client of an account, which is made where it is not there yet. Prints one JSON "
        "object with AccessKeyId and SecretAccessKey, once. Exit status 2 where that is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The client, its account and role, and how long the key is good for."""
        parser.add_argument("client", metavar="CLIENT", help="the name of the API client, such as nightly-audit")
        parser.add_argument("--account", required=True, metavar="ID", help="the account: its 12-digit number, or name")
        parser.add_argument(
            "--role",
            choices=Role.values,
            help="the role of a new client, viewer unless told otherwise; one that is there must have it already",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=services.USUAL_DAYS,
            metavar="N",
            help=f"the key ends after so many days, 1 to {services.MOST_DAYS} ({services.USUAL_DAYS} unless told)",
        )

    def handle(self, *_args: Any, client: str, account: str, role: str | None, days: int, **_options: Any) -> None:
        """Make the client where it is missing, and print a new key of it."""
        try:
            # A client that could not be given a key is not made either.
            with transaction.atomic():
                found = _client(account_find(account), client, Role(role) if role else None)
                now = timezone.now()
                ends = services.after_days(days, now=now)
                key, secret = services.access_key_issue(by=None, client=found, expires_at=ends, now=now)
        except (AccountNotFoundError, services.ClientError) as error:
            raise CommandError(printable(str(error)), returncode=_REFUSED) from None
        self.stdout.write(json.dumps({"AccessKeyId": key.key_id, "SecretAccessKey": secret}))


def _client(account: Account, name: str, role: Role | None) -> ServiceClient:
    """The client of this name. One that is there keeps its role: a key must not silently come with more, or less."""
    found = selectors.clients_of(account, by=None).filter(name=name).first()
    if found is None:
        return services.client_create(by=None, account=account, name=name, role=role or Role.VIEWER, now=timezone.now())
    if role is not None and found.role != role:
        has = f"the role {found.role.label}" if found.role else "no role"
        raise services.ClientError(
            f"the API client `{name}` of {account.name} has {has}, not {role.label}: leave --role out to keep that, "
            "change the role on the account's page of API clients, or choose another name"
        )
    return found
