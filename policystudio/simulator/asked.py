"""Which content a question is about: what there is now, what there was at a moment, or what a change would make."""

from datetime import datetime

from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.selectors import change_get, edits_of
from policystudio.simulator.content import Content, Present, Source, kept, present_content
from policystudio.simulator.overlay import told, with_edits
from policystudio.simulator.past import NothingKnownError, content_at
from policystudio.simulator.question import Question, QuestionError


def source_for(account: Account, question: Question) -> Source:
    """What to read the account from. Raises ``QuestionError`` where there is no such moment or change to be asked."""
    if question.at is not None and question.change is not None:
        raise QuestionError([("at", "ask of a moment or of a change, not of both")])
    if question.at is not None:
        return _past(account, question.at)
    return Present(account) if question.change is None else _draft(account, question.change)


def _past(account: Account, at: datetime) -> Source:
    if at > timezone.now():
        # The end of this day is now; nothing is known of what comes.
        if at.date() > timezone.now().astimezone(at.tzinfo).date():
            raise QuestionError([("at", "it is in the future: nothing is known of it yet")])
        return Present(account)
    try:
        return content_at(account, at)
    except NothingKnownError as error:
        raise QuestionError([("at", str(error))]) from None


def _draft(account: Account, number: int) -> Content:
    """The account as publishing the change now would make it."""
    try:
        change = change_get(account, number)
    except Change.DoesNotExist:
        raise QuestionError([("change", f"{account.name} has no change {number}")]) from None
    if change.state == Change.State.PUBLISHED:
        said = f"change {number} is published already: what it made is what there is now"
        raise QuestionError([("change", said)])
    base = present_content(account)
    organization = account.organization
    revision = organization.revision if organization else None
    key = ("draft", account.pk, account.revision, revision, change.pk, change.version)
    return kept.get(key, lambda: _applied(change, base))


def _applied(change: Change, base: Content) -> Content:
    result = with_edits(base, edits_of(change))
    if result.problems:
        said = f"not all of change {change.number} can be applied"
        raise QuestionError([("change", f"{said}: {told(problem)}") for problem in result.problems])
    return result.content
