"""Who gets where by assuming roles: a graph of principals and the roles that they can assume, and its chains."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from policystudio.engine.exact.cell import CellVerdict

#: A verdict with which a chain goes on.
POSSIBLE = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.UNDECIDED})
#: The verdicts of steps and chains, the best first: what is surely allowed on a part goes before what may be allowed.
_BEST_FIRST = (CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.UNDECIDED)
_RANK = {verdict: rank for rank, verdict in enumerate(_BEST_FIRST)}
#: How many steps are looked at to find the chains of one principal; beyond, the others are left out.
_LOOKED_AT = 20_000


@dataclass(frozen=True, slots=True)
class Edge:
    """A step of a chain: ``role`` (an ARN) can be assumed, with this verdict. ``detail`` is the caller's own."""

    role: str
    verdict: CellVerdict
    detail: object = field(default=None, compare=False, hash=False)


class AssumeGraph:
    """Who can assume what. Principals of whom the same is true stand in a group and share its edges."""

    def __init__(self) -> None:
        self._groups_of: dict[str, list[Hashable]] = {}
        self._members: dict[Hashable, frozenset[str]] = {}
        self._of_group: dict[Hashable, list[Edge]] = {}
        self._own: dict[str, list[Edge]] = {}
        #: The roles that somebody can assume.
        self.assumable: set[str] = set()

    def add_to_group(self, group: Hashable, members: Iterable[str], edge: Edge) -> None:
        """Every member of the group can assume the role; the same group always has the same members."""
        if group not in self._members:
            self._members[group] = frozenset(members)
            for name in self._members[group]:
                self._groups_of.setdefault(name, []).append(group)
        self._of_group.setdefault(group, []).append(edge)
        self.assumable.add(edge.role)

    def add(self, principal: str, edge: Edge) -> None:
        """One principal can assume the role."""
        self._own.setdefault(principal, []).append(edge)
        self.assumable.add(edge.role)

    def groups_of(self, principal: str) -> Sequence[Hashable]:
        """The groups that a principal stands in."""
        return self._groups_of.get(principal, ())

    def of_group(self, group: Hashable) -> Sequence[Edge]:
        """The roles that every member of a group can assume; for a role among them that is itself."""
        return self._of_group[group]

    def own(self, principal: str) -> Sequence[Edge]:
        """The roles that a principal can assume beside those of its groups."""
        return self._own.get(principal, ())

    def steps(self, principal: str) -> list[Edge]:
        """The roles that a principal can assume; never itself."""
        shared = [edge for group in self.groups_of(principal) for edge in self._of_group[group]]
        return [edge for edge in (*shared, *self.own(principal)) if edge.role != principal]

    def callers(self, roles: Iterable[str]) -> set[str]:
        """Everyone who can assume one of the roles, itself aside."""
        wanted = set(roles)
        found = {name for name, edges in self._own.items() if any(edge.role in wanted - {name} for edge in edges)}
        for group, edges in self._of_group.items():
            reached = {edge.role for edge in edges} & wanted
            if reached:
                found |= {name for name in self._members[group] if reached != {name}}
        return found


@dataclass(frozen=True, slots=True)
class Reach:
    """How far everyone is from a target, in assumed roles, at most ``hops``.

    ``own`` holds the verdicts of the roles that are targets. ``cut`` tells that more hops would let somebody else in.
    """

    graph: AssumeGraph
    own: Mapping[str, CellVerdict]
    hops: int
    distances: Mapping[str, int]
    cut: bool

    def verdicts(self) -> Callable[[str], CellVerdict | None]:
        """How each principal gets to a target other than itself, at best; None for who does not get there."""
        if not self.hops:
            return lambda _principal: None
        within = _Within(self.graph, {role: (_Way(verdict, role),) for role, verdict in self.own.items()})
        roles = [name for name in self.distances if name in self.own or name in self.graph.assumable]
        for _ in range(self.hops - 1):
            within = _Within(self.graph, {role: within.ways(role) for role in roles})

        def verdict_of(principal: str) -> CellVerdict | None:
            if not self.distances.get(principal) and principal not in self.own:
                return None
            return next((way.verdict for way in within.onward(principal)), None)

        return verdict_of

    def chains(self, principal: str, most: int) -> tuple[list[tuple[Edge, ...]], bool]:
        """The chains of a principal to a target, at most ``most``; and whether there may be more.

        Those with the best verdict come first, of these the shortest. No chain comes back to a role that it has been
        to, nor to where it began, nor goes on from a target that does as well as what lies behind it.
        """
        search = _Search(self, principal)
        found = list(islice(search.run(), most + 1))
        return found[:most], len(found) > most or search.left <= 0


@dataclass(frozen=True, slots=True)
class _Way:
    """The verdict with which a target is reached."""

    verdict: CellVerdict
    target: str


_Ways = tuple[_Way, ...]


def _two(ways: Iterable[_Way]) -> _Ways:
    """The best way, and the best to another target: who is a target itself needs one to another."""
    ordered = sorted(ways, key=lambda way: _RANK[way.verdict])
    return (*ordered[:1], *[way for way in ordered if way.target != ordered[0].target][:1])


