"""What a change of an account's content decides differently, for everybody whom it touches, with a request for each.

Identities that the change cannot tell apart are compared once. Nothing is sampled: what was not compared is said.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from policystudio.accounts.models import Account
from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Witness
from policystudio.engine.analyse.many import Many
from policystudio.engine.analyse.settled import with_common_keys
from policystudio.engine.analyse.trust import Entrance, compare_trust
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.simulator.content import Content
from policystudio.simulator.plain import Bearer
from policystudio.simulator.selectors import catalog
from policystudio.simulator.stacks import Subject, SubjectReader
from policystudio.simulator.touched import Touched, levels_differ, touched
from policystudio.simulator.what_if import CellChange

#: No new comparison is begun after so many seconds.
SECONDS = 5.0
_RCP_LEFT = (
    "resource control policies change: what they allow of S3, STS, KMS and the other services that they reach was not "
    "compared; SageMaker is none of them"
)


@dataclass(frozen=True)
class Group:
    """Identities of one account for which the same changes. ``standing`` is ``kept``, ``new`` or ``removed``.

    ``cells`` are SageMaker's, ``others`` actions of other services, and such as the catalogue does not know. Their
    requests are of the first of ``bearers``, and for the others the same with their own names.
    """

    account: Account
    bearers: tuple[Bearer, ...]
    standing: str
    comparison: Comparison
    cells: tuple[CellChange, ...] = ()
    others: tuple[Change, ...] = ()

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

    @property
    def gains(self) -> bool:
        """Whether there is new access."""
        return self.newly_allowed is not None

    @property
    def loses(self) -> bool:
        """Whether access is lost."""
        return self.newly_denied is not None

    @property
    def undecided(self) -> bool:
        """Whether there may be a change that was not found."""
        return None in (self.comparison.no_new_access, self.comparison.no_lost_access)


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
    number: int = -1

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


#: Members for whom the same changes, in parts about whom the same decides, and the comparison of each.
_Compared = tuple[list[list[_Member]], Callable[[_Member], Comparison]]


@dataclass
class _Account:
    """The part of the answer that is about one account."""

    pair: Pair
    until: float | None
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        self.account = self.pair.after.account
        self.readers = SubjectReader(self.pair.before), SubjectReader(self.pair.after)

    def compare(self) -> DecisionDiff:
        found = touched(self.pair.before, self.pair.after)
        members = [member for member in self.members(found) if member.differs]
        compared, left = self.compared(members)
        groups = list(self.with_letters(compared))
        shown = [group for group in groups if group.changes or group.undecided]
        total = len({*self.pair.before.by_arn, *self.pair.after.by_arn}) + 1
        same = sum(len(group.bearers) for group in groups) - sum(len(group.bearers) for group in shown)
        problems = [_RCP_LEFT] if levels_differ(self.pair.before, self.pair.after, "rcp") else []
        return DecisionDiff(
            total, len(members), tuple(shown), tuple(self.roles(found)), same, tuple(left), tuple(problems)
        )

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

    def compared(self, members: Sequence[_Member]) -> tuple[list[_Compared], list[Bearer]]:
        """The members by what changes for them, and within that by what decides about them; and who was left."""
        unread: dict[Hashable, list[_Member]] = {}
        for member in (one for one in members if one.unreadable):
            unread.setdefault((member.standing, member.unreadable), []).append(member)
        found: list[_Compared] = [([group], _undecided) for group in unread.values()]
        readable = [member for member in members if not member.unreadable]
        many = Many([(member.before, member.after) for member in readable], load_condition_keys())
        groups: dict[Hashable, dict[int, list[_Member]]] = {}
        left: list[Bearer] = []
        for number, member in enumerate(readable):
            if self.until is not None and self.clock() > self.until:
                left.append(member.pair.bearer)
                continue
            member.number = number
            same = groups.setdefault((member.standing, many.alike(number)), {})
            same.setdefault(id(many.parts(many.pairs[number])), []).append(member)
        found += [(list(same.values()), lambda member: many.comparison(member.number)) for same in groups.values()]
        return found, left

    def with_letters(self, compared: Sequence[_Compared]) -> Iterator[Group]:
        """The groups with the letters of their cells before and after; a group for each set of letters."""
        space = Space(catalog(), self.account.partition, self.account.number, "")
        matrix = Matrix(space, load_condition_keys())
        rows = (row for same, _ in compared for bucket in same for row in bucket[0].rows)
        prepared = iter(matrix.prepare(rows))
        for same, comparison_of in compared:
            changes = comparison_of(same[0][0]).changes
            places = [(item.action, item.resource_type) for item in changes]
            indexes = sorted(space.index_of[place] for place in places if place in space.index_of)
            only = frozenset(indexes)
            by_letters: dict[tuple[str, ...], list[_Member]] = {}
            for bucket in same:
                both = next(prepared), next(prepared)
                sides = [matrix.letters(row, only=only) if only else "" for row in both]
                letters = tuple("".join(side[index] for index in indexes) for side in sides)
                by_letters.setdefault(letters, []).extend(bucket)
            for (before, after), members in by_letters.items():
                shown = dict(zip(indexes, zip(before, after, strict=True), strict=True))
                yield self.group(members, comparison_of(members[0]), space, shown)

    def group(
        self, members: Sequence[_Member], comparison: Comparison, space: Space, letters: Mapping[int, tuple[str, str]]
    ) -> Group:
        """One group with the evidence of its first member."""
        places = {(item.action, item.resource_type): item for item in comparison.changes}
        inside = {space.index_of[place]: item for place, item in places.items() if place in space.index_of}
        return Group(
            self.account,
            tuple(member.pair.bearer for member in members),
            members[0].standing,
            comparison,
            tuple(CellChange(item, *letters[index]) for index, item in sorted(inside.items())),
            tuple(item for place, item in places.items() if place not in space.index_of),
        )

    # Who may assume roles.

    def roles(self, found: Sequence[Touched]) -> Iterator[RoleAccess]:
        """The roles whose trust policy changes, comes or goes, with who gets in that did not, and the reverse."""
        for pair in found:
            sides = pair.before, pair.after
            digests = [row.trust_digest if row is not None and row.kind == "role" else None for row in sides]
            if digests[0] == digests[1]:
                continue
            policies = [
                _trust(content, digest)
                for content, digest in zip((self.pair.before, self.pair.after), digests, strict=True)
            ]
            standing = "new" if pair.before is None else "removed" if pair.after is None else "kept"
            yield RoleAccess(self.account, pair.bearer, standing, self.trust_comparison(pair.bearer, policies))

    def trust_comparison(self, bearer: Bearer, policies: Sequence[Policy | None]) -> Comparison:
        before, after = policies
        if before is None or after is None:
            return Comparison(None, None, undecided="a trust policy could not be read")
        return _about(compare_trust(before, after, self.account.number, load_condition_keys()), bearer.arn)


def _undecided(member: _Member) -> Comparison:
    why = f"policy documents that could not be read: {', '.join(member.unreadable)}"
    return Comparison(None, None, undecided=why)


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
