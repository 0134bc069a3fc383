"""Changes as the simulator sees them: what they decide differently, or did when they were published."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.selectors import edits_of, is_organization_kind
from policystudio.simulator.content_diff import SECONDS, DecisionDiff, Pair, compare_contents
from policystudio.simulator.decision_diff import accounts_below, decision_diff, with_hidden
from policystudio.simulator.past import NothingKnownError, content_at


def change_decisions(
    change: Change, *, visible: Iterable[Account] | None = None, seconds: float | None = SECONDS
) -> DecisionDiff:
    """What publishing the change would decide differently from what there is now; see ``decision_diff``.

    Of a published change: what it did decide differently from what there was until then.
    """
    moments = moments_of(change)
    if moments is None:
        return decision_diff(change.account, edits_of(change), visible=visible, seconds=seconds)
    is_above = any(is_organization_kind(edit.kind) for edit in edits_of(change))
    accounts = [change.account, *(accounts_below(change.account, visible or ()) if is_above else ())]
    try:
        pairs = [Pair(*(content_at(account, moment) for moment in moments)) for account in accounts]
    except NothingKnownError as error:
        return DecisionDiff(0, 0, problems=(str(error),))
    found = compare_contents(pairs, seconds=seconds)
    return with_hidden(found, change.account, accounts) if is_above else found


def moments_of(change: Change) -> tuple[datetime, datetime] | None:
    """The last moment before a change was published, and the first one with it; None of one that is not published."""
    if change.state != Change.State.PUBLISHED or change.published_at is None:
        return None
    return change.published_at - timedelta(microseconds=1), change.published_at
