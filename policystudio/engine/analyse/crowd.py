"""Principals of whose requests the same keys are free, each a bit: who has which statement, before and after."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from policystudio.engine.analyse.reasons import Meeting
from policystudio.engine.analyse.scope import Scope
from policystudio.engine.analyse.spots import AFTER, BEFORE, LOST, NEW, Placed, Spot
from policystudio.engine.analyse.written import Pair, Pool, union
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.conditions import condition_holds
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts, is_name
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.terms import Clause, Entry, Place, TermBuilder
from policystudio.engine.globs import matches
from policystudio.engine.match import resource_matches
from policystudio.engine.request import Context

#: Spots about which all is said are put away once for so many principals.
_CLEARED = 50
#: So many requests that showed something elsewhere are tried before a search.
_CANDIDATES = 4


@dataclass(frozen=True)
class Unit:
    """Actions of one class: those with cells of one type whose requests carry the same keys, or some without cells."""

    number: int
    actions: int
    sources: Sequence[int]  # the statements that name them, before anything is written in
    absent: frozenset[str]
    columns: tuple[Column, ...] = ()
    service: str = ""
    #: Of an action that is not known, the statements that name it: it is one for those who have them.
    naming: frozenset[int] | None = None


class Crowd:
    """Some principals, with the spots that they are asked about."""

    def __init__(self, pool: Pool, pairs: Sequence[Pair], signature: "Signature", units: Sequence[Unit]) -> None:
        self.pool, self.pairs = pool, pairs
        self.all = (1 << len(pairs)) - 1
        self.facts = Facts(dict(signature.fixed))
        self.free = signature.free
        self.scope = Scope(signature.partition, signature.account, self.facts)
        self.holders: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self.open = self._open()
        for side in (BEFORE, AFTER):
            self._hold(side)
        self.differing = frozenset(
            number
            for number in self.holders[0].keys() | self.holders[1].keys()
            if self.holders[0].get(number) != self.holders[1].get(number)
        )
        self.reopened = any(before != after for before, after in self.open)
        self.answers: dict[Hashable, str | None] = {}
        self.verdicts: dict[Hashable, CellVerdict | None] = {}
        self._builders: dict[frozenset[str], TermBuilder] = {}
        self._places: dict[str, list[Place]] = {}
        self._meetings: dict[int, Meeting] = {}
        self._placed: dict[tuple[int, int], tuple[Placed, TermBuilder, Place]] = {}
        self._asking: dict[int, int] = {}
        self._contexts: dict[Hashable, int] = {}
        self._context_of: dict[int, tuple[int, dict[str, tuple[str, ...]], Context]] = {}
        self._of_resource: dict[str, dict[Entry, bool]] = {}
        self._of_context: dict[int, dict[Clause, bool]] = {}
        self._remembered: list[tuple[Requests, tuple[str, ...]]] = []
        self._profiles: dict[int, tuple[str, ...]] = {}
        by_source: dict[int, list[int]] = {}
        for number in sorted(self.holders[0].keys() | self.holders[1].keys()):
            by_source.setdefault(pool.written[number].source, []).append(number)
        self._by_source = by_source
        self.differing_pairs = union(1 << place for place, pair in enumerate(pairs) if pair.differing)
        asked = [(unit, self._made(unit)) for unit in units]
        #: The units about which something may change, with their places.
        self.asked = [(unit, spots) for unit, spots in asked if spots]
        self._open_spots = [spots[0] for unit, spots in self.asked if unit.columns]
        self._elsewhere = [_InTurn(spots, self.asking(unit)) for unit, spots in self.asked if not unit.columns]
        #: Who has been compared.
        self.settled = 0

    def _open(self) -> list[tuple[int, int]]:
        """For each layer those whom it does not limit, on either side."""
        count = 1 + max((layer for pair in self.pairs for side in pair.layers for layer in side), default=-1)
        opened = [[self.all, self.all] for _ in range(count)]
        for place, pair in enumerate(self.pairs):
            for side, layers in enumerate(pair.layers):
                for layer in layers:
                    opened[layer][side] ^= 1 << place
        return [(before, after) for before, after in opened]

    def _hold(self, side: int) -> None:
        by_policy: dict[tuple[int, ...], int] = {}
        for place, pair in enumerate(self.pairs):
            for numbers in pair.written[side]:
                by_policy[numbers] = by_policy.get(numbers, 0) | 1 << place
        holders = self.holders[side]
        for numbers, mask in by_policy.items():
            for number in numbers:
                holders[number] = holders.get(number, 0) | mask

    # Spots.

    def builder(self, absent: frozenset[str]) -> TermBuilder:
        """The builder for requests that never carry ``absent``."""
        found = self._builders.get(absent)
        if found is None:
            free = self.free - absent
            found = self._builders[absent] = TermBuilder(self.facts, self.pool.keys, free.__contains__)
        return found

    def places(self, service: str) -> list[Place]:
        """Where resources of a service may be, for actions without cells."""
        if service not in self._places:
            apart = service != load_sagemaker().service
            self._places[service] = [place for place, _ in self.scope.places(service, keys_apart=apart)]
        return self._places[service]

    def meeting(self, place: Place) -> Meeting:
        """What statements may match the same request about a place."""
        found = self._meetings.get(id(place))
        if found is None:
            found = self._meetings[id(place)] = Meeting(place)  # which keeps the place, so that its id stays its own
        return found

    def placed(self, builder: TermBuilder, place: Place) -> Placed:
        """The statements by number, as far as they were needed as terms of a place."""
        asked = id(builder), id(place)
        if asked not in self._placed:
            self._placed[asked] = {}, builder, place  # which are kept, so that their ids stay theirs
        return self._placed[asked][0]

    def naming(self, unit: Unit) -> list[int]:
        """The statements of anybody here that name actions of a unit, in the order in which the policies have them."""
        return [number for source in sorted(unit.sources) for number in self._by_source.get(source, ())]

    def _made(self, unit: Unit) -> list[Spot]:
        """The places where something may change for a unit; none where all statements are the same on both sides."""
        naming = self.naming(unit)
        if not self.reopened and self.differing.isdisjoint(naming):
            return []
        builder = self.builder(unit.absent & self.free)
        if unit.columns:
            return [Spot(self, self.scope.column(unit.columns[0].resource_type), builder, naming, shares=True)]
        # Which type of resource is told of depends on the request; of unknown types nothing is lost by borrowing one.
        shares = unit.service == load_sagemaker().service
        return [Spot(self, place, builder, naming, shares=shares) for place in self.places(unit.service)]

    def settle(self, place: int) -> None:
        """Compare one of the principals; what is found is found for others, too."""
        bit = 1 << place
        if self.settled & bit:
            return
        if place % _CLEARED == 0:
            self._open_spots = [spot for spot in self._open_spots if spot.pending]
        for spot in self._open_spots:
            new, lost = spot.found
            if new.pending & bit:
                spot.settle(bit, NEW)
            if lost.pending & bit:
                spot.settle(bit, LOST)
        for places in self._elsewhere:
            if places.pending & bit:
                places.settle(bit)
        self.settled |= bit

    def asking(self, unit: Unit) -> int:
        """Those for whom there are such actions."""
        if unit.naming is None:
            return self.all
        found = self._asking.get(unit.number)
        if found is None:
            wanted = union(1 << source for source in unit.naming)
            having = (place for place, pair in enumerate(self.pairs) if (pair.bits[0] | pair.bits[1]) & wanted)
            found = self._asking[unit.number] = union(1 << place for place in having)
        return found

    def doubted(self, unit: Unit, place: int) -> str:
        """Why nothing can be said of one: a statement weighs what differs between the sides against a free key."""
        pair = self.pairs[place]
        if not pair.differing:
            return ""
        items = (self.pool.written[number] for side in pair.written for numbers in side for number in numbers)
        return next(
            (
                one.doubt
                for one in items
                if one.doubt and one.reads & pair.differing and self.pool.named[one.source] & unit.actions
            ),
            "",
        )

    # Requests.

    def context_number(self, context: dict[str, tuple[str, ...]]) -> int:
        """A number for what a context says."""
        known = self._context_of.get(id(context))
        if known is None:
            content = tuple(sorted(item for item in context.items() if item[1]))
            number = self._contexts.setdefault(content, len(self._contexts))
            known = self._context_of[id(context)] = number, context, self.facts.context_with(context)
        return known[0]

    def context(self, context: dict[str, tuple[str, ...]]) -> Context:
        """A context with what is known of everybody here."""
        self.context_number(context)
        return self._context_of[id(context)][2]

    def truths(self, request: Requests) -> tuple[dict[Entry, bool], dict[Clause, bool]]:
        """What is known of entries of Resource for a request's resource, and of conditions in its context."""
        number = self.context_number(request.contexts[0])
        return self._of_resource.setdefault(request.resources[0], {}), self._of_context.setdefault(number, {})

    def entry_holds(self, entry: Entry, request: Requests) -> bool:
        """Whether an entry of Resource matches a request."""
        resource = request.resources[0]
        if entry.parts is None:
            return resource_matches(entry.text, resource, self.context(request.contexts[0]), True)
        return matches(entry.parts, resource)

    def clause_holds(self, clause: Clause, context: dict[str, tuple[str, ...]]) -> bool:
        """Whether a condition holds in a context."""
        return condition_holds(clause.condition, self.context(context), self.pool.keys, True)

    def candidates(self, spot: Spot, bit: int) -> Iterator[Requests]:
        """Requests that showed something elsewhere, with what is known of one of the principals in place of others'."""
        mine = self.profile(bit.bit_length() - 1)
        for request, theirs in self._remembered[:_CANDIDATES]:
            yield from spot.adapted(_instead(request, theirs, mine))

    def remember(self, request: Requests, bit: int) -> None:
        """Keep a request as one that may show something elsewhere."""
        self._remembered = [(request, self.profile(bit.bit_length() - 1)), *self._remembered[: _CANDIDATES - 1]]

    def profile(self, place: int) -> tuple[str, ...]:
        """The names and tags of one of the principals that statements read, as they are written into these."""
        found = self._profiles.get(place)
        if found is None:
            pair = self.pairs[place]
            values = [pair.known[1].value_of(key) for key in self.pool.variables]
            texts = [one[0] if is_name(one) else "" for one in values]
            found = self._profiles[place] = tuple(["" if text == pair.name else text for text in texts])
        return found


