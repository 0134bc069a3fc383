"""What a change of an account's content decides differently, for everybody whom it touches, with a request for each.

Identities that the change cannot tell apart are compared once. Nothing is sampled: what was not compared is said.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import monotonic

from policystudio.accounts.models import Account
from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Witness
from policystudio.engine.analyse.many import Many
from policystudio.engine.analyse.settled import with_common_keys
from policystudio.engine.analyse.told import Part, claims_of
from policystudio.engine.analyse.trust import Entrance, compare_trust
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.matrix.rows import RowInput
from policystudio.simulator.cell_letters import CellLetters
from policystudio.simulator.content import Content
from policystudio.simulator.plain import Bearer
from policystudio.simulator.stacks import Subject, SubjectReader
from policystudio.simulator.surroundings import Surroundings
from policystudio.simulator.touched import Touched, touched
from policystudio.simulator.what_if import CellChange

#: No new comparison is begun after so many seconds.
SECONDS = 5.0
_RCP_LEFT = (
    "resource control policies change: AWS applies them to no action of SageMaker, so none of those is decided "
    "differently. Who can assume roles is compared. What they allow of S3, KMS and the other services that they reach "
    "was not compared"
)


@dataclass(frozen=True)
class Group:
    """Identities of one account for which the same changes. ``standing`` is ``kept``, ``new`` or ``removed``.

    ``parts`` say what changes; the requests are put together when they are asked for, from ``evidence``.
    """

    account: Account
    bearers: tuple[Bearer, ...]
    standing: str
    parts: tuple[Part, ...]
    evidence: Callable[[], "Evidence"] = field(repr=False)
    undecided: bool = False

    @cached_property
    def _evidence(self) -> "Evidence":
        return self.evidence()

    @property
    def comparison(self) -> Comparison:
        """What is claimed, with requests of the first of ``bearers``: for the others the same with their own names."""
        return self._evidence.comparison

    @property
    def cells(self) -> tuple[CellChange, ...]:
        """SageMaker's cells."""
        return self._evidence.cells

    @property
    def others(self) -> tuple[Change, ...]:
        """Actions of other services, and such as the catalogue does not know."""
        return self._evidence.others

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, SageMaker's first."""
        return (*(cell.change for cell in self.cells), *self.others)

    @property
    def newly_allowed(self) -> Witness | None:
        """A request that is allowed after the change alone."""
        return next((change.newly_allowed for change in self.changes if change.newly_allowed), None)

    @property
    def newly_denied(self) -> Witness | None:
        """A request that is allowed before the change alone."""
        return next((change.newly_denied for change in self.changes if change.newly_denied), None)

    @cached_property
    def gains(self) -> bool:
        """Whether there is new access."""
        return any(part.gained for part in self.parts)

    @cached_property
    def loses(self) -> bool:
        """Whether access is lost."""
        return any(part.lost for part in self.parts)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What changes for a group, with requests."""

    comparison: Comparison
    cells: tuple[CellChange, ...] = ()
    others: tuple[Change, ...] = ()


@dataclass(frozen=True)
class RoleAccess:
    """A role that others may assume than before; a change's request names who asks."""

    account: Account
    bearer: Bearer
    standing: str
    comparison: Comparison


@dataclass(frozen=True)
class DecisionDiff:
    """The answer. ``total`` identities were there to be looked at, ``touched`` of them have other policies or facts.

    ``groups`` are those for which something changes or is undecided, the largest first; ``same`` is how many of the
    touched have exactly the access that they had, ``left`` those that were not compared for want of time.
    """

    total: int
    touched: int
    groups: tuple[Group, ...] = ()
    roles: tuple[RoleAccess, ...] = ()
    same: int = 0
    left: tuple[Bearer, ...] = ()
    problems: tuple[str, ...] = ()

    def bearers(self, wanted: Callable[[Group], bool]) -> int:
        """How many identities are in groups of a kind."""
        return sum(len(group.bearers) for group in self.groups if wanted(group))

    @property
    def gaining(self) -> int:
        """How many identities gain access."""
        return self.bearers(lambda group: group.gains)

    @property
    def losing(self) -> int:
        """How many identities lose access."""
        return self.bearers(lambda group: group.loses)

    @property
    def undecided(self) -> int:
        """For how many identities something could not be decided."""
        return self.bearers(lambda group: group.undecided)

    @property
    def is_complete(self) -> bool:
        """Whether everything was compared and decided."""
        unsure = any(None in (role.comparison.no_new_access, role.comparison.no_lost_access) for role in self.roles)
        return not (self.left or self.problems or self.undecided or unsure)


