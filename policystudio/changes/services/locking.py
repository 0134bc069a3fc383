"""What every write of a change begins and ends with: roles, the lock, versions, and the digest of its edits."""

import hashlib
import json
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.audit.services import actor_name
from policystudio.changes.models import OPEN_STATES, Change, Comment, Edit
from policystudio.changes.selectors import is_organization_kind

By = AbstractBaseUser | None


class ChangeStateError(ValueError):
    """A change is not in a state in which this can be done to it; the text says which, and what to do."""


class StaleError(ValueError):
    """Somebody else wrote in between. ``version`` is the present one, ``text`` what stands there now.

    ``edit`` is the edit as it is now; None where the whole change is meant, or where the edit was removed.
    """

    def __init__(self, message: str, *, version: int, edit: Edit | None = None) -> None:
        self.version = version
        self.edit = edit
        self.text = edit.text if edit else ""
        super().__init__(message)


def require(by: By, account: Account, role: Role, kinds: Iterable[str] = ()) -> None:
    """Raise ``PermissionDenied`` where ``by`` lacks the role: in the account, and in every account of its organization
    where one of the ``kinds`` of edit is about the organization. None is the command line, which may everything."""
    if by is None:
        return
    if not accounts.may(by, account, role):
        raise PermissionDenied(f"this needs the role {role.label} in {account.name}")
    if not any(is_organization_kind(kind) for kind in kinds):
        return
    held = accounts.roles_of(by)
    for other in Account.objects.filter(unit__organization=account.organization).order_by("name"):
        if other.pk not in held or not held[other.pk].covers(role):
            number = other.number if other.pk in held else "another account"
            raise PermissionDenied(
                f"organization policies bear on every account of the organization: this needs the role {role.label} "
                f"in {number} too"
            )


def locked(change: Change, by: By, role: Role, kinds: Iterable[str] = ()) -> Change:
    """The change as it stands, locked until the end of the transaction, where ``by`` has the role."""
    found = Change.objects.select_for_update(of=("self",)).select_related("account__unit__organization")
    fresh = found.get(pk=change.pk)
    require(by, fresh.account, role, kinds)
    return fresh


def check_version(change: Change, expected: int | None) -> None:
    """Raise ``StaleError`` where the change was written since its version was read; None does not ask."""
    if expected is not None and expected != change.version:
        raise StaleError(
            f"the change was written by somebody else in between: it is at version {change.version}, "
            f"you saw version {expected}",
            version=change.version,
        )


def check_open(change: Change) -> None:
    """Raise ``ChangeStateError`` where nothing of the change can be edited any more."""
    if change.state not in OPEN_STATES:
        hint = "roll it back, or begin a new change" if change.state == Change.State.PUBLISHED else "reopen it first"
        raise ChangeStateError(f"the change is {change.get_state_display()}: {hint}")


def written(change: Change, by: By, *, edited: bool) -> None:
    """Count the version of a locked change up. Where its edits were, what was proposed or approved is draft again."""
    change.updated_at = timezone.now()
    fields = ["updated_at", "version"]
    change.version += 1
    if edited:
        if by is not None:
            change.writers.add(by.pk)
        if change.state != Change.State.DRAFT:
            change.state, change.approved_digest = Change.State.DRAFT, ""
            fields += ["state", "approved_digest"]
            said(change, by, Comment.Kind.REOPENED, "An edit was written.")
    change.save(update_fields=fields)


def said(change: Change, by: By, kind: str, text: str) -> Comment:
    """Keep what was said or done, with the digest of the edits as they are."""
    author_id = by.pk if by is not None else None
    return Comment.objects.create(
        change=change,
        kind=kind,
        author_id=author_id,
        author_name=actor_name(by),
        text=text,
        digest=content_digest(change.edits.all()),
        at=timezone.now(),
    )


def content_digest(edits: Iterable[Edit]) -> str:
    """SHA-256 over what edits do and on what base: an approval is of exactly one of these."""
    content = sorted(
        json.dumps([edit.kind, edit.target, edit.name, edit.other, edit.text, edit.data, edit.base], sort_keys=True)
        for edit in edits
    )
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
