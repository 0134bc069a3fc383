"""What a change would decide differently if it were published: its edits, applied to what the accounts hold now."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from time import monotonic

from policystudio.accounts.models import Account
from policystudio.changes.selectors import is_organization_kind
from policystudio.simulator.content import present_content, read_organization
from policystudio.simulator.content_diff import SECONDS, DecisionDiff, Pair, compare_contents
from policystudio.simulator.overlay import EditLike, told, with_edits

_HIDDEN = "the change is about the whole organization: of its other accounts those were compared that you may see"


def decision_diff(
    account: Account,
    edits: Iterable[EditLike],
    *,
    visible: Iterable[Account] | None = None,
    seconds: float | None = SECONDS,
    clock: Callable[[], float] = monotonic,
) -> DecisionDiff:
    """Compare every identity that the edits touch, before and after them.

    Edits of the organization touch all accounts below; of these, those that are ``visible`` to whoever asks are
    compared (None: no others than the account). An edit that cannot be applied is among the ``problems``. No comparison
    is begun after ``seconds`` (None: whatever it takes); the answer tells who was left.
    """
    edits = list(edits)
    before = present_content(account)
    result = with_edits(before, edits)
    pairs = [Pair(before, result.content)]
    problems = [told(problem) for problem in result.problems]
    above = [edit for edit in edits if is_organization_kind(edit.kind)]
    if above and account.organization is not None:
        pairs += _others(account, above, visible or ())
    found = compare_contents(pairs, seconds=seconds, clock=clock)
    found = replace(found, problems=(*problems, *found.problems))
    return with_hidden(found, account, [pair.before.account for pair in pairs]) if above else found


def with_hidden(found: DecisionDiff, account: Account, compared: Sequence[Account]) -> DecisionDiff:
    """The answer about a change of the organization; it says so where not all accounts of it were compared."""
    organization = account.organization
    if organization is None or len(read_organization(organization.pk).accounts) == len(compared):
        return found
    return replace(found, problems=(*found.problems, _HIDDEN))


def accounts_below(account: Account, visible: Iterable[Account]) -> Iterator[Account]:
    """The other accounts of the account's organization, of those that may be seen."""
    if account.organization is not None:
        yield from (one for one in visible if one.pk != account.pk and one.organization == account.organization)


def _others(account: Account, edits: Sequence[EditLike], visible: Iterable[Account]) -> Iterable[Pair]:
    """The other accounts of the organization, with the edits that are about all of it."""
    for other in accounts_below(account, visible):
        before = present_content(other)
        yield Pair(before, with_edits(before, edits).content)
