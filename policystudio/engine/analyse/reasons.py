"""Why one side may allow what the other does not: statements that stand on one side alone, and what can meet them.

A request that shows a change is matched by such a statement. Among the requests that it matches, only statements play a
part that match some of them: whoever has the same of these is told the same, whatever else each has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from policystudio.engine import globs
from policystudio.engine.analyse.written import union
from policystudio.engine.arn import PARTS
from policystudio.engine.exact import texts
from policystudio.engine.exact.signatures import TooLarge, Universe, contains
from policystudio.engine.exact.terms import Entry, Place, Side, Term
from policystudio.engine.globs import Parts, Wild

#: Beyond so many pairs of statements of one spot all of its requests are looked at, and all of its statements.
_PAIRS = 4_000


@dataclass(slots=True)
class Holding:
    """A statement as far as it matters to a spot, with who has it before and after, as bits."""

    term: Term
    holders: list[int]


class Meeting:
    """Which statements may match the same request about a place: surely not those whose resources are apart."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._known: dict[tuple[Term, Term], bool] = {}
        self._patterns: dict[tuple[Parts, Parts], bool] = {}
        self._resources: dict[str, bool] = {}
        self._covering: dict[tuple[Term, Term | None, Term | None], bool] = {}

    def has(self, resource: str) -> bool:
        """Whether a resource is one of the place."""
        found = self._resources.get(resource)
        if found is None:
            required, excluded = tuple(self.place.required), tuple(self.place.excluded)
            here = contains(self.place.universe, resource) and texts.fits(resource, required, excluded)
            found = self._resources[resource] = here
        return found

    def covers(self, wide: Term, narrow: Term | None, other: Term | None = None) -> bool:
        """Whether a statement surely matches whatever another one does; or whatever that one and an ``other`` do."""
        if wide is narrow or wide.always:
            return True
        asked = wide, narrow, other
        found = self._covering.get(asked)
        if found is None:
            found = self._covering[asked] = narrow is not None and _covers(wide, narrow, other)
        return found

    def meet(self, left: Term, right: Term) -> bool:
        """Whether a request may match two statements."""
        if not left.entries or left.negated or left is right:
            return True
        found = self._known.get((left, right))
        if found is None:
            pairs = product(left.entries, right.entries)
            found = self._known[left, right] = any(self._entries_meet(one, other) for one, other in pairs)
        return found

    def _entries_meet(self, left: Entry, right: Entry) -> bool:
        if left.parts is None or right.parts is None:
            return True
        asked = left.parts, right.parts
        found = self._patterns.get(asked)
        if found is None:
            found = self._patterns[asked] = self._patterns_meet(*asked)
        return found

    def _patterns_meet(self, left: Parts, right: Parts) -> bool:
        if texts.apart(left, right):
            return False
        mine, theirs = globs.split_segments(left), globs.split_segments(right)
        place = self.place
        if mine is None or theirs is None or not (place.has_parts(mine) or place.has_parts(theirs)):
            return True
        universes = place.whole.segments if place.whole is not None else (texts.ANY_TEXT,) * PARTS
        return all(map(_segments_meet, reversed(mine), reversed(theirs), reversed(universes)))


@dataclass(frozen=True, slots=True)
class Stand:
    """The statements of a spot: those that deny, and by layer those that allow; whom a layer does not limit."""

    all: int
    open: Sequence[tuple[int, int]]
    denies: Sequence[Holding]
    groups: Sequence[Sequence[Holding]]
    meeting: Meeting

    def holdings(self) -> Iterator[Holding]:
        """All statements."""
        yield from self.denies
        for group in self.groups:
            yield from group

    def missing(self, side: int) -> int:
        """Those of whom some layer has no Allow that could match."""
        found = 0
        for opened, group in zip(self.open, self.groups, strict=True):
            found |= ~(opened[side] | union(one.holders[side] for one in group))
        return found & self.all

    def never(self, side: int, term: Term | None = None) -> int:
        """Those who surely are allowed nothing: by no Allow of some layer, or by a Deny that takes in all.

        Of what a ``term`` matches (which the others are those that meet), or of anything.
        """
        return self.missing(side) | union(
            one.holders[side] for one in self.denies if self.meeting.covers(one.term, term)
        )

    def like(self, bit: int) -> int:
        """Those who have the very statements that one of them has."""
        found = self.all
        for masks in (*self.open, *(one.holders for one in self.holdings())):
            for mask in masks:
                found &= mask if mask & bit else ~mask
        return found

    def side(self, bit: int, side: int) -> Side:
        """What applies to one of them."""
        taking = tuple([layer for layer, opened in enumerate(self.open) if not opened[side] & bit])
        groups = tuple([_terms(group, side, bit) if layer in taking else () for layer, group in enumerate(self.groups)])
        return Side(_terms(self.denies, side, bit), groups, (taking,))

    def within(self, term: Term | None) -> "Stand":
        """Of the statements those that may match a request that another one matches."""
        if term is None or not term.entries or term.negated:
            return self
        meet = self.meeting.meet
        denies = [one for one in self.denies if meet(one.term, term)]
        groups = [[one for one in group if meet(one.term, term)] for group in self.groups]
        return Stand(self.all, self.open, denies, groups, self.meeting)