@dataclass(frozen=True, slots=True)
class Pair:
    """An account's content before and after."""

    before: Content
    after: Content


def compare_contents(
    pairs: Sequence[Pair], *, seconds: float | None = SECONDS, clock: Callable[[], float] = monotonic
) -> DecisionDiff:
    """What changes from the first content of each pair to the second. Without ``seconds`` everything is compared."""
    until = None if seconds is None else clock() + seconds
    parts = [_Account(pair, until, clock).compare() for pair in pairs]
    groups = sorted((group for part in parts for group in part.groups), key=lambda group: -len(group.bearers))
    return DecisionDiff(
        sum(part.total for part in parts),
        sum(part.touched for part in parts),
        tuple(groups),
        tuple(role for part in parts for role in part.roles),
        sum(part.same for part in parts),
        tuple(bearer for part in parts for bearer in part.left),
        tuple(dict.fromkeys(problem for part in parts for problem in part.problems)),
    )


@dataclass
class _Member:
    """A touched identity with what applies to it, before and after."""

    pair: Touched
    before: Effective
    after: Effective
    rows: tuple[RowInput, RowInput]
    unreadable: tuple[str, ...]

    @property
    def standing(self) -> str:
        """Whether it is ``kept``, ``new`` or ``removed``."""
        if self.pair.before is None:
            return "new"
        return "removed" if self.pair.after is None else "kept"

    @property
    def differs(self) -> bool:
        """Whether something else applies to it than before."""
        if self.standing != "kept" or self.unreadable:
            return True
        return self.before.stack != self.after.stack or self.before.facts.known != self.after.facts.known


