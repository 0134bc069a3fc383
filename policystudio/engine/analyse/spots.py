"""One cell, or the resources that actions of other services may be about, for many principals at once.

A request is decided for all of them by bits: each statement that matches it brings in those who have it. What a request
shows of one is so shown of everybody of whom it is true; a proof is sought only for those whom no request and no glance
tells about, once for all who have the same statements.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from policystudio.engine.analyse.compare import TOO_LARGE, implies
from policystudio.engine.analyse.shapes import shape
from policystudio.engine.analyse.written import Pool, union
from policystudio.engine.document import Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.search import Doubt, Goal, Search
from policystudio.engine.exact.signatures import TooLarge, contains
from policystudio.engine.exact.terms import Clause, Entry, Place, Side, Term, TermBuilder
from policystudio.engine.exact.texts import fits
from policystudio.engine.exact.verdict import verdict_of

#: On so many resources requests without any free key are decided, for the letters.
_PLAIN = 12
#: The two directions, and the two sides: each is an index.
NEW, LOST = BEFORE, AFTER = 0, 1
DIRECTIONS = (NEW, LOST)


@dataclass(slots=True)
class Holding:
    """A statement as far as it matters to a spot, with who has it before and after, as bits."""

    term: Term
    holders: list[int]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows: whom it is allowed to on either side, and whom it would be without any Deny."""

    request: Requests
    allowed: tuple[int, int]
    would: tuple[int, int]


@dataclass(slots=True)
class Found:
    """Of one direction: who is not told about yet, requests with whom they are for, and doubts."""

    pending: int
    told: int = 0  # who has a request
    requests: list[tuple[Requests, int]] = field(default_factory=list)
    doubts: dict[str, int] = field(default_factory=dict)


class Company(Protocol):
    """Those who are asked about together: who has which statement on either side, and what is kept between spots."""

    pool: Pool
    all: int
    open: list[tuple[int, int]]
    holders: tuple[dict[int, int], dict[int, int]]
    answers: dict[Hashable, str | None]
    verdicts: dict[Hashable, CellVerdict | None]

    def context_number(self, context: dict[str, tuple[str, ...]]) -> int:
        """A number for what a context says."""

    def entry_holds(self, entry: Entry, request: Requests) -> bool:
        """Whether an entry of Resource matches a request."""

    def clause_holds(self, clause: Clause, context: dict[str, tuple[str, ...]]) -> bool:
        """Whether a condition holds in a context."""

    def candidates(self, spot: "Spot", bit: int) -> Iterable[Requests]:
        """Requests that showed something elsewhere."""

    def remember(self, request: Requests, bit: int) -> None:
        """Keep a request as one that may show something elsewhere."""


