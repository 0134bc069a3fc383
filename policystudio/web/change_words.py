"""Changes in words: the answer to whether one is safe, and to what waits for whom."""

from collections.abc import Sequence

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import EditProblem
from policystudio.web.change_edits import touched
from policystudio.web.words import count, listing, sentence

State = Change.State


def title_of(change: Change) -> str:
    """The question that the page of a change answers."""
    if change.state == State.PUBLISHED:
        return f"What did “{change.title}” change?"
    if change.state in (State.REJECTED, State.WITHDRAWN):
        return f"What would “{change.title}” have changed?"
    return f"Is “{change.title}” safe?"


def answer_of(change: Change, edits: Sequence[Edit], problems: Sequence[EditProblem]) -> str:
    """How far the change is, what it touches, and what is in its way."""
    what = f"{count(len(edits), 'edit')} of {touched(edits)}" if edits else "no edits yet"
    if change.state == State.PUBLISHED:
        return f"Published by {change.published_by_name}: {what}."
    if change.state == State.REJECTED:
        return f"It was rejected: {what}. Its author can reopen it and make it better."
    if change.state == State.WITHDRAWN:
        return f"It was withdrawn: {what}. It can be reopened."
    said = {
        State.DRAFT: f"A draft by {change.author_name}: {what}.",
        State.PROPOSED: f"Proposed by {change.author_name}: {what}.",
        State.APPROVED: f"Approved, and not published yet: {what}.",
    }[State(change.state)]
    return f"{said} {_in_the_way(change, edits, problems)}"


def _in_the_way(change: Change, edits: Sequence[Edit], problems: Sequence[EditProblem]) -> str:
    if not edits:
        return "Add one on the page of what it changes."
    if problems:
        number = count(len(problems), "thing")
        return f"{number.capitalize()} {'is' if len(problems) == 1 else 'are'} in its way: see below."
    return {
        State.DRAFT: "Nothing is in its way: it can be proposed.",
        State.PROPOSED: "Nothing is in its way: an approver decides.",
        State.APPROVED: "Nothing is in its way: an approver can publish it.",
    }[State(change.state)]


def of_changes(account: Account, total: int, waiting: int) -> str:
    """How many changes there are, and how many wait for the reader."""
    if not total:
        return f"None yet: {account.name} is as it was read from AWS."
    waits = "none waits" if not waiting else "one waits" if waiting == 1 else f"{waiting:,} wait"
    return sentence(f"{count(total, 'change')}; {waits} for you")


def in_overview(drafts: int, proposed: int, approved: int) -> str:
    """What is under way in an account: `2 drafts, 1 proposed and 1 approved`; "" where nothing is."""
    parts = [count(drafts, "draft")] if drafts else []
    parts += [f"{proposed} proposed"] if proposed else []
    parts += [f"{approved} approved"] if approved else []
    return listing(parts)
