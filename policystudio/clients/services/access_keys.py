"""Access keys: issued, revoked, and what is noted of their use."""

import base64
import secrets
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import OperationalError, transaction

from policystudio.audit import services as audit
from policystudio.clients import selectors
from policystudio.clients.models import AccessKey, ServiceClient
from policystudio.clients.services.checks import (
    BETWEEN_NOTES,
    MOST_DAYS,
    ClientError,
    StaleClientError,
    after_days,
    locked_client,
    record,
    too_long,
)
from policystudio.lib import derived_secret
from policystudio.lib.locks import atomic_without_waiting
from policystudio.lib.origin import current_address

#: How long an access key is good for, unless asked otherwise.
USUAL_DAYS = 90
#: Living ones of one client. More is a script that forgets to keep its key.
MOST_KEYS = 50


@transaction.atomic
def access_key_issue(
    *,
    by: AbstractBaseUser | None,
    client: ServiceClient,
    expires_at: datetime | None = None,
    newest: str | None = None,
    now: datetime,
) -> tuple[AccessKey, str]:
    """A new access key and its secret, which is nowhere kept: whoever asked is shown it this once.

    Without ``expires_at`` it ends after ``USUAL_DAYS``. ``newest`` is the id of the newest key that was seen before (""
    for none): another one since is a ``StaleClientError``, so that a form sent twice issues one key. Raises
    ``PermissionDenied`` as ``client_create`` does, ``ClientError`` where the client is disabled, has too many living
    keys, or the end is not within ``MOST_DAYS``.
    """
    locked = locked_client(by, client)
    if locked.disabled_at is not None:
        raise ClientError(f"the API client `{locked.name}` is disabled: enable it first")
    if newest is not None and newest != selectors.newest_key_of(locked):
        raise StaleClientError(f"another access key was issued to `{locked.name}` since: look whether it was this one")
    ends = expires_at or after_days(USUAL_DAYS, now=now)
    if not now < ends <= after_days(MOST_DAYS, now=now):
        raise too_long()
    if selectors.living_keys_of(locked, now=now).count() >= MOST_KEYS:
        raise ClientError(f"`{locked.name}` has {MOST_KEYS} access keys: revoke one that is not needed any more")
    salt = derived_secret.new_salt()
    secret = next(derived_secret.secrets_from(selectors.KEY_PURPOSE, salt))
    key = AccessKey.objects.create(
        client=locked,
        key_id=_new_key_id(),
        salt=salt,
        digest=derived_secret.digest_of(secret),
        created_at=now,
        created_by_name=audit.actor_name(by),
        expires_at=ends,
    )
    record(by, "access_key.issued", locked, {"id": key.key_id, "expires": ends.isoformat()})
    return key, secret


@transaction.atomic
def access_key_revoke(*, by: AbstractBaseUser | None, key: AccessKey, now: datetime) -> AccessKey:
    """End an access key at once and for ever; nothing happens where it is revoked already."""
    client = locked_client(by, key.client)
    row = AccessKey.objects.select_for_update().get(pk=key.pk)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record(by, "access_key.revoked", client, {"id": row.key_id})
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


def _new_key_id() -> str:
    """80 random bits after the prefix, in the letters that AWS uses."""
    return "AKIA" + base64.b32encode(secrets.token_bytes(10)).decode()