@dataclass(frozen=True)
class Signature:
    """What principals of one crowd have in common: where their resources are, and which keys they read are known."""

    account: str
    partition: str
    free: frozenset[str]
    fixed: frozenset[tuple[str, tuple[str, ...]]]


def signature_of(pool: Pool, pair: Pair) -> Signature | None:
    """The signature of a pair; None where both sides know different things that could not be written in."""
    facts = pair.known[1]
    fixed: dict[str, tuple[str, ...]] = {}
    for numbers in dict.fromkeys((*pair.written[0], *pair.written[1])):
        for item in pool.fixed(numbers):
            for key, values in item.fixed:
                if item.doubt and key in pair.differing:
                    continue
                if fixed.setdefault(key, values) != values:
                    return None
    free = frozenset(key for key in pool.reads if not facts.knows(key))
    return Signature(*pair.place, free, frozenset(fixed.items()))


class _InTurn:
    """Places that are looked at one after the other, until one shows a change."""

    def __init__(self, spots: Sequence[Spot], among: int) -> None:
        self.spots, self.among = spots, among
        self.pending = among

    def settle(self, bit: int) -> None:
        """Look for one of the principals."""
        for direction in (NEW, LOST):
            for spot in self.spots:
                if spot.found[direction].pending & bit:
                    spot.settle(bit, direction)
                if spot.found[direction].told & bit:
                    break
        self.pending = 0
        for direction in (NEW, LOST):
            rest = self.among
            for found in (spot.found[direction] for spot in self.spots):
                self.pending |= found.pending & rest
                rest &= ~found.told


def _instead(request: Requests, theirs: Sequence[str], mine: Sequence[str]) -> Requests:
    """A request with one's own names and tags in place of somebody else's."""
    changes = [(old, new) for old, new in zip(theirs, mine, strict=True) if old and new and old != new]
    if not changes:
        return request
    context = {key: tuple(_replaced(value, changes) for value in values) for key, values in request.contexts[0].items()}
    return Requests((_replaced(request.resources[0], changes),), (context,))


def _replaced(text: str, changes: Sequence[tuple[str, str]]) -> str:
    for old, new in changes:
        text = text.replace(old, new)
    return text
