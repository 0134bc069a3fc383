"""Appending to the audit record, in the transaction of what is told."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F
from django.utils import timezone

from policystudio.audit.models import AuditEntry, AuditHead
from policystudio.audit.signals import entry_recorded
from policystudio.lib.iam_names import ACCOUNT_NUMBER
from policystudio.lib.origin import current_address

#: Who acts where nobody is signed in: `manage.py`.
COMMAND_LINE = "command line"

Actor = AbstractBaseUser | AnonymousUser | str | None


def actor_name(actor: Actor) -> str:
    """The sign-in name of a user; a text as it is; ``command line`` for None; "" for nobody signed in."""
    if actor is None:
        return COMMAND_LINE
    return actor if isinstance(actor, str) else str(actor.get_username())


def record(
    *,
    actor: Actor,
    action: str,
    target: str = "",
    account: str = "",
    details: Mapping[str, Any] | None = None,
    address: str | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Append one entry in the caller's transaction, so that it is kept exactly when the change is.

    ``action`` is noun and verb (``membership.granted``), ``target`` what it was done to (an ARN, an
    account number), ``account`` the number of the account that it is about, "" where it is about the whole studio,
    ``details`` anything that JSON can hold: what stood there before and after. The address is that of the request being
    answered unless one is given. Sends ``signals.entry_recorded``. Raises ``RuntimeError`` outside of a transaction,
    ``ValueError`` where the account is no number.
    """
    if account and not re.fullmatch(ACCOUNT_NUMBER, account):
        raise ValueError(f"`{account}` is no account: give its 12-digit number, or nothing for the whole studio")
    if not connection.in_atomic_block:
        raise RuntimeError("the audit record is written in the transaction of the change: open one with atomic()")
    head = _lock_head()
    entry = AuditEntry(
        sequence=head.sequence,
        at=(at or timezone.now()).astimezone(UTC),
        actor=actor_name(actor),
        address=current_address() if address is None else address,
        action=action,
        target=_cut(target),
        account=account,
        # As JSON will give it back, so that the hash can be computed again.
        details=json.loads(json.dumps(dict(details or {}), default=str)),
        previous_hash=head.hash,
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    AuditHead.objects.update(hash=entry.hash)
    entry_recorded.send(sender=AuditEntry, entry=entry)
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over every field of an entry but its own hash, the hash of the entry before among them.

    The account is told last, and only where there is one: entries that were written before accounts were keep theirs.
    """
    content: list[Any] = [
        entry.sequence,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.address,
        entry.action,
        entry.target,
        entry.details,
        entry.previous_hash,
    ]
    if entry.account:
        content.append(entry.account)
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _lock_head() -> AuditHead:
    """The head with its sequence counted up. Writing first takes the lock, on SQLite as on PostgreSQL."""
    if not AuditHead.objects.update(sequence=F("sequence") + 1):
        AuditHead.objects.get_or_create(id=1)
        AuditHead.objects.update(sequence=F("sequence") + 1)
    return AuditHead.objects.get()


def _cut(target: str) -> str:
    """At most 2,048 bytes: more would not fit into an index of PostgreSQL."""
    return target.encode(errors="replace")[:2048].decode(errors="ignore")
