"""Which content a question is about: what there is now, what there was at a moment, or what a change would make."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.selectors import change_get, edits_of, is_organization_kind
from policystudio.history.selectors import known_since_all
from policystudio.lib.said import Absent, Contrary
from policystudio.simulator.content import Content, Present, Source, kept, present_content
from policystudio.simulator.overlay import told, with_edits
from policystudio.simulator.past import NothingKnownError, content_at
from policystudio.simulator.question import Question, QuestionError


def source_for(account: Account, question: Question) -> Source:
    """What to read the account from. Raises ``QuestionError`` where there is no such moment or change to be asked."""
    if question.at is not None and question.change is not None:
        raise QuestionError([("at", Contrary("ask of a moment or of a change, not of both"))])
    if question.at is not None:
        return _past(account, question.at)
    return Present(account) if question.change is None else _draft(account, question.change)


class Sources:
    """What to read an account and others from, when their turn comes.

    Other accounts are as they were at the moment; a change brings its edits of the organization to them. ``numbers``
    are those that can be asked about, ``notes`` tells of the others. Raises ``QuestionError`` as ``source_for`` does.
    """

    def __init__(self, account: Account, question: Question, others: Iterable[Account]) -> None:
        self.account, self.question = account, question
        self._accounts = {one.number: one for one in others} | {account.number: account}
        self._found: dict[str, Source] = {account.number: source_for(account, question)}
        self._above = [] if question.change is None else _edits_above(account, question.change)
        unknown = [] if question.at is None else self._unknown(question.at)
        self.numbers = self._accounts.keys() - {one.number for one in unknown}
        self.notes = tuple(
            f"Nothing is known of {one.name} ({one.number}) at {question.at_written}." for one in unknown
        )

    def of(self, number: str) -> Source:
        """What to read one of the accounts from."""
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = self._read(self._accounts[number])
        return found

    def _read(self, other: Account) -> Source:
        if self.question.at is not None:
            return _past(other, self.question.at)
        if self._above and other.organization is not None and other.organization == self.account.organization:
            return with_edits(present_content(other), self._above).content
        return Present(other)

    def _unknown(self, at: datetime) -> list[Account]:
        """The other accounts of which nothing is known at the moment."""
        others = [one for number, one in sorted(self._accounts.items()) if number not in self._found]
        began = known_since_all(others)
        since = {one.pk: began.get(one.pk) or one.read_at for one in others}
        return [one for one in others if (first := since[one.pk]) is None or first > at]


def _edits_above(account: Account, number: int) -> list[Edit]:
    """The edits of a change that are about the whole organization."""
    return [edit for edit in edits_of(change_get(account, number)) if is_organization_kind(edit.kind)]


def _past(account: Account, at: datetime) -> Source:
    if at > timezone.now():
        # The end of this day is now; nothing is known of what comes.
        if at.date() > timezone.now().astimezone(at.tzinfo).date():
            raise QuestionError([("at", Absent("it is in the future: nothing is known of it yet"))])
        return Present(account)
    try:
        return content_at(account, at)
    except NothingKnownError as error:
        raise QuestionError([("at", Absent(str(error)))]) from None


def _draft(account: Account, number: int) -> Content:
    """The account as publishing the change now would make it."""
    try:
        change = change_get(account, number)
    except Change.DoesNotExist:
        raise QuestionError([("change", Absent(f"{account.name} has no change {number}"))]) from None
    if change.state == Change.State.PUBLISHED:
        said = f"change {number} is published already: what it made is what there is now"
        raise QuestionError([("change", Contrary(said))])
    base = present_content(account)
    organization = account.organization
    revision = organization.revision if organization else None
    key = ("draft", account.pk, account.revision, revision, change.pk, change.version)
    return kept.get(key, lambda: _applied(change, base))


def _applied(change: Change, base: Content) -> Content:
    result = with_edits(base, edits_of(change))
    if result.problems:
        said = f"not all of change {change.number} can be applied"
        raise QuestionError([("change", Contrary(f"{said}: {told(problem)}")) for problem in result.problems])
    return result.content
