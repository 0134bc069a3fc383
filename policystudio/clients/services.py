"""Writes of API clients and of their access keys; each is an entry of the audit record."""

import base64
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, transaction

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.accounts.services import membership_grant
from policystudio.audit import services as audit
from policystudio.clients import selectors
from policystudio.clients.models import USERNAME_PREFIX, AccessKey, ServiceClient
from policystudio.lib import iam_names
from policystudio.lib.locks import atomic_without_waiting
from policystudio.lib.origin import current_address

#: How long an access key is good for, unless asked otherwise, and at most.
USUAL_DAYS = 90
MOST_DAYS = 365
#: Living ones of one client. More is a script that forgets to keep its key.
MOST_KEYS = 50
LONGEST_DESCRIPTION = 256
#: How often the last use of a key is written at most.
BETWEEN_NOTES = timedelta(minutes=1)
_DAYS = f"an access key ends after 1 to {MOST_DAYS} days"


class ClientError(ValueError):
    """A client or a key cannot be made or changed as asked; the text says why, ``place`` names the field ("": none)."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.place = place


@transaction.atomic
def client_create(
    *, by: AbstractBaseUser | None, account: Account, name: str, role: Role, description: str = "", now: datetime
) -> ServiceClient:
    """A new API client of the account in this role.

    ``by`` is the administrator who does it, None for the command line. Raises ``PermissionDenied`` where ``by`` is no
    administrator of the account, ``ClientError`` where the name is taken or cannot be one.
    """
    _check_administrator(by, account)
    _check_texts(name, description)
    Account.objects.select_for_update().get(pk=account.pk)
    if ServiceClient.objects.filter(account=account, name=name).exists():
        raise ClientError(f"{account.name} has an API client `{name}` already: choose another name", "name")
    user = get_user_model().objects.create_user(f"{USERNAME_PREFIX}{account.number}:{name}")
    membership_grant(by=by, user=user, account=account, role=role)
    client = ServiceClient.objects.create(
        account=account,
        name=name,
        description=description,
        user=user,
        created_at=now,
        created_by_name=audit.actor_name(by),
    )
    _record(by, "client.created", client, {"role": role, "description": description})
    return client


@transaction.atomic
def client_change(
    *, by: AbstractBaseUser | None, client: ServiceClient, role: Role | None = None, description: str | None = None
) -> ServiceClient:
    """Give a client another role or description; None leaves what it has. Raises as ``client_create`` does."""
    locked = _locked(by, client)
    if description is not None and description != locked.description:
        _check_texts(locked.name, description)
        details = {"before": locked.description, "after": description}
        locked.description = description
        locked.save(update_fields=["description"])
        _record(by, "client.described", locked, details)
    if role is not None:
        # Writes its own entry, where the role is another one.
        membership_grant(by=by, user=locked.user, account=locked.account, role=role)
    return locked


@transaction.atomic
def client_disable(*, by: AbstractBaseUser | None, client: ServiceClient, now: datetime) -> ServiceClient:
    """Let none of the client's keys and tokens in from now on, until it is enabled again."""
    locked = _locked(by, client)
    if locked.disabled_at is None:
        _set_disabled(locked, now)
        _record(by, "client.disabled", locked, {})
    return locked


@transaction.atomic
def client_enable(*, by: AbstractBaseUser | None, client: ServiceClient) -> ServiceClient:
    """Let in the client's keys and tokens again that still live."""
    locked = _locked(by, client)
    if locked.disabled_at is not None:
        _set_disabled(locked, None)
        _record(by, "client.enabled", locked, {})
    return locked


