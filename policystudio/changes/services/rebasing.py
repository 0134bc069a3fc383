"""Taking over what became of the base of an edit: merged where both sides fit together, else as its author decides."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from policystudio.accounts.models import Role
from policystudio.changes.models import Edit
from policystudio.changes.selectors import present
from policystudio.changes.services.checks import check_edit
from policystudio.changes.services.edits import check_edit_version, edit_update
from policystudio.changes.services.locking import By, StaleError, check_open, locked
from policystudio.engine.merge import Conflict, merge_policies, merge_values

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EditMerge:
    """An edit whose base moved: what stands there ``now``, and what comes of bringing both together.

    ``text`` and ``data`` are those of the edit after the merge, where ``is_possible``; otherwise ``conflicts`` says why
    not. ``digest`` is that of ``now``, so that nobody takes over what they did not see.
    """

    edit: Edit
    now: Json | None
    digest: str
    is_possible: bool
    text: str
    data: Json
    way: str = ""
    conflicts: tuple[Conflict, ...] = ()


def edit_merge(edit: Edit) -> EditMerge | None:
    """What became of the base of an edit, and of a merge; None where the base is what stands there."""
    now = present(edit.change.account, edit.kind, edit.target, edit.name, edit.other)
    if now == edit.base:
        return None
    digest = base_digest(now)
    failed = EditMerge(edit, now, digest, is_possible=False, text=edit.text, data=edit.data)
    if now is None or edit.base is None:
        return failed
    kind = edit.policy_kind
    if kind is not None and "text" in edit.base and "text" in now:
        merged = merge_policies(edit.base["text"], now["text"], edit.text, kind)
        text = edit.text if merged.text is None else merged.text
        possible = merged.text is not None
        return EditMerge(edit, now, digest, possible, text, edit.data, merged.way, merged.conflicts)
    if edit.kind == Edit.Kind.TAGS:
        return _of_tags(edit, now, digest)
    return failed


def _of_tags(edit: Edit, now: Json, digest: str) -> EditMerge:
    base, mine, theirs = (edit.base or {})["tags"], edit.data["tags"], now["tags"]
    tags, keys = merge_values(base, theirs, mine)
    conflicts = tuple(
        Conflict(f"the tag `{key}`", base.get(key, ""), theirs.get(key, ""), mine.get(key, "")) for key in keys
    )
    data = edit.data if conflicts else {**edit.data, "tags": tags}
    return EditMerge(edit, now, digest, not conflicts, "", data, "values", conflicts)


@transaction.atomic
def edit_rebase(
    *,
    edit: Edit,
    by: By,
    expected_version: int,
    seen: str,
    text: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Edit:
    """Let an edit be on the base of what stands there now, with another text or other data where they are given.

    ``seen`` is the digest of what stood there when that was decided. Raises ``StaleError`` where something else stands
    there by now, or somebody wrote the edit in between, and as ``edit_save`` does.
    """
    change = locked(edit.change, by, Role.AUTHOR, [edit.kind])
    check_open(change)
    fresh = change.edits.filter(pk=edit.pk).first()
    if fresh is None:
        raise StaleError("somebody else took the edit out of the change", version=change.version)
    check_edit_version(fresh, expected_version)
    now = present(change.account, fresh.kind, fresh.target, fresh.name, fresh.other)
    if base_digest(now) != seen:
        raise StaleError(
            "what stands there was changed again in between: look at it", version=fresh.version, edit=fresh
        )
    values = fresh.data if data is None else dict(data)
    written = fresh.text if text is None else text
    check_edit(
        change.account,
        kind=fresh.kind,
        target=fresh.target,
        name=fresh.name,
        other=fresh.other,
        text=written,
        data=values,
    )
    fresh.base = now
    return edit_update(change, fresh, by, written, values)


def base_digest(value: Json | None) -> str:
    """SHA-256 of what stands somewhere, as ``selectors.present`` tells it."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
