"""API clients: made, changed, disabled and enabled."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from policystudio.accounts.models import CLIENT_PREFIX, Account, Role
from policystudio.accounts.services import membership_grant
from policystudio.audit import services as audit
from policystudio.clients import selectors
from policystudio.clients.models import ServiceClient
from policystudio.clients.services.checks import (
    ClientError,
    StaleClientError,
    check_administrator,
    locked_client,
    record,
)
from policystudio.lib import iam_names
from policystudio.lib.said import Contrary

LONGEST_DESCRIPTION = 256


@transaction.atomic
def client_create(
    *, by: AbstractBaseUser | None, account: Account, name: str, role: Role, description: str = "", now: datetime
) -> ServiceClient:
    """A new API client of the account in this role.

    ``by`` is the administrator who does it, None for the command line. Raises ``PermissionDenied`` where ``by`` is no
    administrator of the account, ``ClientError`` where the name is taken or cannot be one.
    """
    check_administrator(by, account)
    _check_texts(name, description)
    Account.objects.select_for_update().get(pk=account.pk)
    if ServiceClient.objects.filter(account=account, name=name).exists():
        raise ClientError(Contrary(f"{account.name} has an API client `{name}` already: choose another name"), "name")
    user = get_user_model().objects.create_user(f"{CLIENT_PREFIX}{account.number}:{name}")
    membership_grant(by=by, user=user, account=account, role=role)
    client = ServiceClient.objects.create(
        account=account,
        name=name,
        description=description,
        user=user,
        created_at=now,
        created_by_name=audit.actor_name(by),
    )
    record(by, "client.created", client, {"role": role, "description": description})
    return client


@transaction.atomic
def client_change(
    *,
    by: AbstractBaseUser | None,
    client: ServiceClient,
    role: Role | None = None,
    description: str | None = None,
    disabled: bool | None = None,
    seen: str | None = None,
    now: datetime,
) -> ServiceClient:
    """Give a client another role or description, disable or enable it; None leaves what it has.

    ``seen`` is the ``selectors.client_state`` that was read before, None for whatever it is now. Raises as
    ``client_create`` does, and ``StaleClientError`` where somebody else changed the client since.
    """
    locked = locked_client(by, client)
    if seen is not None and seen != selectors.client_state(locked):
        raise StaleClientError(f"`{locked.name}` was changed by somebody else in the meantime: look at it again")
    if description is not None and description != locked.description:
        _check_texts(locked.name, description)
        details = {"before": locked.description, "after": description}
        locked.description = description
        locked.save(update_fields=["description"])
        record(by, "client.described", locked, details)
    if role is not None:
        # Writes its own entry, where the role is another one.
        membership_grant(by=by, user=locked.user, account=locked.account, role=role)
    if disabled is not None and disabled != (locked.disabled_at is not None):
        _set_disabled(locked, now if disabled else None)
        record(by, "client.disabled" if disabled else "client.enabled", locked, {})
    return locked


def client_disable(*, by: AbstractBaseUser | None, client: ServiceClient, now: datetime) -> ServiceClient:
    """Let none of the client's keys and tokens in from now on, until it is enabled again."""
    return client_change(by=by, client=client, disabled=True, now=now)


def client_enable(*, by: AbstractBaseUser | None, client: ServiceClient, now: datetime) -> ServiceClient:
    """Let in the client's keys and tokens again that still live."""
    return client_change(by=by, client=client, disabled=False, now=now)


def _set_disabled(client: ServiceClient, at: datetime | None) -> None:
    """The user goes with it: nothing that asks for rights then gives it any, and its REST tokens are refused."""
    client.disabled_at = at
    client.save(update_fields=["disabled_at"])
    client.user.is_active = at is None
    client.user.save(update_fields=["is_active"])


def _check_texts(name: str, description: str) -> None:
    if not iam_names.fits(iam_names.SHORT_NAME, name):
        raise ClientError("a name has 1 to 64 letters, digits and characters of _+=,.@-", "name")
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        raise ClientError(f"a description is one line of at most {LONGEST_DESCRIPTION} characters", "description")
