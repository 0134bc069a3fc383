"""Names that make no difference: principals of whom a stand-in may be written into statements instead of their own."""

from collections.abc import Sequence

from policystudio.engine.analyse.names import HOLE, Holes, holes_in
from policystudio.engine.analyse.written import STAND_IN, Pair, Pool, content_of
from policystudio.engine.exact.facts import is_name

_USERNAME = "aws:username"
#: Names other than those of users stand in where so many different ones are asked about.
_MANY_NAMES = 16
_Told = frozenset[tuple[int, ...]]


class StandIns:
    """Gives pairs their names to be hidden, where these can be told from every other text that they may meet."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._holes: dict[_Told, tuple[Holes | None, bool]] = {}

    def give(self, pairs: Sequence[Pair]) -> None:
        """Give each pair its name to be hidden, and the patterns that it stands in, where that can be done."""
        by_hole: dict[str, list[Pair]] = {}
        for pair in pairs:
            by_hole.setdefault(self._hole(pair), []).append(pair)
        for hole, chosen in by_hole.items():
            if hole:
                self._name(hole, chosen)

    def _hole(self, pair: Pair) -> str:
        """The key whose value may be written as the stand-in; empty where there is none."""
        facts = pair.known[1]
        names = {key for key in self.pool.variables if is_name(facts.value_of(key))}
        read = {key for side in pair.held for held in side for key in held.variables & names} if names else names
        hole = _USERNAME if _USERNAME in read else read.pop() if len(read) == 1 else ""
        return "" if hole in pair.differing else hole

    def _name(self, hole: str, pairs: Sequence[Pair]) -> None:
        """What holds for the statements of all holds for those of each."""
        names = [pair.known[1].value_of(hole)[0] for pair in pairs]
        if hole != _USERNAME and len(set(names)) < _MANY_NAMES:
            return
        told = [self._told(pair, name) for pair, name in zip(pairs, names, strict=True)]
        everything = _Told().union(*told)
        for pair, name, own in zip(pairs, names, told, strict=True):
            found = self._fitting(everything, name) or self._fitting(own, name)
            if found is not None:
                pair.name, pair.holes = name, found

    def _told(self, pair: Pair, name: str) -> _Told:
        """The policies of a pair, with a mark where the name stands."""
        sides = self.pool.told(pair, name, HOLE)
        both = ((held, told) for side, told in zip(pair.held, sides, strict=True) for held in side if held.bearing)
        return frozenset([self.pool.settle(held, told) for held, told in dict.fromkeys(both)])

    def _fitting(self, told: _Told, name: str) -> Holes | None:
        """Where the name stands, if it and the stand-in can be told from every other text there."""
        holes, fits = self._holes_of(told)
        if holes is None or not fits or name in STAND_IN or STAND_IN in name:
            return None
        return holes if holes.fits(name) else None

    def _holes_of(self, told: _Told) -> tuple[Holes | None, bool]:
        """Where names stand in some policies, and whether the stand-in fits there."""
        found = self._holes.get(told)
        if found is None:
            numbers = sorted({number for policy in told for number in policy})
            holes = holes_in(content_of(self.pool.written[number].statement) for number in numbers)
            found = self._holes[told] = holes, holes is not None and holes.fits(STAND_IN)
        return found
