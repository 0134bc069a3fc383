"""What every write of an API client has in common: who may, one at a time, and the entry in the audit record."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.clients.models import ServiceClient

#: How long a key or token may be good for.
MOST_DAYS = 365
#: How often the last use of a key or token is written at most.
BETWEEN_NOTES = timedelta(minutes=1)


class ClientError(ValueError):
    """A client or a key cannot be made or changed as asked; the text says why, ``place`` names the field ("": none)."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class StaleClientError(Exception):
    """Somebody else changed it since it was read."""


def too_long() -> ClientError:
    """It would be good for longer than anything here is, or for no time at all."""
    return ClientError(f"it ends after 1 to {MOST_DAYS} days", "days")


def after_days(days: int, *, now: datetime) -> datetime:
    """When a key or token ends that is good for so many days; ``ClientError`` where that are too few or too many."""
    if not 1 <= days <= MOST_DAYS:
        raise too_long()
    return now + timedelta(days=days)


def locked_client(by: AbstractBaseUser | None, client: ServiceClient) -> ServiceClient:
    """The client as it is stored, until the transaction ends nobody else's to change; for an administrator alone."""
    check_administrator(by, client.account)
    return ServiceClient.objects.select_for_update(of=("self",)).select_related("account", "user").get(pk=client.pk)


def check_administrator(by: AbstractBaseUser | None, account: Account) -> None:
    """Raise ``PermissionDenied`` unless ``by`` is an administrator of the account, or the command line (None)."""
    if by is not None and not accounts.may(by, account, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the account change its API clients")


def record(by: AbstractBaseUser | None, action: str, client: ServiceClient, details: dict[str, Any]) -> None:
    """Append an entry about the client to the audit record."""
    audit.record(
        actor=by, action=action, target=client.user.get_username(), account=client.account.number, details=details
    )
