"""A principal's recorded use of SageMaker against what its policies grant: the least policy, and what is beyond it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from policystudio.accounts.models import Account
from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Comparison, Effective
from policystudio.engine.request import NamedPolicy
from policystudio.simulator.content import Present
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.stacks import Bearer, SubjectReader, bearers
from policystudio.simulator.usage.events import Records, UsageError
from policystudio.simulator.usage.names import Narrowing
from policystudio.simulator.usage.permissions import SERVICE, Needs, needs_of, principals_of
from policystudio.simulator.usage.proposal import Proposal, propose

#: The name of the proposed policy where the engine needs one.
NAME = "proposed"


@dataclass(frozen=True)
class Use:
    """What one principal did, and the policy for it.

    ``principals`` are all callers of SageMaker in the records, of this account, with their numbers of calls.
    ``refused`` counts calls that IAM refused, by action; they are left out unless asked for. ``unknown`` counts calls
    whose action is not known. ``others`` counts calls of other services, which are not looked at. ``comparison`` goes
    from the present policies to the proposed one: what it newly denies is what the present ones grant beyond the use;
    None where the principal is not stored or nothing is proposed.
    """

    principal: str
    principals: dict[str, int]
    calls: int
    first: str
    last: str
    proposal: Proposal | None
    refused: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    others: int = 0
    unclear: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    stored: int | None = None
    comparison: Comparison | None = None


def use_of(
    account: Account,
    records: Records,
    *,
    principal: str = "",
    narrowing: Narrowing = Narrowing.AUTO,
    with_refused: bool = False,
) -> Use:
    """What a principal of the account used, by default the one that called most. Raises ``UsageError``."""
    principals = {arn: number for arn, number in principals_of(records.events).items() if _is_of(account, arn)}
    if not principals:
        known = f"there are {len(records.events):,} events" if records.events else "there is no event"
        raise UsageError(f"{known}, but no call of SageMaker by a user or role of account {account.number}")
    chosen = principal or next(iter(principals))
    if chosen not in principals:
        raise UsageError(f"`{chosen}` made no call of SageMaker in these events; {', '.join(list(principals)[:5])} did")
    events = [event for event in records.events if event.principal == chosen]
    refused = Counter(f"{event.service}:{event.name}" for event in events if event.refused)
    counted = [event for event in events if with_refused or not event.refused]
    needs = [(event, needs_of(event, account.partition, account.number)) for event in counted]
    found = [one for _, one in needs if one is not None]
    missed = [event for event, one in needs if one is None]
    times = sorted(event.time for event in events if event.time)
    proposal = propose(found, narrowing)
    stored, comparison = _beyond(account, chosen, proposal)
    return Use(
        principal=chosen,
        principals=principals,
        calls=len(counted),
        first=times[0] if times else "",
        last=times[-1] if times else "",
        proposal=proposal,
        refused=dict(refused.most_common()),
        unknown=dict(Counter(event.name for event in missed if event.service == SERVICE).most_common()),
        others=sum(1 for event in missed if event.service != SERVICE),
        unclear=_unclear(found),
        problems=records.problems,
        stored=stored,
        comparison=comparison,
    )


def _is_of(account: Account, arn: str) -> bool:
    return arn.split(":")[4:5] == [account.number]


def _unclear(found: Sequence[Needs]) -> tuple[str, ...]:
    """What cannot be told from the records, with the calls that it is about; each sentence once."""
    said: dict[str, Counter[str]] = {}
    for one in found:
        for sentence in one.unclear:
            said.setdefault(sentence, Counter())[one.event.name] += 1
    return tuple(f"{', '.join(names)}: {sentence}" for sentence, names in said.items())


def _beyond(account: Account, arn: str, proposal: Proposal | None) -> tuple[int | None, Comparison | None]:
    """The principal's row, and its policies against the proposed one in their place; both under the same limits."""
    found = bearers(account, IdentityFilter(arns=(arn,)))
    if not found:
        found = _by_session(account, arn)
    if not found or proposal is None:
        return (found[0].id if found else None), None
    reader = SubjectReader(Present(account))
    subject = reader.subjects(found[:1])[0]
    unreadable = (*subject.row.unreadable_identity, *subject.row.unreadable_around)
    if unreadable:
        said = f"policy documents that could not be read: {', '.join(unreadable)}"
        return found[0].id, Comparison(None, None, undecided=said)
    after = replace(subject.row.stack, identity_policies=(NamedPolicy(NAME, proposal.policy),))
    principal = reader.principal(subject.bearer)
    # The proposal reads nothing of a session, so that what is known with the present policies holds for both.
    sides = (Effective(stack, subject.row.facts, principal) for stack in (subject.row.stack, after))
    return found[0].id, compare(*sides)


def _by_session(account: Account, arn: str) -> list[Bearer]:
    """The role that a session's ARN stands for: AWS leaves the path of a role out of it."""
    start, _, name = arn.rpartition("/")
    if not start.endswith(":role"):
        return []
    roles = bearers(account, IdentityFilter(kinds=frozenset({"role"}), name=name))
    return [one for one in roles if one.name == name]
