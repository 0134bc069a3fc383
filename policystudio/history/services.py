"""Writes of what was: whoever changes an account or an organization has it recorded in the same transaction."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from policystudio.accounts.models import Account, Organization
from policystudio.audit.models import AuditEntry
from policystudio.history.models import RecordedDocument, StateRecord
from policystudio.history.selectors import (
    Kind,
    States,
    documents_of,
    known_since,
    organization_states_now,
    states_now,
)

_BATCH = 500


@transaction.atomic
def record(*, account: Account, at: datetime, touched: Collection[str] | None = None) -> None:
    """Record what an account holds since ``at``, as far as it differs from what was recorded last.

    ``touched`` are the ARNs of the identities and policies that may differ (None: any of them).
    """
    stored = StateRecord.objects.filter(account=account, until=None)
    if touched is not None:
        stored = stored.filter(key__in=[*touched, account.number])
    _write(stored, states_now(account, touched), {"account": account}, at)


@transaction.atomic
def record_organization(*, organization: Organization, at: datetime) -> None:
    """Record what an organization is since ``at``, and where its accounts stand in it."""
    stored = StateRecord.objects.filter(organization=organization, until=None)
    _write(stored, organization_states_now(organization), {"organization": organization}, at)
    for account in Account.objects.filter(unit__organization=organization).select_related("unit__organization"):
        record(account=account, at=at, touched=())


@transaction.atomic
def record_first(*, account: Account, at: datetime) -> None:
    """Record what an account holds before it is changed for the first time since states are recorded.

    It holds that since it was read in. Nothing happens where there are records already, or it was never read.
    """
    organization = account.organization
    if organization is not None and known_since(organization) is None:
        _record_first_organization(organization, at)
    if account.read_at is not None and account.read_at < at and known_since(account) is None:
        _write(StateRecord.objects.none(), states_now(account), {"account": account}, account.read_at)


def record_first_organization(*, organization: Organization, at: datetime) -> None:
    """The same for an organization."""
    if known_since(organization) is None:
        _record_first_organization(organization, at)


def _record_first_organization(organization: Organization, at: datetime) -> None:
    told = AuditEntry.objects.filter(action="organization.imported", target=organization.org_id)
    since = told.order_by("-sequence").values_list("at", flat=True).first()
    if since is not None and since < at:
        states = organization_states_now(organization)
        _write(StateRecord.objects.none(), states, {"organization": organization}, since)


def _write(stored: QuerySet[StateRecord], states: States, owner: dict[str, Any], at: datetime) -> None:
    """Close the records that do not say any more what is, and open new ones."""
    digests = {key: _digest(state) for key, state in states.items()}
    ended: list[int] = []
    replaced: list[int] = []
    for pk, kind, key, digest, since in stored.values_list("pk", "kind", "key", "digest", "since"):
        if digests.get((kind, key)) == digest:
            del digests[kind, key]
        else:
            (ended if since < at else replaced).append(pk)
    for batch in _batches(replaced):  # two writes at one moment: the first was never to be seen
        StateRecord.objects.filter(pk__in=batch).delete()
    for batch in _batches(ended):
        StateRecord.objects.filter(pk__in=batch).update(until=at)
    new = (
        StateRecord(**owner, kind=kind, key=key, state=states[kind, key], digest=digest, since=at)
        for (kind, key), digest in digests.items()
    )
    for batch in _batches(new):
        StateRecord.objects.bulk_create(batch)
    named = {digest for kind, key in digests for digest in documents_of(kind, states[kind, key])}
    for batch in _batches(sorted(named)):
        RecordedDocument.objects.bulk_create(
            [RecordedDocument(document_id=digest) for digest in batch], ignore_conflicts=True
        )


def _digest(state: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(values)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


__all__ = ["Kind", "record", "record_first", "record_first_organization", "record_organization"]
