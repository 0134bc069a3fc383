"""Are the expectations of an account kept? In its present content, in that of a change, or of a date."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from time import monotonic

from policystudio.changes.models import Expectation
from policystudio.engine.analyse.compare import access_granted, access_not_granted
from policystudio.engine.analyse.comparison import Effective, Granted, Witness
from policystudio.engine.authorize import TRUST_ACTIONS
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.simulator.concrete import tags_of, with_facts_of
from policystudio.simulator.content import Source
from policystudio.simulator.question import IdentityFilter
from policystudio.simulator.stacks import Bearer, Subject, SubjectReader, bearers

#: No identity is looked at any more after so many seconds; what is left is undecided.
SECONDS = 20.0
_OUT_OF_TIME = "the time for looking at all identities was over"
#: A prefix that every key has: what is not known is absent.
_EVERY_KEY = ("",)
_PEOPLE = frozenset({"user", "role"})


class Kept(StrEnum):
    """Whether an expectation is kept."""

    KEPT = "kept"
    BROKEN = "broken"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Breach:
    """An identity for which an expectation is broken or undecided; ``witness`` is a request that shows it."""

    arn: str
    name: str
    state: Kept
    witness: Witness | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an expectation. ``identities`` is how many it is of; ``note`` says so where there is none."""

    expectation: Expectation
    state: Kept
    identities: int
    breaches: tuple[Breach, ...] = ()
    note: str = ""


def check(
    source: Source, expectations: Iterable[Expectation], clock: Callable[[], float] = monotonic
) -> tuple[Outcome, ...]:
    """Whether each expectation is kept in this content of its account, for about ``SECONDS``."""
    checker = _Checker(source, clock)
    return tuple(checker.outcome(expectation) for expectation in expectations)


def worst(outcomes: Iterable[Outcome]) -> Kept:
    """Broken counts before undecided, undecided before kept."""
    states = {outcome.state for outcome in outcomes}
    return next((state for state in (Kept.BROKEN, Kept.UNDECIDED) if state in states), Kept.KEPT)


class _Checker:
    def __init__(self, source: Source, clock: Callable[[], float]) -> None:
        self.source = source
        self.clock = clock
        self.end = clock() + SECONDS

    def outcome(self, expectation: Expectation) -> Outcome:
        rows = self._rows(expectation)
        if not rows:
            return _of_nobody(expectation)
        reader = SubjectReader(self.source, self._context(expectation))
        trust = self._trust(expectation)
        breaches = []
        for row in rows:
            if self.clock() > self.end:
                breaches.append(Breach(row.arn, _name(row), Kept.UNDECIDED, why=_OUT_OF_TIME))
                continue
            breach = self._breach(expectation, reader, row, trust)
            breaches += [breach] if breach else []
        states = {breach.state for breach in breaches}
        state = Kept.BROKEN if Kept.BROKEN in states else Kept.UNDECIDED if states else Kept.KEPT
        return Outcome(expectation, state, len(rows), tuple(breaches))

    def _rows(self, expectation: Expectation) -> list[Bearer]:
        if expectation.identity:
            return bearers(self.source, IdentityFilter(arns=(expectation.identity,)))
        wanted = IdentityFilter(kinds=_PEOPLE, tag_key=expectation.tag_key, tag_value=expectation.tag_value)
        return bearers(self.source, wanted)

    def _context(self, expectation: Expectation) -> dict[str, tuple[str, ...]]:
        """What is known of the requests: as it is written, and for one resource its tags and its Region."""
        given = {key: tuple(values) for key, values in expectation.context.items()}
        resource = expectation.resource
        if set(resource) & set("*?"):
            return given
        tags: Mapping[str, str] = tags_of(self.source.account, [resource]).get(resource, {})
        return with_facts_of(resource, tags, given)

    def _trust(self, expectation: Expectation) -> NamedPolicy | str | None:
        """The trust policy that decides with; a text where it could not be read; None where none does."""
        if expectation.action.lower() not in TRUST_ACTIONS:
            return None
        roles = bearers(self.source, IdentityFilter(kinds=frozenset({"role"}), arns=(expectation.resource,)))
        if not roles:
            return None
        digest = roles[0].trust_digest or ""
        policy = self.source.documents([digest]).get(digest)
        return (
            f"the trust policy of {roles[0].name} could not be read"
            if policy is None
            else NamedPolicy("trust policy", policy, roles[0].arn)
        )

    def _breach(
        self, expectation: Expectation, reader: SubjectReader, row: Bearer, trust: NamedPolicy | str | None
    ) -> Breach | None:
        """What is wrong for one identity; None where the expectation is kept."""
        subject = reader.subjects([row])[0]
        unreadable = (*subject.row.unreadable_identity, *subject.row.unreadable_around)
        if unreadable:
            why = f"policy documents that could not be read: {', '.join(unreadable)}"
            return Breach(row.arn, _name(row), Kept.UNDECIDED, why=why)
        if isinstance(trust, str):
            return Breach(row.arn, _name(row), Kept.UNDECIDED, why=trust)
        stack = subject.row.stack if trust is None else replace(subject.row.stack, resource_policy=trust)
        must = expectation.demand == Expectation.Demand.MUST
        found = _granted(expectation, reader, subject, stack, must=must)
        if found.granted is None:
            return Breach(row.arn, _name(row), Kept.UNDECIDED, why=found.undecided)
        return None if found.granted is must else Breach(row.arn, _name(row), Kept.BROKEN, found.witness)


def _granted(
    expectation: Expectation, reader: SubjectReader, subject: Subject, stack: PolicyStack, *, must: bool
) -> Granted:
    """Whether it is granted throughout (must: with nothing in the requests besides what is known), or at all."""
    facts = subject.row.facts
    if must:
        facts = replace(facts, closed_prefixes=_EVERY_KEY)
    effective = Effective(stack, facts, reader.principal(subject.bearer))
    asked: tuple[Sequence[str], Sequence[str]] = [expectation.action], [expectation.resource]
    return access_granted(effective, *asked) if must else access_not_granted(effective, *asked)


def _of_nobody(expectation: Expectation) -> Outcome:
    """An identity that is not there can do nothing; a tag that nobody has asks for nothing."""
    if not expectation.identity:
        return Outcome(expectation, Kept.KEPT, 0, note="no user or role has this tag")
    note = "there is no such identity"
    if expectation.demand == Expectation.Demand.NEVER:
        return Outcome(expectation, Kept.KEPT, 0, note=note)
    name = expectation.identity.split(":", 5)[-1]
    return Outcome(expectation, Kept.BROKEN, 0, (Breach(expectation.identity, name, Kept.BROKEN, why=note),), note)


def _name(row: Bearer) -> str:
    return "the root user" if row.kind == "root" else f"{row.kind}/{row.name}"