@dataclass
class _Account:
    """The part of the answer that is about one account."""

    pair: Pair
    until: float | None
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self.account = self.pair.after.account
        self.readers = SubjectReader(self.pair.before), SubjectReader(self.pair.after)
        self.roles_left: list[Bearer] = []
        self._entrances: dict[Hashable, Comparison] = {}

    def compare(self) -> DecisionDiff:
        found = touched(self.pair.before, self.pair.after)
        members = [member for member in self.members(found) if member.differs]
        groups, left = self.compared(members)
        shown = [group for group in groups if group.parts or group.undecided]
        total = len({*self.pair.before.by_arn, *self.pair.after.by_arn}) + 1
        same = sum(len(group.bearers) for group in groups) - sum(len(group.bearers) for group in shown)
        problems = [_RCP_LEFT] if self.around.differs else []
        roles = tuple(self.roles(found))
        left += self.roles_left
        return DecisionDiff(total, len(members), tuple(shown), roles, same, tuple(left), tuple(problems))

    # Identities.

    def members(self, found: Sequence[Touched]) -> Iterator[_Member]:
        """The touched with what applies to them on both sides; one that is not there has no policy."""
        sides = []
        for reader, rows in zip(
            self.readers, ([one.before for one in found], [one.after for one in found]), strict=True
        ):
            subjects = iter(reader.subjects([row for row in rows if row is not None]))
            sides.append([None if row is None else next(subjects) for row in rows])
        for pair, old, new in zip(found, *sides, strict=True):
            yield self.member(pair, old, new)

    def member(self, pair: Touched, old: Subject | None, new: Subject | None) -> _Member:
        rows = [one.row for one in (old, new) if one is not None]
        before, after = rows[0], rows[-1]
        if old is None:
            before = _without_policies(after)
        elif new is None:
            after = _without_policies(before)
        principal = self.readers[1].principal(pair.bearer)
        sides = with_common_keys(*(Effective(row.stack, row.facts, principal) for row in (before, after)))
        unreadable = dict.fromkeys(
            name for row in (before, after) for name in (*row.unreadable_identity, *row.unreadable_around)
        )
        return _Member(pair, sides[0], sides[1], (before, after), tuple(unreadable))

    def compared(self, members: Sequence[_Member]) -> tuple[list[Group], list[Bearer]]:
        """The members by what changes for them, and by the letters of their cells; and who was left."""
        unread: dict[Hashable, list[_Member]] = {}
        for member in (one for one in members if one.unreadable):
            unread.setdefault((member.standing, member.unreadable), []).append(member)
        groups = [self.unread(group) for group in unread.values()]
        readable = [member for member in members if not member.unreadable]
        many = Many([(member.before, member.after) for member in readable], load_condition_keys())
        left: list[Bearer] = []
        for number, member in enumerate(readable):
            if self.until is not None and self.clock() > self.until:
                left.append(member.pair.bearer)
                continue
            many.settle(number)
        letters = CellLetters(many, self.account)
        for same, parts, told in many.groups():
            found: dict[Hashable, list[int]] = {}
            for number in same:
                member = readable[number]
                key = member.standing, *letters.hard(number, member.rows, parts, told).values()
                found.setdefault(key, []).append(number)
            groups += [self.group(readable, numbers, parts, letters) for numbers in found.values()]
        return groups, left

    def unread(self, members: Sequence[_Member]) -> Group:
        """Those of whom nothing is known, as a policy of theirs could not be read."""
        why = f"policy documents that could not be read: {', '.join(members[0].unreadable)}"
        found = Evidence(Comparison(None, None, undecided=why))
        bearers = tuple(member.pair.bearer for member in members)
        return Group(self.account, bearers, members[0].standing, (), lambda: found, undecided=True)

    def group(
        self, members: Sequence[_Member], numbers: Sequence[int], parts: tuple[Part, ...], letters: CellLetters
    ) -> Group:
        """One group with the evidence of its first member."""
        number, first = numbers[0], members[numbers[0]]

        def evidence() -> Evidence:
            comparison = letters.many.comparison(number)
            return Evidence(comparison, *letters.sorted_out(number, first.rows, comparison.changes))

        bearers = tuple([members[number].pair.bearer for number in numbers])
        undecided = None in claims_of(parts)
        return Group(self.account, bearers, first.standing, parts, evidence, undecided)

    # Who may assume roles.

    def roles(self, found: Sequence[Touched]) -> Iterator[RoleAccess]:
        """The roles whose trust policy changes, comes or goes, with who gets in that did not, and the reverse.

        Where resource control policies change, all roles that others may assume for that.
        """
        around = self.around
        everyone = around.differs
        for pair in self.all_roles() if everyone else found:
            sides = pair.before, pair.after
            digests = [row.trust_digest if row is not None and row.kind == "role" else None for row in sides]
            same = digests[0] == digests[1]
            if same and not everyone:
                continue
            if same and self.until is not None and self.clock() > self.until:
                self.roles_left.append(pair.bearer)
                continue
            comparison = self.trust_comparison(pair.bearer, digests)
            if same and comparison.no_new_access and comparison.no_lost_access:
                continue
            standing = "new" if pair.before is None else "removed" if pair.after is None else "kept"
            yield RoleAccess(self.account, pair.bearer, standing, comparison)

    @cached_property
    def around(self) -> Surroundings:
        """What of the organization stands around the roles, before and after."""
        return Surroundings(self.pair.before, self.pair.after)

    def all_roles(self) -> Iterator[Touched]:
        """The roles of both sides."""
        before, after = self.pair.before.by_arn, self.pair.after.by_arn
        for arn in {**before, **after}:
            pair = Touched(before.get(arn), after.get(arn))
            if pair.bearer.kind == "role":
                yield pair

    def trust_comparison(self, bearer: Bearer, digests: Sequence[str | None]) -> Comparison:
        key = (*digests, bearer.arn if self.around.by_role else "")
        found = self._entrances.get(key)
        if found is None:
            found = self._entrances[key] = self._trust_comparison(bearer, digests)
        return _about(found, bearer.arn)

    def _trust_comparison(self, bearer: Bearer, digests: Sequence[str | None]) -> Comparison:
        contents = self.pair.before, self.pair.after
        before, after = (_trust(content, digest) for content, digest in zip(contents, digests, strict=True))
        if before is None or after is None:
            return Comparison(None, None, undecided="a trust policy could not be read")
        if self.around.unreadable:
            named = ", ".join(self.around.unreadable)
            return Comparison(None, None, undecided=f"the resource control policy {named} could not be read")
        around = self.around.of(bearer.arn)
        return compare_trust(before, after, self.account.number, load_condition_keys(), around)


def _without_policies(row: RowInput) -> RowInput:
    """The row of an identity that is not there: nothing allows it anything."""
    return replace(row, stack=replace(row.stack, identity_policies=()), unreadable_identity=())


def _trust(content: Content, digest: str | None) -> Policy | None:
    """A trust policy; one that is not there trusts nobody. None for one that cannot be read."""
    if digest is None:
        return Policy("", PolicyKind.TRUST, "2012-10-17", ())
    return content.documents([digest]).get(digest)


def _about(comparison: Comparison, role: str) -> Comparison:
    """The comparison with requests about this very role."""

    def one(found: object) -> Entrance | None:
        return replace(found, resource=role) if isinstance(found, Entrance) else None

    changes = tuple(
        replace(change, newly_allowed=one(change.newly_allowed), newly_denied=one(change.newly_denied))
        for change in comparison.changes
    )
    return replace(
        comparison,
        newly_allowed=one(comparison.newly_allowed),
        newly_denied=one(comparison.newly_denied),
        changes=changes,
    )
