"""Who gets where by assuming roles: a graph of principals and the roles that they can assume, and its chains."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from policystudio.engine.exact.cell import CellVerdict

#: A verdict with which a chain goes on.
POSSIBLE = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.UNDECIDED})


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

    def add_to_group(self, group: Hashable, members: Iterable[str], edge: Edge) -> None:
        """Every member of the group can assume the role; the same group always has the same members."""
        if group not in self._members:
            self._members[group] = frozenset(members)
            for name in self._members[group]:
                self._groups_of.setdefault(name, []).append(group)
        self._of_group.setdefault(group, []).append(edge)

    def add(self, principal: str, edge: Edge) -> None:
        """One principal can assume the role."""
        self._own.setdefault(principal, []).append(edge)

    def steps(self, principal: str) -> list[Edge]:
        """The roles that a principal can assume; never itself."""
        groups = self._groups_of.get(principal, ())
        shared = [edge for group in groups for edge in self._of_group[group]]
        return [edge for edge in (*shared, *self._own.get(principal, ())) if edge.role != principal]

    def alike(self, principal: str) -> tuple[Hashable, ...] | None:
        """A key that is equal for principals with the same steps; None for one that has steps of its own."""
        groups = tuple(self._groups_of.get(principal, ()))
        targets = {edge.role for group in groups for edge in self._of_group[group]} if groups else set()
        return None if principal in self._own or principal in targets else groups

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
    """How far everyone is from a target, in assumed roles; ``cut`` tells that more hops would let somebody else in."""

    graph: AssumeGraph
    distances: Mapping[str, int]
    cut: bool

    def verdicts(self, own: Mapping[str, CellVerdict], hops: int) -> Callable[[str], CellVerdict | None]:
        """How each principal gets to a target by assuming at most ``hops`` roles, at best.

        ``own`` holds the verdicts of the roles that are targets. Answers None for who does not get there.
        """
        within = [dict(own)]
        roles = [name for name in self.distances if name in own or self.distances[name]]
        for _ in range(hops - 1):
            nearer = within[-1]
            found = {role: best((*_given(nearer, role), *self._through(role, nearer))) for role in roles}
            within.append({role: verdict for role, verdict in found.items() if verdict is not None})
        known: dict[tuple[Hashable, ...], CellVerdict | None] = {}

        def verdict_of(principal: str) -> CellVerdict | None:
            if not self.distances.get(principal) and principal not in own:
                return None
            groups = self.graph.alike(principal)
            if groups is None:
                return best(self._through(principal, within[-1]))
            if groups not in known:
                known[groups] = best(self._through(principal, within[-1]))
            return known[groups]

        return verdict_of

    def _through(self, principal: str, reached: Mapping[str, CellVerdict]) -> Iterator[CellVerdict]:
        for edge in self.graph.steps(principal):
            if edge.role in reached:
                yield joined((edge.verdict, reached[edge.role]))

    def chains(self, principal: str, hops: int, most: int) -> tuple[list[tuple[Edge, ...]], bool]:
        """The chains of a principal to a target, shortest first, at most ``most``; and whether there are
        more.

        No chain comes back to a role that it has been to, nor to where it began.
        """
        found = list(islice(self._chains(principal, hops), most + 1))
        return found[:most], len(found) > most

    def _chains(self, principal: str, hops: int) -> Iterator[tuple[Edge, ...]]:
        for length in range(1, hops + 1):
            yield from self._of_length(principal, length, (principal,))

    def _of_length(self, principal: str, length: int, been: tuple[str, ...]) -> Iterator[tuple[Edge, ...]]:
        for edge in self.graph.steps(principal):
            distance = self.distances.get(edge.role)
            if distance is None or distance >= length or edge.role in been:
                continue
            if length == 1:
                yield (edge,)
                continue
            for rest in self._of_length(edge.role, length - 1, (*been, edge.role)):
                yield (edge, *rest)


def explore(
    graph: AssumeGraph, targets: Iterable[str], add_callers: Callable[[Sequence[str]], Iterable[str]], hops: int
) -> Reach:
    """Walk backwards from the roles that are ``targets``, at most ``hops`` roles far.

    ``add_callers`` takes roles, adds to ``graph`` who can assume them, and answers with those callers that are roles.
    It is asked about each role once, and about those of one more hop, to tell whether the limit cut something off.
    """
    distances = dict.fromkeys(sorted(targets), 0)
    frontier = list(distances)
    for depth in range(1, hops + 1):
        if not frontier:
            return Reach(graph, distances, False)
        roles = set(add_callers(frontier))
        callers = graph.callers(frontier) - distances.keys()
        distances |= dict.fromkeys(sorted(callers), depth)
        frontier = sorted(callers & roles)
    if not frontier:
        return Reach(graph, distances, False)
    add_callers(frontier)
    return Reach(graph, distances, bool(graph.callers(frontier) - distances.keys()))


def _given(reached: Mapping[str, CellVerdict], role: str) -> tuple[CellVerdict, ...]:
    return (reached[role],) if role in reached else ()


def joined(verdicts: Iterable[CellVerdict]) -> CellVerdict:
    """The verdict of a chain from those of its steps: undecided, else conditional, else some, where any step is."""
    found = set(verdicts)
    order = (CellVerdict.UNDECIDED, CellVerdict.CONDITIONAL, CellVerdict.SOME)
    return next((verdict for verdict in order if verdict in found), CellVerdict.ALLOWED)


def best(verdicts: Iterable[CellVerdict]) -> CellVerdict | None:
    """The verdict of several ways to the same: the most that one of them gives; None where there is none.

    ``some`` and ``conditional`` ways together are conditional: conditions matter beside the resource.
    """
    found = set(verdicts)
    order = (CellVerdict.ALLOWED, CellVerdict.CONDITIONAL, CellVerdict.SOME, CellVerdict.UNDECIDED)
    return next((verdict for verdict in order if verdict in found), None)
