"""The letters of a cell for many principals at once: known at a glance, by requests that show them, or by search."""

from collections.abc import Iterator, Sequence

from policystudio.engine.analyse.reasons import Holding
from policystudio.engine.analyse.shapes import shape
from policystudio.engine.analyse.spots import Spot
from policystudio.engine.analyse.written import union
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.terms import Term
from policystudio.engine.exact.verdict import verdict_of


class Letters:
    """The letters of a cell, for everybody on one side."""

    def __init__(self, spot: Spot, side: int) -> None:
        self.spot, self.stand, self.side = spot, spot.stand, side
        missing = self.stand.missing(side)
        denying = union(one.holders[side] for one in self.stand.denies)
        self.denied = spot.always_denied(side) & ~missing
        self.letters: dict[CellVerdict, int] = {
            CellVerdict.IMPLICIT_DENY: missing,
            CellVerdict.ALLOWED: spot.always_allowed(side) & ~denying & self.stand.all,
            CellVerdict.EXPLICIT_DENY: 0,
            CellVerdict.CONDITIONAL: 0,
            CellVerdict.SOME: 0,
        }
        self.allowed = self.refused = 0
        self.by_context = self.stand.all  # of whom it is not known that no context decides about any resource
        self.by_resource: dict[str, list[int]] = {}
        self.seen = 0

    def of(self, among: int) -> Iterator[tuple[str, int]]:
        """The letters of some of them, each with whose it is; empty where it is too hard to tell."""
        hard = 0
        if self.untold(among):
            self.look(among)
        while rest := self.untold(among) & ~hard:
            if not self.searched(rest & -rest):
                hard |= self.stand.like(rest & -rest)
        found = ((letter.value, mask & among) for letter, mask in self.letters.items())
        yield from ((letter, mask) for letter, mask in (*found, ("", hard & among)) if mask)

    def untold(self, among: int) -> int:
        """Those whose letter is not known yet."""
        return among & ~union(self.letters.values())

    def look(self, among: int) -> None:
        """Tell of whom it is plain: by a few requests, and by what the context can decide at all."""
        self.letters[CellVerdict.IMPLICIT_DENY] |= self.nowhere()
        for request in list(self.spot.plain_requests()):
            self.spot.show(request)
        self.learn()
        self.show(among, weighing=True)
        untold = self.untold(among)
        self.by_context &= ~untold | self.weighing(untold)
        self.learn()
        self.show(among, weighing=False)

    def show(self, among: int, *, weighing: bool) -> None:
        """Decide requests that statements of theirs match: of those that weigh the context, or of the others."""
        for one in self.stand.holdings():
            if one.holders[self.side] & self.untold(among) and _weighs(one.term) is weighing:
                for request in self.samples(one.term):
                    self.spot.show(request)
                self.learn()

    def nowhere(self) -> int:
        """Those of whom no Allow of one layer can match what an Allow of each other one does."""
        layers = [(group, opened[self.side]) for group, opened in zip(self.stand.groups, self.stand.open, strict=True)]
        group, opened = min(layers, key=lambda layer: len(layer[0]), default=((), self.stand.all))
        somewhere = opened
        for one in group if len(layers) > 1 else ():
            somewhere |= one.holders[self.side] & ~self.stand.within(one.term).missing(self.side)
        return self.stand.all & ~somewhere if len(layers) > 1 else 0

    def weighing(self, among: int) -> int:
        """Those for whom the context may decide about some resource.

        A statement that weighs it decides nothing where another one like it says the same in every context, nor where
        what it matches is never allowed.
        """
        found = 0
        for alike in (self.stand.denies, *self.stand.groups):
            plain = [one for one in alike if not _weighs(one.term)]
            for one in alike:
                mask = one.holders[self.side] & among & ~found
                if mask and _weighs(one.term):
                    found |= mask & ~self.covered(plain, one.term) & ~self.never(one.term)
        return found

    def covered(self, plain: Sequence[Holding], term: Term) -> int:
        """Those who have one of some statements that matches whatever another one does."""
        return union(one.holders[self.side] for one in plain if self.stand.meeting.covers(one.term, term))

    def never(self, term: Term) -> int:
        """Those who are allowed nothing that a statement matches, in whichever context."""
        within = self.stand.within(term)
        plain = [one for one in within.denies if not _weighs(one.term)]
        return within.missing(self.side) | self.covered(plain, term)

    def samples(self, term: Term) -> Iterator[Requests]:
        """A request that a statement matches, and one about the same resource without any free key."""
        request = self.spot.sample(term)
        if request is not None:
            yield request
            if request.contexts[0]:
                yield Requests(request.resources, ({},))

    def learn(self) -> None:
        """Take in the requests that were decided since."""
        for shown in list(self.spot.shown.values())[self.seen :]:
            allowed, would = shown.allowed[self.side], shown.would[self.side]
            refused = self.stand.all & ~allowed
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
        side = self.stand.side(bit, self.side)
        asked = id(self.spot.builder), side, shape(self.spot.place, (side,))
        known = self.spot.crowd.verdicts
        if asked not in known:
            known[asked], requests = verdict_of(side, self.spot.place, self.spot.builder)
            for request in requests:
                self.spot.show(request)
            self.learn()
        verdict = known[asked]
        if verdict is not None:
            self.letters[verdict] |= self.stand.like(bit) & ~union(self.letters.values())
        return verdict is not None


def _weighs(term: Term) -> bool:
    """Whether the context decides whether a statement matches."""
    return bool(term.clauses) or any(entry.free for entry in term.entries)
