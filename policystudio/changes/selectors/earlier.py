"""What a policy said over time, as it was recorded: managed, inline, trust and organization policies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.history.models import StateRecord
from policystudio.policies.models import Document

Kind = Edit.Kind
#: More changes of one policy than this are not looked through.
MOST = 500


@dataclass(frozen=True, slots=True)
class EarlierText:
    """What a policy said from ``since`` on, until ``until`` (None: it still does); ``record`` names it."""

    record: int
    text: str
    since: datetime
    until: datetime | None


def earlier_texts(account: Account, kind: str, target: str, name: str = "") -> list[EarlierText]:
    """The texts of a policy, the newest first; empty where nothing was recorded of it, or it is no policy."""
    if kind not in _KINDS or "\0" in target:
        return []
    recorded, document_of = _KINDS[kind]
    owner = {"organization": account.organization} if kind == Kind.ORGANIZATION_POLICY else {"account": account}
    records = StateRecord.objects.filter(kind=recorded, key=target, **owner).order_by("-since", "-pk")[:MOST]
    told = [(row, document_of(row.state, name)) for row in records if owner.get("organization", account) is not None]
    digests = {found for _, found in told if found and kind != Kind.ORGANIZATION_POLICY}
    texts = dict(Document.objects.filter(pk__in=digests).values_list("digest", "text"))
    found: list[EarlierText] = []
    for row, document in told:
        text = document if kind == Kind.ORGANIZATION_POLICY else texts.get(document or "")
        if text is None:
            continue
        if found and found[-1].text == text and found[-1].since == row.until:  # something else of it was changed
            found[-1] = EarlierText(row.pk, text, row.since, found[-1].until)
        else:
            found.append(EarlierText(row.pk, text, row.since, row.until))
    return found


def _managed(state: dict[str, Any], _name: str) -> str | None:
    return state.get("document")


def _trust(state: dict[str, Any], _name: str) -> str | None:
    return state.get("trust")


def _inline(state: dict[str, Any], name: str) -> str | None:
    return dict(state.get("inline", ())).get(name)


def _organization(state: dict[str, Any], _name: str) -> str | None:
    return state.get("text")


_KINDS: dict[str, tuple[str, Callable[[dict[str, Any], str], str | None]]] = {
    Kind.MANAGED_POLICY: (StateRecord.Kind.POLICY, _managed),
    Kind.TRUST_POLICY: (StateRecord.Kind.IDENTITY, _trust),
    Kind.INLINE_POLICY: (StateRecord.Kind.IDENTITY, _inline),
    Kind.ORGANIZATION_POLICY: (StateRecord.Kind.ORGANIZATION_POLICY, _organization),
}
