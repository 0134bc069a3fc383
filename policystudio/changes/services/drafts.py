"""Drafts: a new change, its title, and the first edit of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.changes.models import Change, Edit
from policystudio.changes.services.checks import EditError
from policystudio.changes.services.edits import edit_put
from policystudio.changes.services.locking import By, StaleError, check_open, check_version, locked, require, written
from policystudio.lib.locks import lock_until_commit

TITLE = 200
DESCRIPTION = 20_000


@transaction.atomic
def change_create(
    *, account: Account, by: By, title: str, description: str = "", reverts: Change | None = None
) -> Change:
    """A new draft of the account, with the next number there.

    Raises ``PermissionDenied`` where ``by`` is no author of the account, ``EditError`` where the title cannot be one.
    """
    require(by, account, Role.AUTHOR)
    title, description = checked_title(title), checked_description(description)
    lock_until_commit(f"changes of {account.number}")
    last = Change.objects.filter(account=account).aggregate(last=Max("number"))["last"] or 0
    now = timezone.now()
    change = Change.objects.create(
        account=account,
        number=last + 1,
        title=title,
        description=description,
        author_id=by.pk if by is not None else None,
        author_name=audit.actor_name(by),
        reverts=reverts,
        created_at=now,
        updated_at=now,
    )
    details = {"number": change.number, "title": title, "reverts": reverts.number if reverts else None}
    audit.record(actor=by, action="change.created", target=account.number, account=account.number, details=details)
    return change


@transaction.atomic
def change_draft(
    *, account: Account, by: By, title: str, description: str = "", edits: Sequence[Mapping[str, Any]]
) -> Change:
    """A new draft with these edits, each as ``edit_put`` takes it: all of them, or nothing.

    Raises as ``edit_put`` does; the text of an ``EditError`` then begins with the place among the edits.
    """
    change = change_create(account=account, by=by, title=title, description=description)
    for index, values in enumerate(edits):
        try:
            edit_put(change=change, by=by, expected_version=None, **values)
        except EditError as error:
            raise EditError(f"edits[{index}].{error}") from None
        except StaleError:
            raise EditError(f"edits[{index}].target: an edit before says something else of the same") from None
    change.refresh_from_db()
    return change


@transaction.atomic
def change_update(*, change: Change, by: By, expected_version: int | None, title: str, description: str = "") -> Change:
    """Give a change that is open another title and description. Raises ``StaleError`` and ``ChangeStateError``."""
    title, description = checked_title(title), checked_description(description)
    change = locked(change, by, Role.AUTHOR)
    check_version(change, expected_version)
    check_open(change)
    if (change.title, change.description) == (title, description):
        return change
    details = {"number": change.number, "before": change.title, "after": title}
    change.title, change.description = title, description
    change.save(update_fields=["title", "description"])
    written(change, by, edited=False)
    audit.record(
        actor=by,
        action="change.described",
        target=change.account.number,
        account=change.account.number,
        details=details,
    )
    return change


@transaction.atomic
def change_begin(
    *,
    account: Account,
    by: By,
    title: str,
    kind: str,
    target: str,
    name: str = "",
    other: str = "",
    text: str = "",
    data: Mapping[str, Any] | None = None,
    change: Change | None = None,
) -> Edit:
    """Put an edit into ``change``, or into a new draft called ``title``; answers with the edit.

    Raises as ``edit_put`` does: where the change has this edit already, and it says something else, ``StaleError``.
    """
    change = change or change_create(account=account, by=by, title=title)
    return edit_put(
        change=change,
        by=by,
        expected_version=None,
        kind=kind,
        target=target,
        name=name,
        other=other,
        text=text,
        data=data,
    )


def checked_title(title: str) -> str:
    """A title as one line; raises ``EditError`` where it cannot be one."""
    line = " ".join(title.split())
    if not line or len(line) > TITLE or not line.isprintable():
        raise EditError(f"title: write one line of 1 to {TITLE} characters that says what the change is for")
    return line


def checked_description(description: str) -> str:
    """A description without space around it; raises ``EditError`` where it cannot be one."""
    if len(description) > DESCRIPTION or "\0" in description:
        raise EditError(f"description: write at most {DESCRIPTION:,} characters, without NUL")
    return description.strip()