@dataclass(slots=True)
class Reason:
    """Of a direction: a statement that every request must match (None: any request will do), and what it can meet.

    ``pending`` are those of whom it is not known whether there is such a request.
    """

    term: Term | None
    stand: Stand
    pending: int

    @property
    def required(self) -> Side | None:
        """A side that allows what the statement matches."""
        return None if self.term is None or self.term.always else Side((), ((self.term,),), ((0,),))


def reasons(stand: Stand, wanted: int, unwanted: int, *, each: bool = True) -> list[Reason]:
    """Why the wanted side may allow what the unwanted one does not, with those of whom it may be true.

    A single one of any request where not ``each`` statement is to be looked at by itself, or they are too many.
    """
    found = []
    changed = [one for one in _changed(stand, wanted, unwanted) if one[2]]
    if len(changed) * sum(1 for _ in stand.holdings()) > _PAIRS:
        changed = [(None, -1, union(mask for _, _, mask in changed))]
    for term, layer, mask in changed:
        among = stand.within(term)
        pending = mask & ~among.never(wanted, term)
        if layer >= 0 and pending:
            pending &= ~union(
                one.holders[unwanted] for one in among.groups[layer] if stand.meeting.covers(one.term, term)
            )
            pending = _not_covered(among, wanted, unwanted, layer, term, pending)
        if pending:
            found.append(Reason(term, among, pending))
    if each or not found:
        return found
    return [Reason(None, stand, union(one.pending for one in found))]


def _changed(stand: Stand, wanted: int, unwanted: int) -> Iterator[tuple[Term | None, int, int]]:
    """The statements of one side alone by which it may allow more, each with its layer (a Deny: -1) and for whom."""
    for one in stand.denies:
        yield one.term, -1, one.holders[unwanted] & ~one.holders[wanted]
    for layer, (opened, group) in enumerate(zip(stand.open, stand.groups, strict=True)):
        covered = opened[unwanted] | union(one.holders[unwanted] for one in group if one.term.always)
        yield None, layer, opened[wanted] & ~covered
        for one in group:
            yield one.term, layer, one.holders[wanted] & ~one.holders[unwanted] & ~covered


def _not_covered(stand: Stand, wanted: int, unwanted: int, layer: int, term: Term | None, pending: int) -> int:
    """Those for whom a statement of one layer may allow more than they had there, of what the others allow too."""
    for number, (opened, group) in enumerate(zip(stand.open, stand.groups, strict=True)):
        if number == layer or not pending & ~opened[wanted]:
            continue
        found = pending & opened[wanted]
        for one in group:
            mask = one.holders[wanted] & pending & ~found
            if mask:
                had = (
                    it
                    for it in stand.groups[layer]
                    if it.holders[unwanted] & mask and stand.meeting.covers(it.term, one.term, term)
                )
                found |= mask & ~union(it.holders[unwanted] for it in had)
        pending = found
    return pending


def _covers(wide: Term, narrow: Term, other: Term | None) -> bool:
    if not all(one in narrow.clauses or (other and one in other.clauses) for one in wide.clauses):
        return False
    if not wide.entries:
        return True
    if wide.negated or narrow.negated or not narrow.entries:
        return False
    return all(any(_takes_in(one, entry) for one in wide.entries) for entry in narrow.entries)


def _takes_in(wide: Entry, narrow: Entry) -> bool:
    if wide is narrow:
        return True
    return wide.parts is not None and narrow.parts is not None and texts.covers(wide.parts, narrow.parts)


@lru_cache(maxsize=100_000)
def _segments_meet(left: Parts, right: Parts, universe: Universe) -> bool:
    """Whether two patterns match the same text somewhere; also where that is too hard to tell."""
    if left == right or (Wild.ANY,) in (left, right):
        return True
    try:
        return texts.find_text(frozenset({left, right}), frozenset(), universe) is not None
    except TooLarge:
        return True


def _terms(holdings: Sequence[Holding], side: int, bit: int) -> tuple[Term, ...]:
    """The statements of one of them; only one where it matches every request."""
    found = tuple([one.term for one in holdings if one.holders[side] & bit])
    return next(((term,) for term in found if term.always), found)
