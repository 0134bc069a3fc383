"""One cell, or the resources that actions of other services may be about, for many principals at once.

A request is decided for all of them by bits: each statement that matches it brings in those who have it. What a request
shows of one is so shown of everybody of whom it is true; a proof is sought only for those whom no request and no glance
tells about, once for all who have the same statements.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from policystudio.engine.analyse.compare import TOO_LARGE, implies
from policystudio.engine.analyse.reasons import Holding, Meeting, Reason, Stand, reasons
from policystudio.engine.analyse.shapes import shape
from policystudio.engine.analyse.written import Pool, union
from policystudio.engine.document import Effect
from policystudio.engine.effort import step
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.places import find_resource
from policystudio.engine.exact.search import Doubt, Goal, Search
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.terms import Clause, Entry, Place, Side, Term, TermBuilder
from policystudio.engine.exact.values import Literal, Unknown
from policystudio.engine.globs import Parts

#: Statements by number: each as a term, if it can match at all, with its layer.
Placed = dict[int, tuple[int, Term | None]]
#: On so many resources requests without any free key are decided, for the letters.
_PLAIN = 12
_NO_TEXTS = frozenset[Parts]()
#: The two directions, and the two sides: each is an index.
NEW, LOST = BEFORE, AFTER = 0, 1
DIRECTIONS = (NEW, LOST)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request shows: whom it is allowed to on either side, and whom it would be without any Deny."""

    request: Requests
    allowed: tuple[int, int]
    would: tuple[int, int]

    def changed(self, direction: int) -> int:
        """For whom it is allowed on the one side and not on the other."""
        before, after = self.allowed
        return after & ~before if direction == NEW else before & ~after


@dataclass(slots=True)
class Found:
    """Of one direction: why anything may change, who is not told about yet, requests with whom they are for, doubts."""

    reasons: list[Reason]
    pending: int = 0
    told: int = 0  # who has a request
    requests: list[tuple[Requests, int]] = field(default_factory=list)
    doubts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.narrow()

    def narrow(self) -> None:
        """Those are not told about yet of whom some reason may be true."""
        self.pending = union(reason.pending for reason in self.reasons) & ~self.told & ~union(self.doubts.values())


class Company(Protocol):
    """Those who are asked about together: who has which statement on either side, and what is kept between spots."""

    pool: Pool
    all: int
    open: list[tuple[int, int]]
    holders: tuple[dict[int, int], dict[int, int]]
    answers: dict[Hashable, str | None]
    verdicts: dict[Hashable, CellVerdict | None]

    def meeting(self, place: Place) -> Meeting:
        """What statements may match the same request about a place."""

    def context_number(self, context: dict[str, tuple[str, ...]]) -> int:
        """A number for what a context says."""

    def placed(self, builder: TermBuilder, place: Place) -> Placed:
        """The statements by number, as far as they were needed as terms of a place."""

    def truths(self, request: Requests) -> tuple[dict[Entry, bool], dict[Clause, bool]]:
        """What is known of entries of Resource for a request's resource, and of conditions in its context."""

    def entry_holds(self, entry: Entry, request: Requests) -> bool:
        """Whether an entry of Resource matches a request."""

    def clause_holds(self, clause: Clause, context: dict[str, tuple[str, ...]]) -> bool:
        """Whether a condition holds in a context."""

    def candidates(self, spot: "Spot", bit: int) -> Iterable[Requests]:
        """Requests that showed something elsewhere."""

    def remember(self, request: Requests, bit: int) -> None:
        """Keep a request as one that may show something elsewhere."""