class Spot:
    """The resources of a place, for actions that all statements treat alike."""

    def __init__(
        self, crowd: Company, place: Place, builder: TermBuilder, naming: Iterable[int], *, shares: bool
    ) -> None:
        self.crowd, self.place, self.builder = crowd, place, builder
        # Whether a request may be borrowed from others: not where it decides which type of resource is told of.
        self.shares = shares
        self.denies: list[Holding] = []
        self.groups: list[list[Holding]] = [[] for _ in crowd.open]
        self._by_term: dict[tuple[int, Term], Holding] = {}
        for number in naming:
            self._add(number)
        self.shown: dict[tuple[str, int], Shown] = {}
        self.found = [Found(self._maybe(side)) for side in (AFTER, BEFORE)]
        self._sides: dict[int, tuple[Side, Side]] = {}
        self._letters: list[Letters] | None = None

    def _add(self, number: int) -> None:
        """A statement with those who have it; statements that come to the same are one."""
        item = self.crowd.pool.written[number]
        term = self.builder.term(item.statement, item.modern, self.place)
        if term is None:
            return
        layer = -1 if item.statement.effect is Effect.DENY else item.layer
        known = self._by_term.get((layer, term))
        if known is None:
            known = self._by_term[layer, term] = Holding(term, [0, 0])
            (self.denies if layer < 0 else self.groups[layer]).append(known)
        for side in (BEFORE, AFTER):
            known.holders[side] |= self.crowd.holders[side].get(number, 0)

    # At a glance.

    def missing(self, side: int) -> int:
        """Those of whom some layer has no Allow that could match."""
        found = 0
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            found |= ~(opened[side] | union(one.holders[side] for one in group))
        return found & self.crowd.all

    def always_denied(self, side: int) -> int:
        """Those who have a Deny that matches every request."""
        return union(one.holders[side] for one in self.denies if one.term.always)

    def always_allowed(self, side: int) -> int:
        """Those whom every layer allows everything, as long as no Deny matches."""
        found = self.crowd.all
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            found &= opened[side] | union(one.holders[side] for one in group if one.term.always)
        return found

    def _maybe(self, side: int) -> int:
        """Those whom this side may allow what the other does not.

        Not where it allows nothing; nor where no layer has an Allow that the other side has not, nor that a Deny less.
        """
        other = 1 - side
        wider = union(one.holders[other] & ~one.holders[side] for one in self.denies)
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            covered = opened[other] | union(one.holders[other] for one in group if one.term.always)
            more = opened[side] | union(one.holders[side] & ~one.holders[other] for one in group)
            wider |= more & ~covered
        return wider & self.crowd.all & ~self.missing(side) & ~self.always_denied(side)

    # Requests.

    def show(self, request: Requests, among: int = -1) -> Shown:
        """Decide a request for everybody; it is evidence for those ``among`` whom it may stand."""
        asked = request.resources[0], self.crowd.context_number(request.contexts[0])
        known = self.shown.get(asked)
        if known is None:
            known = self.shown[asked] = self._decide(request)
        for direction in DIRECTIONS:
            self._take(direction, known, among)
        return known

    def _decide(self, request: Requests) -> Shown:
        denied, would = [0, 0], [self.crowd.all, self.crowd.all]
        for one in self.denies:
            if self.matches(one.term, request):
                denied = [denied[0] | one.holders[0], denied[1] | one.holders[1]]
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            before, after = opened
            for one in group:
                if (one.holders[0] & ~before or one.holders[1] & ~after) and self.matches(one.term, request):
                    before, after = before | one.holders[0], after | one.holders[1]
            would = [would[0] & before, would[1] & after]
        allowed = would[0] & ~denied[0], would[1] & ~denied[1]
        return Shown(request, allowed, (would[0], would[1]))

    def _take(self, direction: int, shown: Shown, among: int) -> None:
        found = self.found[direction]
        wanted, unwanted = (AFTER, BEFORE) if direction == NEW else (BEFORE, AFTER)
        told = shown.allowed[wanted] & ~shown.allowed[unwanted] & found.pending & among
        if told:
            found.requests.append((shown.request, told))
            found.pending &= ~told
            found.told |= told

    def matches(self, term: Term, request: Requests) -> bool:
        """Whether a statement matches a request."""
        if term.entries:
            some = any(self.crowd.entry_holds(entry, request) for entry in term.entries)
            if some is term.negated:
                return False
        return all(self.crowd.clause_holds(clause, request.contexts[0]) for clause in term.clauses)

    def allows(self, side: Side, request: Requests) -> bool:
        """Whether one side allows a request."""
        if any(self.matches(term, request) for term in side.denies):
            return False
        return any(
            all(any(self.matches(term, request) for term in side.groups[group]) for group in way) for way in side.ways
        )

    # One of the principals.

    def sides(self, bit: int) -> tuple[Side, Side]:
        """What applies to one of them, before and after."""
        found = self._sides.get(bit)
        if found is None:
            found = self._sides[bit] = self._side(bit, BEFORE), self._side(bit, AFTER)
        return found

    def _side(self, bit: int, side: int) -> Side:
        taking = tuple([layer for layer, opened in enumerate(self.crowd.open) if not opened[side] & bit])
        groups = tuple([_terms(group, side, bit) if layer in taking else () for layer, group in enumerate(self.groups)])
        return Side(_terms(self.denies, side, bit), groups, (taking,))

    def settle(self, bit: int, direction: int) -> None:
        """Find out whether anything changes for one of them in a direction, and what follows for others."""
        found = self.found[direction]
        if not found.pending & bit:
            return
        before, after = self.sides(bit)
        allowing, other = (after, before) if direction == NEW else (before, after)
        known = self.crowd.answers
        asked: Hashable = (id(self.builder), allowing, other, shape(self.place, (allowing, other)))
        if implies(allowing, other):
            found.pending &= ~bit
            return
        if asked not in known or known[asked] is None:
            known[asked] = self._search(bit, allowing, other)
        doubt = known[asked]
        if doubt is None:
            self._claimed(bit, found)
            return
        found.pending &= ~bit
        if doubt:
            found.doubts[doubt] = found.doubts.get(doubt, 0) | bit

    def _claimed(self, bit: int, found: Found) -> None:
        """What a search has found is true of whom it was about; else nothing may be said."""
        if found.pending & bit:
            raise AssertionError("a request does not show what it was found for")

    def _search(self, bit: int, allowing: Side, other: Side) -> str | None:
        """None where there is a request, which is taken for all; else the doubt, empty where there surely is none."""
        for request in self.crowd.candidates(self, bit) if self.shares else ():
            if self.allows(allowing, request) and not self.allows(other, request):
                self.show(request)
                return None
        search = Search([Goal(allowing, True), Goal(other, False)], self.place, self.builder)
        try:
            found = search.run()
        except TooLarge:
            return TOO_LARGE
        except Doubt as doubt:
            return str(doubt)
        if found is None:
            return ""
        self.show(found, -1 if self.shares else self.like(bit))
        if self.shares:
            self.crowd.remember(found, bit)
        return None

    def like(self, bit: int) -> int:
        """Those who have the very statements that one of them has."""
        found = self.crowd.all
        for masks in (*self.crowd.open, *(one.holders for one in self.holdings())):
            for mask in masks:
                found &= mask if mask & bit else ~mask
        return found

    def holdings(self) -> Iterator[Holding]:
        """All statements."""
        yield from self.denies
        for group in self.groups:
            yield from group

    def plain_requests(self) -> Iterator[Requests]:
        """Requests without any free key: on what was asked about, and on what reads well."""
        resources = dict.fromkeys(resource for resource, _ in self.shown)
        for resource in [*self.place.hints[:1], *resources][:_PLAIN]:
            if contains(self.place.universe, resource) and fits(
                resource, tuple(self.place.required), tuple(self.place.excluded)
            ):
                yield Requests((resource,), ({},))

    def request(self, bit: int, direction: int) -> Requests | None:
        """What shows the change for one of them."""
        return next((request for request, told in self.found[direction].requests if told & bit), None)

    @property
    def pending(self) -> int:
        """Those who are not told about in one direction or the other."""
        return self.found[NEW].pending | self.found[LOST].pending

    def adapted(self, request: Requests) -> Iterator[Requests]:
        """A request for another place, as one for this one. It keeps only what such requests may carry."""
        context = {key: values for key, values in request.contexts[0].items() if self.builder.is_free(key)}
        name = request.resources[0].rpartition("/")[2]
        for hint in self.place.hints[:1] or ("*",):
            resource = hint.replace("example", name) if name != "*" else hint
            if contains(self.place.universe, resource) and fits(
                resource, tuple(self.place.required), tuple(self.place.excluded)
            ):
                yield Requests((resource,), (context,))

    # Letters.

    def letters(self, side: int, among: int) -> Iterator[tuple[str, int]]:
        """The letters of some of them on a side, each with whose it is; empty where that is too hard."""
        if self._letters is None:
            self._letters = [Letters(self, BEFORE), Letters(self, AFTER)]
        return self._letters[side].of(among)


