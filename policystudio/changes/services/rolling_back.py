"""Rolling back: a published change as a new draft that takes back what it did, and a policy to an earlier version."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from policystudio.accounts.models import Account, Role
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors import earlier_texts, edits_of, organization_policy_of, present
from policystudio.changes.selectors.present import EXISTS, NEW
from policystudio.changes.services.drafts import TITLE, change_begin, change_create
from policystudio.changes.services.edits import edit_create
from policystudio.changes.services.locking import By, ChangeStateError, require
from policystudio.policies.models import ManagedPolicy, PolicyVersion

Kind = Edit.Kind
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Inverse:
    """An edit that takes another one back; ``base`` is what that one made, so that what came later is noticed."""

    kind: str
    target: str
    name: str = ""
    other: str = ""
    text: str = ""
    data: Json = field(default_factory=dict)
    base: Json | None = None


@transaction.atomic
def change_roll_back(*, change: Change, by: By, title: str = "") -> Change:
    """A new draft with the edits that take a published change back; where something was changed since, they are merged.

    Raises ``ChangeStateError`` where the change is not published, ``PermissionDenied``.
    """
    account = change.account
    edits = list(edits_of(change))
    require(by, account, Role.AUTHOR, [edit.kind for edit in edits])
    if change.state != Change.State.PUBLISHED:
        raise ChangeStateError(f"the change is {change.get_state_display()}: only one that is published is rolled back")
    title = title or f"Roll back #{change.number}: {change.title}"[:TITLE]
    lost = [edit.target for edit in edits if _is_lost(edit)]
    note = f"Not restored, because their documents were never known: {', '.join(lost)}" if lost else ""
    draft = change_create(account=account, by=by, title=title, description=note, reverts=change)
    names = _names(edits)
    seen: set[tuple[str, str, str, str]] = set()
    for inverse in _inverses(account, edits):
        target = names.get(inverse.target, inverse.target)
        key = {"kind": inverse.kind, "target": target, "name": inverse.name, "other": inverse.other}
        if tuple(key.values()) not in seen:
            seen.add((inverse.kind, target, inverse.name, inverse.other))
            edit_create(draft, by, key, inverse.text, inverse.data, base=inverse.base)
    draft.refresh_from_db()
    return draft


@transaction.atomic
def policy_roll_back(*, policy: ManagedPolicy, version_id: str, by: By, change: Change | None = None) -> Edit:
    """An edit that makes an earlier version of a managed policy the text of a new one, in a draft.

    Raises ``PolicyVersion.DoesNotExist``, and as ``change_begin`` does.
    """
    version = PolicyVersion.objects.select_related("document").get(policy=policy, version_id=version_id)
    return change_begin(
        account=policy.account,
        by=by,
        title=f"Roll back {policy.name} to {version_id}",
        kind=Kind.MANAGED_POLICY,
        target=policy.arn,
        text=version.document.text,
        change=change,
    )


@transaction.atomic
def text_roll_back(
    *, account: Account, by: By, kind: str, target: str, name: str = "", record: int, change: Change | None = None
) -> Edit:
    """An edit that gives a policy of any kind a text that it had, by the record that ``earlier_texts`` names.

    Raises ``LookupError`` where it never had that one, and as ``change_begin`` does.
    """
    found = next((one for one in earlier_texts(account, kind, target, name) if one.record == record), None)
    if found is None:
        raise LookupError(f"there is no record {record} of `{target}`")
    policy = organization_policy_of(account, target) if kind == Kind.ORGANIZATION_POLICY else None
    about = policy.name if policy else name or target.rpartition("/")[2]
    return change_begin(
        account=account,
        by=by,
        title=f"Roll back {about} to {found.since:%d %b %Y %H:%M} UTC"[:TITLE],
        kind=kind,
        target=target,
        name=name,
        text=found.text,
        data={"kind": policy.kind} if policy else {},
        change=change,
    )


def _inverses(account: Account, edits: list[Edit]) -> Iterator[Inverse]:
    """Those of all edits, the last one first; an identity that was made goes as a whole."""
    made = {edit.target for edit in edits if edit.kind == Kind.IDENTITY}
    for edit in reversed(edits):
        if not _is_lost(edit) and (edit.kind == Kind.IDENTITY or edit.target not in made):
            yield from _INVERSES[Kind(edit.kind)](account, edit)


def _is_lost(edit: Edit) -> bool:
    """Whether the edit took away or replaced a policy of which the studio never had the document."""
    kinds = (Kind.MANAGED_POLICY, Kind.MANAGED_POLICY_DELETE)
    return edit.kind in kinds and edit.base is not None and "text" not in edit.base


def _names(edits: list[Edit]) -> dict[str, str]:
    """What organization policies are called now that were made, and will be called that were removed."""
    names = {}
    for edit in edits:
        if edit.kind == Kind.ORGANIZATION_POLICY and "policy_id" in edit.outcome:
            names[edit.target] = edit.outcome["policy_id"]
        if edit.kind == Kind.ORGANIZATION_POLICY_DELETE and edit.base:
            names[edit.target] = f"{NEW}{edit.base['name']}"
    return names


def _managed_policy(account: Account, edit: Edit) -> Iterator[Inverse]:
    if edit.base is None:
        yield _removal(account, Kind.MANAGED_POLICY_DELETE, edit.target, edit.text)
    else:
        yield Inverse(Kind.MANAGED_POLICY, edit.target, text=edit.base["text"], base={"text": edit.text})


def _removal(account: Account, kind: str, target: str, text: str) -> Inverse:
    now = present(account, kind, target)
    return Inverse(kind, target, base={**now, "text": text} if now else None)


def _managed_policy_delete(_account: Account, edit: Edit) -> Iterator[Inverse]:
    base = edit.base or {}
    yield Inverse(
        Kind.MANAGED_POLICY, edit.target, text=base["text"], data={"description": base.get("description", "")}
    )
    if base.get("tags"):
        yield Inverse(Kind.TAGS, edit.target, data={"tags": base["tags"]})


def _inline_policy(_account: Account, edit: Edit) -> Iterator[Inverse]:
    base: Json = {"text": edit.text}
    if edit.base is None:
        yield Inverse(Kind.INLINE_POLICY_DELETE, edit.target, edit.name, base=base)
    else:
        yield Inverse(Kind.INLINE_POLICY, edit.target, edit.name, text=edit.base["text"], base=base)


def _inline_policy_delete(_account: Account, edit: Edit) -> Iterator[Inverse]:
    yield Inverse(Kind.INLINE_POLICY, edit.target, edit.name, text=(edit.base or {})["text"])


def _trust_policy(_account: Account, edit: Edit) -> Iterator[Inverse]:
    if edit.base is not None:  # otherwise the role was made by the same change
        yield Inverse(Kind.TRUST_POLICY, edit.target, text=edit.base["text"], base={"text": edit.text})


def _boundary(_account: Account, edit: Edit) -> Iterator[Inverse]:
    before = (edit.base or {}).get("policy", "")
    yield Inverse(Kind.BOUNDARY, edit.target, other=before, base={"policy": edit.other} if edit.other else None)


def _tags(_account: Account, edit: Edit) -> Iterator[Inverse]:
    if edit.base is not None:
        yield Inverse(Kind.TAGS, edit.target, data={"tags": edit.base["tags"]}, base={"tags": edit.data["tags"]})


def _joined(kind: str) -> Callable[[Account, Edit], Iterator[Inverse]]:
    def inverse(_account: Account, edit: Edit) -> Iterator[Inverse]:
        yield Inverse(kind, edit.target, other=edit.other, base=EXISTS)

    return inverse


def _parted(kind: str) -> Callable[[Account, Edit], Iterator[Inverse]]:
    def inverse(_account: Account, edit: Edit) -> Iterator[Inverse]:
        yield Inverse(kind, edit.target, other=edit.other)

    return inverse


def _identity(account: Account, edit: Edit) -> Iterator[Inverse]:
    """The identity goes, and all that hangs on it with it."""
    yield Inverse(Kind.IDENTITY_DELETE, edit.target, base=present(account, Kind.IDENTITY_DELETE, edit.target))


def _identity_delete(_account: Account, edit: Edit) -> Iterator[Inverse]:
    base, target = edit.base or {}, edit.target
    data = {"tags": base["tags"]} if base["tags"] else {}
    yield Inverse(Kind.IDENTITY, target, text=base["trust"], data=data)
    for name, text in base["inline"].items():
        yield Inverse(Kind.INLINE_POLICY, target, name, text=text)
    for arn in base["attached"]:
        yield Inverse(Kind.ATTACH, target, other=arn)
    for arn in base["groups"]:
        yield Inverse(Kind.JOIN_GROUP, target, other=arn)
    for arn in base["members"]:
        yield Inverse(Kind.JOIN_GROUP, arn, other=target)
    if base["boundary"]:
        yield Inverse(Kind.BOUNDARY, target, other=base["boundary"])


def _organization_policy(account: Account, edit: Edit) -> Iterator[Inverse]:
    if edit.base is None:
        yield _removal(account, Kind.ORGANIZATION_POLICY_DELETE, edit.outcome["policy_id"], edit.text)
        return
    made = {
        "text": edit.text,
        "name": edit.data.get("name") or edit.base["name"],
        "description": edit.data.get("description", edit.base["description"]),
    }
    data = {"name": edit.base["name"], "description": edit.base["description"]}
    if "kind" in edit.data:
        data["kind"] = edit.data["kind"]
    yield Inverse(Kind.ORGANIZATION_POLICY, edit.target, text=edit.base["text"], data=data, base=made)


def _organization_policy_delete(_account: Account, edit: Edit) -> Iterator[Inverse]:
    base = edit.base or {}
    data = {key: base[key] for key in ("kind", "name", "description")}
    yield Inverse(Kind.ORGANIZATION_POLICY, edit.target, text=base["text"], data=data)


_INVERSES: Mapping[str, Callable[[Account, Edit], Iterator[Inverse]]] = {
    Kind.MANAGED_POLICY: _managed_policy,
    Kind.MANAGED_POLICY_DELETE: _managed_policy_delete,
    Kind.INLINE_POLICY: _inline_policy,
    Kind.INLINE_POLICY_DELETE: _inline_policy_delete,
    Kind.TRUST_POLICY: _trust_policy,
    Kind.BOUNDARY: _boundary,
    Kind.ATTACH: _joined(Kind.DETACH),
    Kind.DETACH: _parted(Kind.ATTACH),
    Kind.JOIN_GROUP: _joined(Kind.LEAVE_GROUP),
    Kind.LEAVE_GROUP: _parted(Kind.JOIN_GROUP),
    Kind.TAGS: _tags,
    Kind.IDENTITY: _identity,
    Kind.IDENTITY_DELETE: _identity_delete,
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.ORGANIZATION_POLICY_DELETE: _organization_policy_delete,
    Kind.ORGANIZATION_ATTACH: _joined(Kind.ORGANIZATION_DETACH),
    Kind.ORGANIZATION_DETACH: _parted(Kind.ORGANIZATION_ATTACH),
}