class _Within:
    """The ways of roles within some hops, and what they come to for those who can assume the roles."""

    def __init__(self, graph: AssumeGraph, reached: Mapping[str, _Ways]) -> None:
        self.graph, self.reached = graph, reached
        self._of_group: dict[Hashable, tuple[_Ways, frozenset[str]]] = {}

    def ways(self, role: str) -> _Ways:
        """The ways of a role within one hop more."""
        return _two([*self.reached.get(role, ()), *self.onward(role)])

    def onward(self, principal: str) -> _Ways:
        """The ways of a principal to targets other than itself, by assuming a role."""
        found = list(self._through(principal, self.graph.own(principal)))
        for group in self.graph.groups_of(principal):
            ways, named = self._of(group)
            found += self._through(principal, self.graph.of_group(group)) if principal in named else ways
        return _two(found)

    def _of(self, group: Hashable) -> tuple[_Ways, frozenset[str]]:
        """The ways of all members of a group but those, told as well, who are met on them themselves."""
        found = self._of_group.get(group)
        if found is None:
            met: dict[_Way, str] = {}
            for edge in self.graph.of_group(group):
                for way in self.reached.get(edge.role, ()):
                    met.setdefault(_Way(joined((edge.verdict, way.verdict)), way.target), edge.role)
            ways = _two(met)
            found = self._of_group[group] = ways, frozenset(name for way in ways for name in (way.target, met[way]))
        return found

    def _through(self, principal: str, edges: Iterable[Edge]) -> Iterator[_Way]:
        for edge in edges:
            for way in self.reached.get(edge.role, ()) if edge.role != principal else ():
                if way.target != principal:
                    yield _Way(joined((edge.verdict, way.verdict)), way.target)


class _Search:
    """Looks for the chains of one principal, as long as it may."""

    def __init__(self, reach: Reach, principal: str) -> None:
        self.reach, self.principal = reach, principal
        self.left = _LOOKED_AT

    def run(self) -> Iterator[tuple[Edge, ...]]:
        """The chains, those with the best verdict first, of these the shortest."""
        for wanted in _BEST_FIRST:
            for length in range(1, self.reach.hops + 1):
                yield from self._of_length(self.principal, length, (), wanted)

    def _of_length(
        self, principal: str, length: int, behind: tuple[Edge, ...], wanted: CellVerdict
    ) -> Iterator[tuple[Edge, ...]]:
        """The chains with just the ``wanted`` verdict that go on from ``behind`` with so many steps."""
        been = {self.principal, *(edge.role for edge in behind)}
        for edge in self.reach.graph.steps(principal):
            self.left -= 1
            if self.left < 0:
                return
            distance = self.reach.distances.get(edge.role)
            if distance is None or distance >= length or edge.role in been or _RANK[edge.verdict] > _RANK[wanted]:
                continue
            chain = (*behind, edge)
            arrived = self._verdict(chain)
            if length == 1:
                yield from [chain] if arrived is wanted else ()
            elif arrived is None or _RANK[arrived] > _RANK[wanted]:
                yield from self._of_length(edge.role, length - 1, chain, wanted)

    def _verdict(self, chain: tuple[Edge, ...]) -> CellVerdict | None:
        """The verdict of a chain that ends at a target; None elsewhere."""
        last = self.reach.own.get(chain[-1].role)
        return None if last is None else joined((last, *(edge.verdict for edge in chain)))


def explore(
    graph: AssumeGraph,
    targets: Mapping[str, CellVerdict],
    add_callers: Callable[[Sequence[str]], Iterable[str]],
    hops: int,
) -> Reach:
    """Walk backwards from the roles that are ``targets``, each with its own verdict, at most ``hops`` roles far.

    ``add_callers`` takes roles, adds to ``graph`` who can assume them, and answers with those callers that are roles.
    It is asked about each role once, and about those of one more hop, to tell whether the limit cut something off.
    """
    distances = dict.fromkeys(sorted(targets), 0)
    frontier = list(distances)
    for depth in range(1, hops + 1):
        if not frontier:
            return Reach(graph, targets, hops, distances, False)
        roles = set(add_callers(frontier))
        callers = graph.callers(frontier) - distances.keys()
        distances |= dict.fromkeys(sorted(callers), depth)
        frontier = sorted(callers & roles)
    if not frontier:
        return Reach(graph, targets, hops, distances, False)
    add_callers(frontier)
    return Reach(graph, targets, hops, distances, bool(graph.callers(frontier) - distances.keys()))


def joined(verdicts: Iterable[CellVerdict]) -> CellVerdict:
    """The verdict of a chain from those of its steps: the worst of them."""
    return max(verdicts, key=_RANK.__getitem__, default=CellVerdict.ALLOWED)


def best(verdicts: Iterable[CellVerdict]) -> CellVerdict | None:
    """The verdict of several ways to the same: the best of those that are possible; None where there is none."""
    return min((verdict for verdict in verdicts if verdict in POSSIBLE), key=_RANK.__getitem__, default=None)