class Letters:
    """The letters of a cell, for everybody on one side: known at a glance, by requests that show them, or by search."""

    def __init__(self, spot: Spot, side: int) -> None:
        self.spot, self.side = spot, side
        everybody = spot.crowd.all
        denying = union(one.holders[side] for one in spot.denies)
        weighing = union(one.holders[side] for one in spot.holdings() if one.term.clauses or _has_variables(one.term))
        self.by_context = weighing
        self.missing = spot.missing(side)
        self.denied = spot.always_denied(side) & ~self.missing
        self.letters: dict[CellVerdict, int] = {
            CellVerdict.IMPLICIT_DENY: self.missing,
            CellVerdict.ALLOWED: spot.always_allowed(side) & ~denying & everybody,
            CellVerdict.EXPLICIT_DENY: 0,
            CellVerdict.CONDITIONAL: 0,
            CellVerdict.SOME: 0,
        }
        self.allowed = self.refused = 0
        self.by_resource: dict[str, list[int]] = {}
        self.seen = 0

    def of(self, among: int) -> Iterator[tuple[str, int]]:
        """The letters of some of them, each with whose it is; empty where it is too hard to tell."""
        hard = 0
        if self.untold(among):
            for request in list(self.spot.plain_requests()):
                self.spot.show(request)
            self.learn()
        while rest := self.untold(among) & ~hard:
            if not self.searched(rest & -rest):
                hard |= self.spot.like(rest & -rest)
        found = ((letter.value, mask & among) for letter, mask in self.letters.items())
        yield from ((letter, mask) for letter, mask in (*found, ("", hard & among)) if mask)

    def untold(self, among: int) -> int:
        """Those whose letter is not known yet."""
        return among & ~union(self.letters.values())

    def learn(self) -> None:
        """Take in the requests that were decided since."""
        for shown in list(self.spot.shown.values())[self.seen :]:
            allowed, would = shown.allowed[self.side], shown.would[self.side]
            refused = self.spot.crowd.all & ~allowed
            here = self.by_resource.setdefault(shown.request.resources[0], [0, 0])
            here[0] |= allowed
            here[1] |= refused
            self.letters[CellVerdict.CONDITIONAL] |= here[0] & here[1]
            self.letters[CellVerdict.EXPLICIT_DENY] |= self.denied & would
            self.allowed |= allowed
            self.refused |= refused
        self.seen = len(self.spot.shown)
        self.letters[CellVerdict.SOME] |= self.allowed & self.refused & ~self.by_context

    def searched(self, bit: int) -> bool:
        """Search for one of them, and for all who have the same statements; whether there is an answer."""
        side = self.spot.sides(bit)[self.side]
        asked = id(self.spot.builder), side, shape(self.spot.place, (side,))
        known = self.spot.crowd.verdicts
        if asked not in known:
            known[asked], requests = verdict_of(side, self.spot.place, self.spot.builder)
            for request in requests:
                self.spot.show(request)
            self.learn()
        verdict = known[asked]
        if verdict is not None:
            self.letters[verdict] |= self.spot.like(bit) & ~union(self.letters.values())
        return verdict is not None


def _terms(holdings: Sequence[Holding], side: int, bit: int) -> tuple[Term, ...]:
    """The statements of one of them; only one where it matches every request."""
    found = tuple([one.term for one in holdings if one.holders[side] & bit])
    return next(((term,) for term in found if term.always), found)


def _has_variables(term: Term) -> bool:
    return any(entry.free for entry in term.entries)
