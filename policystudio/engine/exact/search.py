"""Is there a request that some stacks allow and others do not? A lazy search that keeps a concrete candidate at hand.

The candidate is decided plainly. Where it is not as wanted, whatever is wanted must come about in one of a few ways,
and each is tried: it adds demands on the resource and on single context keys, for which new values are found exactly.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.engine.conditions import condition_holds
from policystudio.engine.effort import step
from policystudio.engine.exact.linked import Linked, Literals, Requests
from policystudio.engine.exact.places import find_resource
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.terms import Clause, Entry, Place, Side, Term, TermBuilder
from policystudio.engine.exact.values import Literal, Unknown, Values
from policystudio.engine.globs import Parts, matches
from policystudio.engine.match import resource_matches
from policystudio.engine.request import Context

#: How many sets of demands one search may look at, and how many may be stacked upon each other.
NODE_LIMIT, DEPTH_LIMIT = 3_000, 250


@dataclass(frozen=True, slots=True)
class Goal:
    """A side shall allow, or not allow, the request with this resource and this context of those that are sought."""

    side: Side
    allowed: bool
    resource: int = 0
    context: int = 0


class Doubt(Exception):
    """No request was found, and it is not known that there is none; the message says what it depends on."""


#: An entry for a resource (and, where it reads free variables, a context), or a clause for a context; -1: none.
_Atom = tuple[int, int, Entry | Clause]
#: A statement that must not match the request with this resource and context.
_Stop = tuple[Term, int, int]


@dataclass(frozen=True, slots=True)
class _Demand:
    """One way to bring about what is wanted."""

    literals: tuple[tuple[_Atom, bool], ...] = ()
    stops: tuple[_Stop, ...] = ()


@dataclass(slots=True)
class _Node:
    literals: dict[_Atom, bool]
    stops: tuple[_Stop, ...]
    candidate: Requests
    truths: dict[_Atom, bool] = field(default_factory=dict)


def search(goals: Sequence[Goal], place: Place, builder: TermBuilder) -> Requests | None:
    """Requests that meet all goals; None where there are none.

    Raises ``TooLarge`` beyond the limits and ``Doubt`` where free variables meet in ways that could not be told.
    """
    return Search(goals, place, builder).run()


class Search:
    """One question; ``nodes`` tells how much work it took, of ``limit``. The requests ``first`` are tried at first."""

    def __init__(
        self,
        goals: Sequence[Goal],
        place: Place,
        builder: TermBuilder,
        limit: int = NODE_LIMIT,
        first: Iterable[Requests] = (),
    ) -> None:
        self.first = first
        self.limit = limit
        self.goals, self.place, self.builder = goals, place, builder
        self.resources = 1 + max(goal.resource for goal in goals)
        self.contexts = 1 + max(goal.context for goal in goals)
        self.nodes = 0
        self.doubts: dict[str, None] = {}

    def run(self) -> Requests | None:
        """The answer; see ``search``."""
        start = self.start()
        if start is None:
            return None
        for candidate in self.first:
            if self.ways(_Node({}, start.stops, candidate)) is None:
                return candidate
        found = self.expand(start, 0)
        if found is None and self.doubts:
            raise Doubt(f"it depends on {', '.join(self.doubts)}")
        return found

    def start(self) -> _Node | None:
        """The root of the search: any resource, empty contexts, no Deny that may match; None without a resource."""
        resource = find_resource(self.place, frozenset(), frozenset())
        if resource is None:
            return None
        empty = Requests((resource,) * self.resources, tuple({} for _ in range(self.contexts)))
        stops = tuple(
            (term, goal.resource, goal.context) for goal in self.goals if goal.allowed for term in goal.side.denies
        )
        if any(term.always for term, _, _ in stops):
            return None
        return _Node({}, tuple(dict.fromkeys(stops)), empty)

    def expand(self, node: _Node, depth: int) -> Requests | None:
        """Depth first: the candidate if it is as wanted, else that of one of the ways to come nearer."""
        step()
        self.nodes += 1
        if self.nodes > self.limit or depth > DEPTH_LIMIT:
            raise TooLarge
        ways = self.ways(node)
        if ways is None:
            return node.candidate
        refused: list[tuple[_Atom, bool]] = []
        for way in ways:
            child = self.child(node, way, refused)
            if child is not None:
                found = self.expand(child, depth + 1)
                if found is not None:
                    return found
            if len(way.literals) == 1 and not way.stops:
                # What this way asks for has been tried: from now on it must not be so.
                atom, wanted = way.literals[0]
                refused.append((atom, not wanted))
        return None

    # What is wrong with the candidate, and how it could come right.

    def ways(self, node: _Node) -> Iterator[_Demand] | None:
        """The ways of which one must be taken, or None where all is as wanted."""
        for stop in node.stops:
            if self.matches(node, *stop):
                return self.prevent(*stop)
        for goal in self.goals:
            ways = self.allow(node, goal) if goal.allowed else self.forbid(node, goal)
            if ways is not None:
                return ways
        return None

    def allow(self, node: _Node, goal: Goal) -> Iterator[_Demand] | None:
        """Ways to make a side allow: for the first group of a way that lacks an Allow, one of its statements."""
        lacking: list[int] = []
        for way in goal.side.ways:
            missing = next((group for group in way if not self.any_matches(node, goal, group)), None)
            if missing is None:
                return None
            lacking.append(missing)
        return (
            demand
            for group in dict.fromkeys(lacking)
            for term in goal.side.groups[group]
            for demand in self.bring_about(term, goal.resource, goal.context)
        )

    def forbid(self, node: _Node, goal: Goal) -> Iterator[_Demand] | None:
        """Ways to keep a side from allowing: a Deny that matches, or a group without a matching Allow."""
        side, here = goal.side, (goal.resource, goal.context)
        if any(self.matches(node, term, *here) for term in side.denies):
            return None
        open_way = next((way for way in side.ways if all(self.any_matches(node, goal, group) for group in way)), None)
        if open_way is None:
            return None
        blocked = (_Demand(stops=tuple((term, *here) for term in side.groups[group])) for group in open_way)
        denied = (demand for term in side.denies for demand in self.bring_about(term, *here))
        return (demand for demands in (blocked, denied) for demand in demands)

    def any_matches(self, node: _Node, goal: Goal, group: int) -> bool:
        """Whether a statement of a group matches the candidate."""
        return any(self.matches(node, term, goal.resource, goal.context) for term in goal.side.groups[group])

    def bring_about(self, term: Term, resource: int, context: int) -> Iterator[_Demand]:
        """The ways to make a statement match."""
        conditions = tuple(((-1, context, clause), True) for clause in term.clauses)
        entries = [_atom(resource, context, entry) for entry in term.entries]
        if term.negated or not entries:
            yield _Demand((*conditions, *((atom, False) for atom in entries)))
            return
        for atom in entries:
            yield _Demand((*conditions, (atom, True)))

    def prevent(self, term: Term, resource: int, context: int) -> Iterator[_Demand]:
        """The ways to keep a statement from matching."""
        entries = [_atom(resource, context, entry) for entry in term.entries]
        if term.negated:
            for atom in entries:
                yield _Demand(((atom, True),))
        elif entries:
            yield _Demand(tuple((atom, False) for atom in entries))
        for clause in term.clauses:
            yield _Demand((((-1, context, clause), False),))

    # Whether statements match the candidate.

    def matches(self, node: _Node, term: Term, resource: int, context: int) -> bool:
        """Whether a statement matches the candidate."""
        if term.entries:
            found = any(self.holds(node, _atom(resource, context, entry)) for entry in term.entries)
            if found is term.negated:
                return False
        return all(self.holds(node, (-1, context, clause)) for clause in term.clauses)

    def holds(self, node: _Node, atom: _Atom) -> bool:
        """Whether an entry or a clause holds for the node's candidate."""
        truth = node.truths.get(atom)
        if truth is None:
            truth = node.truths[atom] = self.truth(node.candidate, atom)
        return truth

    def truth(self, candidate: Requests, atom: _Atom) -> bool:
        """Whether an entry or a clause holds for the candidate, by the plain rules."""
        resource, context, item = atom
        if isinstance(item, Entry):
            if item.parts is not None:
                return matches(item.parts, candidate.resources[resource])
            return resource_matches(item.text, candidate.resources[resource], self.context(candidate, context), True)
        return condition_holds(item.condition, self.context(candidate, context), self.builder.keys, True)

    def context(self, candidate: Requests, number: int) -> Context:
        """One of the candidate's contexts, with what is known."""
        return self.builder.facts.context_with(candidate.contexts[number])

    # Demands, and candidates that meet them.

    def child(self, node: _Node, way: _Demand, refused: Sequence[tuple[_Atom, bool]]) -> _Node | None:
        """The node with the demands of ``way`` added; None where these cannot be met."""
        literals = dict(node.literals)
        new: list[_Atom] = []
        for atom, wanted in (*refused, *way.literals):
            known = literals.get(atom)
            if known is None:
                literals[atom] = wanted
                new.append(atom)
            elif known is not wanted:
                return None
        stops = tuple(dict.fromkeys((*node.stops, *way.stops)))
        if any(_surely_matches(literals, *stop) for stop in stops):
            return None
        candidate = self.candidate(node.candidate, literals, new)
        return None if candidate is None else _Node(literals, stops, candidate)

    def candidate(self, before: Requests, literals: Mapping[_Atom, bool], new: Sequence[_Atom]) -> Requests | None:
        """Requests that meet all literals; only what ``new`` ones are about is worked out again."""
        try:
            if any(item.free for _, _, item in literals):
                return self.linked(literals)
            resources, contexts = list(before.resources), list(before.contexts)
            for number in {resource for resource, _, item in new if isinstance(item, Entry)}:
                found = self.resource(literals, number)
                if found is None:
                    return None
                resources[number] = found
            for number, key in {(context, item.key) for _, context, item in new if isinstance(item, Clause)}:
                values = self.values(literals, number, key)
                if values is None:
                    return None
                contexts[number] = {**contexts[number], key: values}
        except Unknown:
            self.doubts |= dict.fromkeys(sorted(_keys_of(new)))
            return None
        return Requests(tuple(resources), tuple(contexts))

    def resource(self, literals: Mapping[_Atom, bool], number: int) -> str | None:
        """A resource for the entries that are about it; None where there is none."""
        patterns: dict[bool, set[Parts]] = {True: set(), False: set()}
        for (resource, _, item), wanted in literals.items():
            if resource == number and isinstance(item, Entry) and item.parts is not None:
                patterns[wanted].add(item.parts)
        return find_resource(self.place, frozenset(patterns[True]), frozenset(patterns[False]))

    def values(self, literals: Mapping[_Atom, bool], number: int, key: str) -> Values | None:
        """Values of one key of a context for the clauses about it; None where there are none."""
        wanted: list[Literal] = [
            (item.condition, value)
            for (_, context, item), value in literals.items()
            if context == number and isinstance(item, Clause) and item.key == key
        ]
        return self.builder.values(key, wanted)

    def linked(self, literals: Mapping[_Atom, bool]) -> Requests | None:
        """As ``candidate``, where literals read free variables: everything is worked out together."""
        entries = tuple(
            (resource, max(context, 0), item, wanted)
            for (resource, context, item), wanted in literals.items()
            if isinstance(item, Entry)
        )
        clauses = tuple(
            (context, item, wanted) for (_, context, item), wanted in literals.items() if isinstance(item, Clause)
        )
        asked = Literals(entries, clauses, self.resources, self.contexts)
        try:
            return Linked(asked, self.place, self.builder).solve()
        except Unknown:
            self.doubts |= dict.fromkeys(sorted({name for _, _, item in literals for name in item.free}))
            return None


def _atom(resource: int, context: int, entry: Entry) -> _Atom:
    return resource, context if entry.free else -1, entry


def _surely_matches(literals: Mapping[_Atom, bool], term: Term, resource: int, context: int) -> bool:
    """Whether what is demanded makes a statement match whatever else is chosen."""
    if not all(literals.get((-1, context, clause)) for clause in term.clauses):
        return False
    known = [literals.get(_atom(resource, context, entry)) for entry in term.entries]
    if term.negated:
        return all(value is False for value in known)
    return not known or True in known


def _keys_of(atoms: Sequence[_Atom]) -> set[str]:
    return {item.key for _, _, item in atoms if isinstance(item, Clause)}