class Asked:
    """A request with what is known of the entries and conditions that hold for it."""

    def __init__(self, crowd: Company, request: Requests) -> None:
        self.crowd, self.request = crowd, request
        self.entries, self.clauses = crowd.truths(request)

    def matches(self, term: Term) -> bool:
        """Whether a statement matches the request."""
        for clause in term.clauses:
            truth = self.clauses.get(clause)
            if truth is None:
                truth = self.clauses[clause] = self.crowd.clause_holds(clause, self.request.contexts[0])
            if not truth:
                return False
        for entry in term.entries:
            if self.holds(entry):
                return not term.negated
        return term.negated or not term.entries

    def holds(self, entry: Entry) -> bool:
        """Whether an entry of Resource matches the request's; one that reads the context is not kept."""
        truth = self.entries.get(entry)
        if truth is None:
            truth = self.crowd.entry_holds(entry, self.request)
            if entry.parts is not None:
                self.entries[entry] = truth
        return truth


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
        self._add(naming)
        self.shown: dict[tuple[str, int], Shown] = {}
        self.stand = Stand(crowd.all, crowd.open, self.denies, self.groups, crowd.meeting(place))
        self.found = [Found(reasons(self.stand, side, 1 - side, each=shares)) for side in (AFTER, BEFORE)]

    def _add(self, naming: Iterable[int]) -> None:
        """The statements with those who have them; statements that come to the same are one."""
        step()
        placed = self.crowd.placed(self.builder, self.place)
        before, after = self.crowd.holders
        by_term: dict[tuple[int, Term], Holding] = {}
        for number in naming:
            layer, term = placed[number] if number in placed else self._put(placed, number)
            if term is None:
                continue
            known = by_term.get((layer, term))
            if known is None:
                known = by_term[layer, term] = Holding(term, [0, 0])
                (self.denies if layer < 0 else self.groups[layer]).append(known)
            known.holders[BEFORE] |= before.get(number, 0)
            known.holders[AFTER] |= after.get(number, 0)

    def _put(self, placed: Placed, number: int) -> tuple[int, Term | None]:
        """A statement as a term of the place, with its layer (a Deny: -1)."""
        step()
        item = self.crowd.pool.written[number]
        layer = -1 if item.statement.effect is Effect.DENY else item.layer
        found = placed[number] = layer, self.builder.work_out(item.statement, item.modern, self.place)
        return found

    # At a glance.

    def always_denied(self, side: int) -> int:
        """Those who have a Deny that matches every request."""
        return union(one.holders[side] for one in self.denies if one.term.always)

    def always_allowed(self, side: int) -> int:
        """Those whom every layer allows everything, as long as no Deny matches."""
        found = self.crowd.all
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            found &= opened[side] | union(one.holders[side] for one in group if one.term.always)
        return found

    # Requests.

    def show(self, request: Requests, among: int = -1) -> Shown:
        """Decide a request for everybody; it is evidence for those ``among`` whom it may stand."""
        known = self.decided(request)
        for direction in DIRECTIONS:
            self._take(direction, known, among)
        return known

    def decided(self, request: Requests) -> Shown:
        """What a request shows, without any claim."""
        asked = request.resources[0], self.crowd.context_number(request.contexts[0])
        known = self.shown.get(asked)
        if known is None:
            known = self.shown[asked] = self._decide(request)
        return known

    def _decide(self, request: Requests) -> Shown:
        asked = Asked(self.crowd, request)
        denied, would = [0, 0], [self.crowd.all, self.crowd.all]
        for one in self.denies:
            if asked.matches(one.term):
                denied = [denied[0] | one.holders[0], denied[1] | one.holders[1]]
        for opened, group in zip(self.crowd.open, self.groups, strict=True):
            before, after = opened
            for one in group:
                if (one.holders[0] & ~before or one.holders[1] & ~after) and asked.matches(one.term):
                    before, after = before | one.holders[0], after | one.holders[1]
            would = [would[0] & before, would[1] & after]
        allowed = would[0] & ~denied[0], would[1] & ~denied[1]
        return Shown(request, allowed, (would[0], would[1]))

    def _take(self, direction: int, shown: Shown, among: int) -> None:
        found = self.found[direction]
        told = shown.changed(direction) & found.pending & among
        if told:
            found.requests.append((shown.request, told))
            found.pending &= ~told
            found.told |= told

    # One of the principals.

    def settle(self, bit: int, direction: int) -> None:
        """Find out whether anything changes for one of them in a direction, and what follows for others."""
        found = self.found[direction]
        if not found.pending & bit:
            return
        for request in self.crowd.candidates(self, bit) if self.shares else ():
            if self.decided(request).changed(direction) & bit:
                self.show(request)
                return
        doubts = []
        for reason in found.reasons:
            if not found.pending & bit:
                return
            if reason.pending & bit:
                doubt = self._asked(bit, direction, reason)
                if doubt is None and found.pending & bit:
                    raise AssertionError("a request does not show what it was found for")
                doubts += [doubt] if doubt else []
        if found.pending & bit:
            if doubts:
                found.doubts[doubts[0]] = found.doubts.get(doubts[0], 0) | bit
            found.narrow()

    def _asked(self, bit: int, direction: int, reason: Reason) -> str | None:
        """None where a request shows the change for one of them; else why not, empty where there surely is none."""
        before, after = (reason.stand.side(bit, side) for side in (BEFORE, AFTER))
        allowing, other = (after, before) if direction == NEW else (before, after)
        if implies(allowing, other):
            doubt: str | None = ""
        else:
            known, required = self.crowd.answers, reason.required
            seen = (allowing, other) if required is None else (allowing, other, required)
            asked: Hashable = id(self.builder), seen, shape(self.place, seen)
            if asked not in known or known[asked] is None:
                known[asked] = self._search(bit, reason, allowing, other)
            doubt = known[asked]
        if doubt == "":
            reason.pending &= ~reason.stand.like(bit)
        return doubt

    def _search(self, bit: int, reason: Reason, allowing: Side, other: Side) -> str | None:
        """None where there is a request, which is taken for all; else the doubt, empty where there surely is none."""
        required = reason.required
        goals = [Goal(allowing, True), Goal(other, False), *([Goal(required, True)] if required else [])]
        search = Search(goals, self.place, self.builder)
        try:
            found = search.run()
        except TooLarge:
            return TOO_LARGE
        except Doubt as doubt:
            return str(doubt)
        if found is None:
            return ""
        self.show(found, -1 if self.shares else self.stand.like(bit))
        if self.shares:
            self.crowd.remember(found, bit)
        return None

    def plain_requests(self) -> Iterator[Requests]:
        """Requests without any free key: on what was asked about, and on what reads well."""
        resources = dict.fromkeys(resource for resource, _ in self.shown)
        for resource in [*self.place.hints[:1], *resources][:_PLAIN]:
            if self.stand.meeting.has(resource):
                yield Requests((resource,), ({},))

    def sample(self, term: Term) -> Requests | None:
        """A request that a statement matches, where one is found at once."""
        texts = [entry.parts for entry in term.entries if entry.parts is not None]
        if any(clause.free for clause in term.clauses) or len(texts) < len(term.entries):
            return None
        by_key: dict[str, list[Literal]] = {}
        for clause in term.clauses:
            by_key.setdefault(clause.key, []).append((clause.condition, True))
        required, excluded = (_NO_TEXTS, frozenset(texts)) if term.negated else (frozenset(texts[:1]), _NO_TEXTS)
        try:
            resource = find_resource(self.place, required, excluded)
            found = {key: self.builder.values(key, literals) for key, literals in by_key.items()}
        except (TooLarge, Unknown):
            return None
        context = {key: values for key, values in found.items() if values is not None}
        return None if resource is None or len(context) < len(found) else Requests((resource,), (context,))

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
            if self.stand.meeting.has(resource):
                yield Requests((resource,), (context,))
