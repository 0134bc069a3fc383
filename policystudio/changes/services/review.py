"""The steps of a change between draft and approval, and what is said about it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit import services as audit
from policystudio.changes.models import Change, Comment
from policystudio.changes.selectors import edits_of
from policystudio.changes.services.checks import EditError
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

State = Change.State
COMMENT = 20_000


@transaction.atomic
def change_propose(*, change: Change, by: By, expected_version: int | None = None, comment: str = "") -> Change:
    """Ask for the approval of a draft.

    Raises ``ChangeRefusedError`` with every problem where it could not be published as it is: a text that does not
    parse, an edit that cannot be applied, a quota. Raises ``StaleError``, ``ChangeStateError``, ``PermissionDenied``.
    """
    change = _step(change, by, Role.AUTHOR, expected_version, (State.DRAFT,), "proposed")
    problems = plan(change.account, edits_of(change)).problems
    if problems:
        raise ChangeRefusedError(problems)
    change.proposed_at = timezone.now()
    return _take(change, by, State.PROPOSED, comment)


@transaction.atomic
def change_approve(*, change: Change, by: By, expected_version: int | None = None, comment: str = "") -> Change:
    """Approve the edits of a proposed change exactly as they are.

    Raises ``PermissionDenied`` where ``by`` is no approver, or wrote an edit of it and the account asks for two people.
    """
    change = _step(change, by, Role.APPROVER, expected_version, (State.PROPOSED,), "approved")
    if by is not None and second_person_missing(change, by.pk):
        raise PermissionDenied(
            f"you wrote an edit of this change, and {change.account.name} asks for a second person: "
            "another approver has to look at it"
        )
    change.approved_digest = content_digest(change.edits.all())
    return _take(change, by, State.APPROVED, comment)


@transaction.atomic
def change_reject(*, change: Change, by: By, expected_version: int | None = None, comment: str) -> Change:
    """Send a change back to who wrote it, with the reason."""
    if not comment.strip():
        raise EditError("comment: say what has to be different, so that its author can go on")
    states = (State.PROPOSED, State.APPROVED)
    change = _step(change, by, Role.APPROVER, expected_version, states, "rejected")
    change.approved_digest = ""
    return _take(change, by, State.REJECTED, comment)


@transaction.atomic
def change_withdraw(*, change: Change, by: By, expected_version: int | None = None, comment: str = "") -> Change:
    """Put a change aside: it stays to be read, and can be reopened."""
    states = (State.DRAFT, State.PROPOSED, State.APPROVED, State.REJECTED)
    change = _step(change, by, Role.AUTHOR, expected_version, states, "withdrawn")
    change.approved_digest = ""
    return _take(change, by, State.WITHDRAWN, comment)


@transaction.atomic
def change_reopen(*, change: Change, by: By, expected_version: int | None = None, comment: str = "") -> Change:
    """Make a change a draft again, so that it can be edited; an approval of it does not count any more."""
    states = (State.PROPOSED, State.APPROVED, State.REJECTED, State.WITHDRAWN)
    change = _step(change, by, Role.AUTHOR, expected_version, states, "reopened")
    change.approved_digest = ""
    return _take(change, by, State.DRAFT, comment)


@transaction.atomic
def comment_add(*, change: Change, by: By, text: str) -> Comment:
    """Say something about a change; all members of the account may. Raises ``EditError`` where nothing is said."""
    require(by, change.account, Role.VIEWER)
    text = checked_comment(text)
    if not text:
        raise EditError("comment: write something")
    comment = said(change, by, Comment.Kind.COMMENT, text)
    details = {"change": change.number, "comment": text}
    audit.record(
        actor=by,
        action="change.commented",
        target=change.account.number,
        account=change.account.number,
        details=details,
    )
    return comment


def second_person_missing(change: Change, pk: int) -> bool:
    """Whether the account asks for a second person, and the one with this key wrote an edit or began the change."""
    if not change.account.needs_second_person:
        return False
    return change.author_id == pk or change.writers.filter(pk=pk).exists()


def checked_comment(text: str) -> str:
    """A comment without space around it; raises ``EditError`` where it cannot be kept."""
    if len(text) > COMMENT or "\0" in text:
        raise EditError(f"comment: write at most {COMMENT:,} characters, without NUL")
    return text.strip()


def _step(
    change: Change, by: By, role: Role, expected_version: int | None, states: tuple[State, ...], done: str
) -> Change:
    """The change, locked, where it is in one of the states and ``by`` has the role for all of its edits."""
    change = locked(change, by, role)
    require(by, change.account, role, change.edits.values_list("kind", flat=True))
    check_version(change, expected_version)
    if change.state not in states:
        ready = " or ".join(states)
        raise ChangeStateError(f"the change is {change.get_state_display()}: only one that is {ready} can be {done}")
    return change


def _take(change: Change, by: By, state: State, comment: str) -> Change:
    before, change.state = change.state, state
    kind = Comment.Kind.REOPENED if state == State.DRAFT else Comment.Kind(state)
    said(change, by, kind, checked_comment(comment))
    change.save(update_fields=["state", "approved_digest", "proposed_at"])
    written(change, by, edited=False)
    details = {"change": change.number, "title": change.title, "before": before, "after": state, "comment": comment}
    action = "change.reopened" if state == State.DRAFT else f"change.{state}"
    audit.record(actor=by, action=action, target=change.account.number, account=change.account.number, details=details)
    return change
