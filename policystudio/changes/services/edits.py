"""Edits of a change: put in, saved again while somebody types, taken out. None is lost when two write at once."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit import services as audit
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors import present
from policystudio.changes.services.checks import check_data, check_edit, check_text
from policystudio.changes.services.locking import By, StaleError, check_open, locked, written

Kind = Edit.Kind


@transaction.atomic
def edit_put(
    *,
    change: Change,
    by: By,
    expected_version: int | None,
    kind: str,
    target: str,
    name: str = "",
    other: str = "",
    text: str = "",
    data: Mapping[str, Any] | None = None,
) -> Edit:
    """Make the change hold this edit, the only one of its kind, target, name and other (of a boundary: of its target).

    ``expected_version`` is that of the edit which the writer saw; None where they saw none. A new edit remembers what
    stands there now as its base. Raises ``StaleError`` where the edit is another one by now and says something else,
    ``EditError``, ``ChangeStateError``, and ``PermissionDenied``.
    """
    change = locked(change, by, Role.AUTHOR, [kind])
    check_open(change)
    values = dict(data or {})
    check_edit(change.account, kind=kind, target=target, name=name, other=other, text=text, data=values)
    key = {"kind": kind, "target": target, "name": name}
    if kind != Kind.BOUNDARY:
        key["other"] = other
    edit = change.edits.filter(**key).first()
    if edit is None:
        if expected_version is not None:
            raise StaleError("somebody else took the edit out of the change", version=change.version)
        return edit_create(change, by, {**key, "other": other}, text, values)
    if (edit.other, edit.text, edit.data) == (other, text, values):
        return edit
    check_edit_version(edit, expected_version)
    edit.other = other
    return edit_update(change, edit, by, text, values)


@transaction.atomic
def edit_save(*, edit: Edit, by: By, expected_version: int, text: str, data: Mapping[str, Any] | None = None) -> Edit:
    """Write the text of an edit, whether it parses or not; ``data`` replaces the other values where it is given.

    Raises ``StaleError`` with the present version and text where somebody else saved in between, and as ``edit_put``.
    """
    change = locked(edit.change, by, Role.AUTHOR, [edit.kind])
    check_open(change)
    check_text(text)
    fresh = change.edits.filter(pk=edit.pk).first()
    if fresh is None:
        raise StaleError("somebody else took the edit out of the change", version=change.version)
    values = fresh.data if data is None else dict(data)
    check_data(values)
    if (fresh.text, fresh.data) == (text, values):
        return fresh
    check_edit_version(fresh, expected_version)
    check_edit(
        change.account,
        kind=fresh.kind,
        target=fresh.target,
        name=fresh.name,
        other=fresh.other,
        text=text,
        data=values,
    )
    return edit_update(change, fresh, by, text, values)


@transaction.atomic
def edit_remove(*, edit: Edit, by: By, expected_version: int | None = None) -> None:
    """Take an edit out of its change; nothing happens where it is out already. Raises as ``edit_save`` does."""
    change = locked(edit.change, by, Role.AUTHOR, [edit.kind])
    check_open(change)
    fresh = change.edits.filter(pk=edit.pk).first()
    if fresh is None:
        return
    if expected_version is not None:
        check_edit_version(fresh, expected_version)
    details = _details(change, fresh) | {"before": _digest(fresh.text)}
    fresh.delete()
    written(change, by, edited=True)
    audit.record(
        actor=by, action="edit.removed", target=change.account.number, account=change.account.number, details=details
    )


def edit_create(
    change: Change, by: By, key: Mapping[str, str], text: str, data: dict[str, Any], **given: dict[str, Any] | None
) -> Edit:
    """A new edit of a locked change; its base is what stands there now, unless ``base`` is given."""
    now_there = present(change.account, key["kind"], key["target"], key["name"], key["other"])
    base = given.get("base", now_there)
    last = change.edits.aggregate(last=Max("position"))["last"] or 0
    now = timezone.now()
    edit = Edit.objects.create(
        change=change,
        position=last + 1,
        **key,
        text=text,
        data=data,
        base=base,
        created_at=now,
        updated_at=now,
        updated_by_name=audit.actor_name(by),
    )
    written(change, by, edited=True)
    details = _details(change, edit) | {"after": _digest(text)}
    audit.record(
        actor=by, action="edit.created", target=change.account.number, account=change.account.number, details=details
    )
    return edit


def edit_update(change: Change, edit: Edit, by: By, text: str, data: dict[str, Any]) -> Edit:
    """Write an edit of a locked change, whose version was looked at."""
    details = _details(change, edit) | {"before": _digest(edit.text), "after": _digest(text)}
    edit.text, edit.data = text, data
    edit.version += 1
    edit.updated_at, edit.updated_by_name = timezone.now(), audit.actor_name(by)
    edit.save()
    written(change, by, edited=True)
    edit.change = change
    audit.record(
        actor=by, action="edit.saved", target=change.account.number, account=change.account.number, details=details
    )
    return edit


def check_edit_version(edit: Edit, expected: int | None) -> None:
    """Raise ``StaleError`` with the edit as it is where its version is another one."""
    if expected != edit.version:
        raise StaleError(
            f"{edit.updated_by_name} wrote the edit in between: it is at version {edit.version}, "
            f"you saw {f'version {expected}' if expected else 'none'}",
            version=edit.version,
            edit=edit,
        )


def _details(change: Change, edit: Edit) -> dict[str, Any]:
    parts = {"kind": edit.kind, "target": edit.target, "name": edit.name, "other": edit.other}
    return {"change": change.number, "edit": edit.pk, **{key: value for key, value in parts.items() if value}}


def _digest(text: str) -> str:
    """The audit record tells which text, not the text: drafts are saved at every pause."""
    return hashlib.sha256(text.encode()).hexdigest()