@transaction.atomic
def access_key_issue(
    *, by: AbstractBaseUser | None, client: ServiceClient, expires_at: datetime | None = None, now: datetime
) -> tuple[AccessKey, str]:
    """A new access key and its secret, which is nowhere kept: whoever asked is shown it this once.

    Without ``expires_at`` it ends after ``USUAL_DAYS``. Raises ``PermissionDenied`` as ``client_create`` does,
    ``ClientError`` where the client is disabled, has too many living keys, or the end is not within ``MOST_DAYS``.
    """
    locked = _locked(by, client)
    if locked.disabled_at is not None:
        raise ClientError(f"the API client `{locked.name}` is disabled: enable it first")
    ends = expires_at or after_days(USUAL_DAYS, now=now)
    if not now < ends <= after_days(MOST_DAYS, now=now):
        raise ClientError(_DAYS, "days")
    if selectors.living_keys_of(locked, now=now).count() >= MOST_KEYS:
        raise ClientError(f"`{locked.name}` has {MOST_KEYS} access keys: revoke one that is not needed any more")
    salt = secrets.token_hex(32)
    secret = next(selectors.secrets_from(salt))
    key = AccessKey.objects.create(
        client=locked,
        key_id=_new_key_id(),
        salt=salt,
        digest=selectors.digest_of(secret),
        created_at=now,
        created_by_name=audit.actor_name(by),
        expires_at=ends,
    )
    _record(by, "access_key.issued", locked, {"id": key.key_id, "expires": ends.isoformat()})
    return key, secret


@transaction.atomic
def access_key_revoke(*, by: AbstractBaseUser | None, key: AccessKey, now: datetime) -> AccessKey:
    """End an access key at once and for ever; nothing happens where it is revoked already."""
    client = _locked(by, key.client)
    row = AccessKey.objects.select_for_update().get(pk=key.pk)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        _record(by, "access_key.revoked", client, {"id": row.key_id})
    return row


def access_key_used(*, key: AccessKey, now: datetime) -> None:
    """Note that the key let a request in, at most once a minute, and never where that would have to wait."""
    if key.last_used_at is not None and now - key.last_used_at < BETWEEN_NOTES:
        return
    client = key.client
    # A database that is busy: the next request notes it.
    with suppress(OperationalError), atomic_without_waiting():
        stale = AccessKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at)
        if stale.update(last_used_at=now, last_used_address=current_address()):
            audit.record_use(
                actor=client.user, action="access_key.used", target=key.key_id, account=client.account.number, at=now
            )


def access_key_refused(*, key: AccessKey | None, now: datetime) -> None:
    """Note that a request was not let in which says to be signed with this key, None for one that never was."""
    known = (key.key_id, key.client.account.number) if key else ("", "")
    with suppress(OperationalError), atomic_without_waiting():
        audit.record_failure(action="access_key.refused", target=known[0], account=known[1], at=now)


def after_days(days: int, *, now: datetime) -> datetime:
    """When a key ends that is good for so many days; ``ClientError`` where that are too few or too many."""
    if not 1 <= days <= MOST_DAYS:
        raise ClientError(_DAYS, "days")
    return now + timedelta(days=days)


def _new_key_id() -> str:
    """80 random bits after the prefix, in the letters that AWS uses."""
    return "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()


def _set_disabled(client: ServiceClient, at: datetime | None) -> None:
    """The user goes with it: nothing that asks for rights then gives it any, and its REST tokens are refused."""
    client.disabled_at = at
    client.save(update_fields=["disabled_at"])
    client.user.is_active = at is None
    client.user.save(update_fields=["is_active"])


def _locked(by: AbstractBaseUser | None, client: ServiceClient) -> ServiceClient:
    _check_administrator(by, client.account)
    return ServiceClient.objects.select_for_update(of=("self",)).select_related("account", "user").get(pk=client.pk)


def _check_administrator(by: AbstractBaseUser | None, account: Account) -> None:
    if by is not None and not accounts.may(by, account, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the account change its API clients")


def _check_texts(name: str, description: str) -> None:
    if not iam_names.fits(iam_names.SHORT_NAME, name):
        raise ClientError("a name has 1 to 64 letters, digits and characters of _+=,.@-", "name")
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        raise ClientError(f"a description is one line of at most {LONGEST_DESCRIPTION} characters", "description")


def _record(by: AbstractBaseUser | None, action: str, client: ServiceClient, details: dict[str, Any]) -> None:
    audit.record(
        actor=by, action=action, target=client.user.get_username(), account=client.account.number, details=details
    )
