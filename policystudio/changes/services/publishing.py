"""Publishing: what was approved becomes what the account holds, all of it in one transaction or nothing."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.accounts.services import content_changed
from policystudio.audit import services as audit
from policystudio.changes.models import Change, Comment, Edit
from policystudio.changes.selectors import edits_of, is_organization_kind
from policystudio.changes.services.locking import (
    By,
    ChangeStateError,
    check_version,
    content_digest,
    locked,
    require,
    said,
    written,
)
from policystudio.changes.services.planning import ChangeRefusedError, plan
from policystudio.changes.services.recording import record_after, record_before
from policystudio.changes.services.review import checked_comment, second_person_missing
from policystudio.changes.services.states import Shelf, World
from policystudio.changes.services.templates import remember_templates
from policystudio.changes.services.writing import Writer
from policystudio.lib.locks import lock_until_commit

State = Change.State


@transaction.atomic
def change_publish(*, change: Change, by: By, expected_version: int | None = None, comment: str = "") -> Change:
    """Make the account, and its organization, hold what an approved change says.

    Raises ``ChangeRefusedError`` with every problem where an edit cannot be applied any more: what it was begun on was
    changed in between, something that it names is gone, a quota. Raises ``StaleError``, ``ChangeStateError`` where it
    is not approved, or not as it is now, and ``PermissionDenied``.
    """
    lock_until_commit("account import")  # nothing else writes accounts meanwhile
    change = locked(change, by, Role.APPROVER)
    edits = list(edits_of(change))
    require(by, change.account, Role.APPROVER, [edit.kind for edit in edits])
    check_version(change, expected_version)
    _check_approved(change, edits)
    planned = plan(change.account, edits)
    if planned.problems:
        raise ChangeRefusedError(planned.problems)
    now = timezone.now()
    record_before(change.account, edits, now)
    writer = Writer(planned.world, now)
    writer.write()
    record_after(planned.world, edits, now)
    _keep_outcomes(edits, writer.outcomes)
    # The account is written before the audit record, as everybody does who writes both: so nobody waits in a circle.
    _tell_who_depends(change.account, edits)
    remember_templates(change, edits, by, now)
    _publish(change, by, now, comment)
    details = {"change": change.number, "title": change.title, **_before_and_after(planned.world)}
    audit.record(
        actor=by,
        action="change.published",
        target=change.account.number,
        account=change.account.number,
        details=details,
        at=now,
    )
    return change


def _check_approved(change: Change, edits: list[Edit]) -> None:
    if change.state != State.APPROVED:
        raise ChangeStateError(f"the change is {change.get_state_display()}: only one that is approved is published")
    if change.approved_digest != content_digest(edits):
        raise ChangeStateError("its edits are not those that were approved: reopen it, and have it approved again")
    approval = change.comments.filter(kind=Comment.Kind.APPROVED).order_by("pk").last()
    if approval is not None and approval.author_id and second_person_missing(change, approval.author_id):
        raise ChangeStateError(
            f"{approval.author_name} approved it and wrote an edit of it, and {change.account.name} asks for a second "
            "person: have another approver look at it"
        )


def _publish(change: Change, by: By, now: datetime, comment: str) -> None:
    change.state, change.published_at, change.published_by_name = State.PUBLISHED, now, audit.actor_name(by)
    change.save(update_fields=["state", "published_at", "published_by_name"])
    said(change, by, Comment.Kind.PUBLISHED, checked_comment(comment))
    written(change, by, edited=False)


def _keep_outcomes(edits: Iterable[Edit], outcomes: dict[str, dict[str, Any]]) -> None:
    for edit in edits:
        if edit.target in outcomes and edit.kind in (Edit.Kind.MANAGED_POLICY, Edit.Kind.ORGANIZATION_POLICY):
            edit.outcome = outcomes[edit.target]
            edit.save(update_fields=["outcome"])


def _tell_who_depends(account: Account, edits: list[Edit]) -> None:
    """A new revision for whatever holds something else now."""
    if any(not is_organization_kind(edit.kind) for edit in edits):
        content_changed(account)
    if account.organization is not None and any(is_organization_kind(edit.kind) for edit in edits):
        content_changed(account.organization)
        for other in Account.objects.filter(unit__organization=account.organization):
            content_changed(other)


def _before_and_after(world: World) -> dict[str, dict[str, Any]]:
    """Everything that was changed, by ARN or id, as it stood and as it stands."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    shelves: tuple[Shelf[Any], ...] = (world.identities, world.policies, world.organization_policies)
    for shelf in shelves:
        for key, was, now in shelf.changed():
            before[key], after[key] = _as_json(was), _as_json(now)
    return {"before": before, "after": after}


def _as_json(state: Any) -> dict[str, Any] | None:
    if state is None:
        return None
    return {name: sorted(value) if isinstance(value, set) else value for name, value in asdict(state).items()}
