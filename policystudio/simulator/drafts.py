"""Changes as the simulator sees them: what an account would be with one of them, and what that decides differently."""

from collections.abc import Iterable

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.selectors import edits_of
from policystudio.simulator.content_diff import SECONDS, DecisionDiff
from policystudio.simulator.decision_diff import decision_diff


def change_decisions(
    change: Change, *, visible: Iterable[Account] | None = None, seconds: float | None = SECONDS
) -> DecisionDiff:
    """What publishing the change would decide differently from what there is now; see ``decision_diff``."""
    return decision_diff(change.account, edits_of(change), visible=visible, seconds=seconds)
