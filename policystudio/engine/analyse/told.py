"""What a comparison of many tells: of each unit of actions, for whom which changes, with the letters of their cells."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policystudio.engine.analyse.comparison import Change
from policystudio.engine.analyse.crowd import Crowd, Unit
from policystudio.engine.analyse.letters import Letters
from policystudio.engine.analyse.spots import AFTER, BEFORE, Spot
from policystudio.engine.analyse.types import type_of
from policystudio.engine.analyse.written import bits, union
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.exact.linked import Requests

#: What is told of one action and type: whether something is newly allowed, and newly denied, and a doubt.
Row = tuple[str, str, bool, bool, str]


@dataclass(frozen=True, eq=False)
class Part:
    """What changes of some actions, for all of whom the same is told: there is one object for it.

    The claims are those of ``Comparison``. ``cells`` are the SageMaker cells that one spot tells about.
    """

    rows: tuple[Row, ...]
    no_new_access: bool | None
    no_lost_access: bool | None
    undecided: str
    gained: frozenset[tuple[str, str]]
    lost: frozenset[tuple[str, str]]
    of_cells: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What is told about a unit, with those for whom it is the same; of cells with their letters before and after."""

    unit: Unit
    part: Part
    whose: int
    spots: Sequence[Spot]
    letters: str = ""

    def lettered(self, sides: tuple[Letters, Letters]) -> Iterator["Told"]:
        """The same by letters."""
        if not self.part.of_cells or not self.part.rows:
            yield self
            return
        for before, those in list(sides[BEFORE].of(self.whose)):
            for after, whose in sides[AFTER].of(those):
                yield replace(self, whose=whose, letters=f"{before}{after}" if before and after else "")


@dataclass
class Table:
    """What is told of those of a crowd who have been compared, by unit."""

    crowd: Crowd
    settled: int
    rows: list[list[Told]]

    @cached_property
    def lettered(self) -> list[list[Told]]:
        """The rows by letters."""
        return [list(_lettered(rows)) for rows in self.rows]

    def groups(self) -> Iterator[tuple[list[int], list[Told]]]:
        """Those of whom the same is told, each with what that is.

        Of each unit one row, or nothing, is usual: who differs from that is told apart by what they have instead.
        """
        usual: list[Told | None] = []
        instead: dict[int, list[tuple[int, Told | None]]] = {place: [] for place in bits(self.settled)}
        for number, rows in enumerate(self.lettered):
            silent = self.settled & ~union(told.whose for told in rows)
            outcomes: list[tuple[int, Told | None]] = [(silent, None), *((told.whose, told) for told in rows)]
            outcomes.sort(key=lambda one: -one[0].bit_count())
            usual.append(outcomes[0][1])
            for whose, told in outcomes[1:]:
                for place in bits(whose):
                    instead[place].append((number, told))
        found: dict[Hashable, list[int]] = {}
        for place, differing in instead.items():
            found.setdefault(tuple([(number, id(told)) for number, told in differing]), []).append(place)
        for same in found.values():
            told_of = list(usual)
            for number, told in instead[same[0]]:
                told_of[number] = told
            yield same, [told for told in told_of if told is not None]


def _lettered(rows: Sequence[Told]) -> Iterator[Told]:
    """What is told of a unit by letters, which all of it learns from the same requests."""
    if rows:
        spot = rows[0].spots[0]
        sides = Letters(spot, BEFORE), Letters(spot, AFTER)
        for told in rows:
            yield from told.lettered(sides)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one direction: a request or a doubt, with those for whom it is the one."""

    whose: int
    request: Requests | None = None
    doubt: str = ""

    @property
    def tells(self) -> bool:
        """Whether something changes, or may."""
        return self.request is not None or bool(self.doubt)


def outcomes(spots: Sequence[Spot], direction: int, among: int, of_cells: bool) -> Iterator[Outcome]:
    """What is found for whom: the first request, or else the first doubt, or nothing. Of cells any request will do."""
    rest, doubted = among, 0
    doubts: list[Outcome] = []
    for spot in spots:
        found = spot.found[direction]
        requests = [(request, told & rest) for request, told in found.requests if told & rest]
        if of_cells and requests:
            requests = [(requests[0][0], union(told for _, told in requests))]
        for request, told in requests:
            yield Outcome(told, request)
            rest &= ~told
        for why, told in found.doubts.items():
            doubts.append(Outcome(told & ~doubted, None, why))
            doubted |= told
    for one in doubts:
        if one.whose & rest:
            yield replace(one, whose=one.whose & rest)
            rest &= ~one.whose
    if rest:
        yield Outcome(rest)


def claims_of(parts: Sequence[Part]) -> tuple[bool | None, bool | None]:
    """``no_new_access`` and ``no_lost_access`` of all the parts together."""
    return _claim(one.no_new_access for one in parts), _claim(one.no_lost_access for one in parts)


def part_of(rows: tuple[Row, ...], doubt: str, *, of_cells: bool) -> Part:
    """The part that some rows come to, or one of which nothing is known."""
    if doubt:
        return Part((), None, None, doubt, frozenset(), frozenset(), of_cells)
    gained = frozenset((action, kind) for action, kind, new, _, _ in rows if new)
    lost = frozenset((action, kind) for action, kind, _, gone, _ in rows if gone)
    no_new, no_lost = (
        False if any(row[told] for row in rows) else None if any(row[4] for row in rows) else True for told in (2, 3)
    )
    why = next((row[4] for row in rows if row[4]), "") if None in (no_new, no_lost) else ""
    return Part(rows, no_new, no_lost, why, gained, lost, of_cells)


def elsewhere(action: str, new: Requests | None, lost: Requests | None, reason: str) -> Iterator[Row]:
    """What changes on resources that no cell is about, by the types of the resources that show it."""
    types = [type_of(action, one.resources[0]) for one in (new, lost) if one is not None]
    if len(types) == 2 and types[0] != types[1]:
        yield action, types[0], True, False, reason
        yield action, types[1], False, True, reason
    else:
        yield action, types[0] if types else NO_TYPE, new is not None, lost is not None, reason


def rows_of(changes: Iterable[Change]) -> tuple[Row, ...]:
    """What a comparison tells, without its requests."""
    return tuple(
        (one.action, one.resource_type, one.newly_allowed is not None, one.newly_denied is not None, one.undecided)
        for one in changes
    )


def _claim(claims: Iterable[bool | None]) -> bool | None:
    """False where one of them is refuted, None where one is not decided, else True."""
    found = set(claims)
    return False if False in found else None if None in found else True
