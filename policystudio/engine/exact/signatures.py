"""Which combinations of resource patterns can match one resource of a type, each with a shortest example."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.effort import step
from policystudio.engine.globs import Parts, Wild

#: How many joint states one question may visit before it is given up as too large, and how much work these may be.
STATE_LIMIT = 5_000
WORK_LIMIT = 400_000
#: Positions of a pattern that a step treats at once, about.
_WORD = 512
#: With more holes than this that other parts' characters fit into, a regular expression may go back too often.
_WIDE_HOLES = 2

_LAST_CODE = 0x11_0000
#: Tried in this order for characters that no pattern cares about, so that examples read like names.
_READABLE = "x0abcdefghijklmnopqrstuvwyz123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.+=@,~!#%&()"


class Hole(Enum):
    """What stands for a placeholder of an ARN format."""

    NAME = "name"  # one or more characters, none of them ":" or "/"
    PATH = "path"  # one or more characters, none of them ":"
    TEXT = "text"  # one or more characters of any kind
    # What stands for the wildcards of an ARN pattern that somebody asks about.
    RUN = "run"  # any characters, or none
    SEGMENT_RUN = "segment run"  # the same without ":"
    CHAR = "char"  # exactly one character
    SEGMENT_CHAR = "segment char"  # the same, but not ":"

    __hash__ = object.__hash__  # as for Wild

    @property
    def excluded(self) -> frozenset[str]:
        """The characters that do not stand in the hole."""
        return _EXCLUDED[self]

    def allows(self, char: str) -> bool:
        """Whether the character may stand here."""
        return char not in _EXCLUDED[self]

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing may stand here."""
        return self in (Hole.RUN, Hole.SEGMENT_RUN)

    @property
    def is_single(self) -> bool:
        """Whether exactly one character stands here."""
        return self in (Hole.CHAR, Hole.SEGMENT_CHAR)

    @property
    def shortest(self) -> int:
        """How many characters stand here at least."""
        return 0 if self.may_be_empty else 1


_EXCLUDED = {
    Hole.NAME: frozenset(":/"),
    Hole.PATH: frozenset(":"),
    Hole.TEXT: frozenset[str](),
    Hole.RUN: frozenset[str](),
    Hole.SEGMENT_RUN: frozenset(":"),
    Hole.CHAR: frozenset[str](),
    Hole.SEGMENT_CHAR: frozenset(":"),
}

#: A set of texts: literal stretches and holes.
Universe = tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Automaton:
    """One pattern, as positions between its characters; the bits of a state are the positions reached."""

    by_char: Mapping[str, int]  # the positions that wait for a character
    one: int  # the positions of "?"
    waits_any: int
    waits_segment: int
    length: int

    @property
    def goal(self) -> int:
        """The position behind the last character."""
        return 1 << self.length

    @property
    def cost(self) -> int:
        """The work of a step."""
        return 1 + self.length // _WORD

    def step(self, state: int, char: str) -> int:
        """The state behind ``char``, in its smallest equivalent form."""
        stay = state & (self.waits_any if char == ":" else self.waits_any | self.waits_segment)
        return self.reduce((state & (self.by_char.get(char, 0) | self.one)) << 1 | stay)

    def reduce(self, state: int) -> int:
        """Drop what cannot matter: whatever a lower position may still match, a waiting ``*`` matches too."""
        stars = state & self.waits_any
        if not stars:
            return state
        return state >> (stars.bit_length() - 1) << (stars.bit_length() - 1)

    def cares_about(self, state: int) -> set[str]:
        """The characters that can move this state."""
        return {char for char, positions in self.by_char.items() if positions & state}


@lru_cache(maxsize=50_000)
def automaton(parts: Parts) -> Automaton:
    """The automaton of a pattern."""
    return Automaton(*globs.positions(parts))


_State = tuple[int, bool, tuple[int, ...]]  # part of the universe, whether its hole has a character yet, patterns


class TooLarge(Exception):
    """The question was given up: it would take more than the limits allow."""


def signatures(patterns: Sequence[Parts], universe: Universe) -> dict[int, str]:
    """Every combination of ``patterns`` that some text of ``universe`` matches, with a shortest such text.

    Bit i of a combination is set where ``patterns[i]`` matches. Walks all patterns through the universe side by side,
    one character class at a time. Raises ``TooLarge`` beyond ``STATE_LIMIT`` states or ``WORK_LIMIT`` steps.
    """
    texts = _examples(patterns, universe)
    if texts is None:
        return _Walk([automaton(pattern) for pattern in patterns], universe).run()
    found: dict[int, str] = {}
    for text in sorted(texts, key=len):
        found.setdefault(sum(1 << place for place, one in enumerate(patterns) if globs.matches(one, text)), text)
    return found


def _examples(patterns: Sequence[Parts], universe: Universe) -> Iterable[str] | None:
    """Texts, one of which is matched like any other, where patterns only compare how a text begins; else None."""
    match universe:
        case (Hole() as hole,) if not hole.is_single:
            return _behind_stems(patterns, "", hole)
        case (str(head), Hole() as hole) if not hole.is_single:
            return _behind_stems(patterns, head, hole)
        case (str(text),):
            return [text]
    return None


def _behind_stems(patterns: Sequence[Parts], head: str, hole: Hole) -> list[str] | None:
    """A text that is not all of a pattern is matched like the longest that it begins with, and what none waits for."""
    stems = {head}
    for pattern in patterns:
        stars = pattern[1:] if pattern and isinstance(pattern[0], str) else pattern
        if stars not in ((), (Wild.ANY,), (Wild.SEGMENT,)) or (Wild.SEGMENT in stars and hole.allows(":")):
            return None
        stems.update(part for part in pattern if isinstance(part, str))
    if len(stems) ** 2 > WORK_LIMIT:
        return None
    texts = []
    for stem in sorted(stems):
        if stem.startswith(head) and all(map(hole.allows, stem[len(head) :])):
            waiting = {other[len(stem)] for other in stems if other.startswith(stem) and other != stem}
            texts.append(stem + fresh_char(waiting | hole.excluded))
            texts += [stem] if stem != head or hole.may_be_empty else []
    return texts


class _Walk:
    def __init__(self, machines: list[Automaton], universe: Universe, *, fresh_only: bool = False) -> None:
        self.machines = machines
        self.fresh_only = fresh_only
        self.universe = universe
        self.cost = sum(machine.cost for machine in machines)
        self.work = 0
        self.fresh = fresh_char({char for machine in machines for char in machine.by_char})
        self.found: dict[int, str] = {}
        self.seen: set[_State] = set()
        self.queue: deque[tuple[_State, str]] = deque()

    def run(self) -> dict[int, str]:
        start = tuple(machine.reduce(1) for machine in self.machines)
        self.push((0, False, start), "")
        while self.queue:
            state, text = self.queue.popleft()
            self.expand(state, text)
        return self.found

    def push(self, state: _State, text: str) -> None:
        if state in self.seen:
            return
        if len(self.seen) >= STATE_LIMIT:
            raise TooLarge
        self.seen.add(state)
        self.queue.append((state, text))

    def expand(self, state: _State, text: str) -> None:
        part, started, positions = state
        if part == len(self.universe):
            mask = 0
            for index, (machine, reached) in enumerate(zip(self.machines, positions, strict=True)):
                if reached & machine.goal:
                    mask |= 1 << index
            self.found.setdefault(mask, text)
            return
        hole = self.universe[part]
        if isinstance(hole, str):
            for char in hole:
                positions = self.advance(positions, char)
            self.push((part + 1, False, positions), text + hole)
            return
        if started or hole.may_be_empty:
            self.push((part + 1, False, positions), text)
        if started and hole.is_single:
            return
        for char in self.choices(positions, hole):
            self.push((part, True, self.advance(positions, char)), text + char)

    def advance(self, positions: tuple[int, ...], char: str) -> tuple[int, ...]:
        step()
        self.work += self.cost
        if self.work > WORK_LIMIT:
            raise TooLarge
        return tuple(
            [
                machine.step(reached, char) if reached else 0
                for machine, reached in zip(self.machines, positions, strict=True)
            ]
        )

    def choices(self, positions: tuple[int, ...], hole: Hole) -> list[str]:
        """One character of each class: those that some pattern waits for, and one that none does."""
        colons = hole.allows(":") and any(machine.waits_segment for machine in self.machines)
        if self.fresh_only:
            return [self.fresh, ":"] if colons else [self.fresh]
        wanted: set[str] = set()
        for machine, reached in zip(self.machines, positions, strict=True):
            wanted |= machine.cares_about(reached)
        wanted -= hole.excluded
        if colons:
            wanted.add(":")
        return [fresh_char(wanted), *sorted(wanted)]


def fresh_char(taken: set[str]) -> str:
    """A character that is not ``taken``, such as names are made of where possible."""
    for char in _READABLE:
        if char not in taken:
            return char
    return next(chr(code) for code in range(0xA1, _LAST_CODE) if chr(code) not in taken and chr(code).isprintable())


class Cover(Enum):
    """How much of a universe a pattern matches."""

    NONE = 0
    SOME = 1
    ALL = 2


def cover(pattern: Parts, universe: Universe) -> Cover:
    """Whether ``pattern`` matches all, some or none of ``universe``.

    Both questions about a single pattern are easy ones. Whether it matches anything follows the positions that any text
    can reach. Whether it matches everything is decided by texts whose holes hold a character that the pattern does not
    have: these are matched by wildcards, which would match any other text of the same lengths as well. A colon, which
    not every wildcard matches, is tried beside it.
    """
    if pattern == (Wild.ANY,):
        return Cover.ALL
    if _heads_differ(pattern, universe):
        return Cover.NONE
    machine = automaton(pattern)
    if not _meets(machine, universe):
        return Cover.NONE
    if machine.length > sum(part.shortest if isinstance(part, Hole) else len(part) for part in universe):
        return Cover.SOME  # longer than the shortest text
    return Cover.ALL if _Walk([machine], universe, fresh_only=True).run().keys() == {1} else Cover.SOME


def _meets(machine: Automaton, universe: Universe) -> bool:
    """Whether some text of the universe is matched: all positions that any text reaches, at once."""
    state = 1
    for part in universe:
        if isinstance(part, str):
            for char in part:
                state = machine.step(state, char)
        else:
            state = _through(machine, state, part)
    return bool(state & machine.goal)


def _through(machine: Automaton, state: int, hole: Hole) -> int:
    """The positions behind a hole, whatever stands in it."""
    passable = machine.goal - 1
    for char in hole.excluded:
        passable &= ~machine.by_char.get(char, 0)
    reached = (state & passable) << 1 | state & (machine.waits_any | machine.waits_segment)
    if hole.is_single:
        return reached
    # From every position reached on through all that can be passed, in steps twice as long each time.
    run, length = passable << 1, 1
    while length <= machine.length:
        reached |= run & reached << length
        run &= run << length
        length *= 2
    return reached | state if hole.may_be_empty else reached


def _heads_differ(pattern: Parts, universe: Universe) -> bool:
    left, right = (pattern[0] if pattern else ""), (universe[0] if universe else "")
    if not isinstance(left, str) or not isinstance(right, str):
        return False
    length = min(len(left), len(right))
    return left[:length] != right[:length]


def contains(universe: Universe, text: str) -> bool:
    """Whether ``text`` belongs to ``universe``; in time linear in the text, whatever the universe."""
    return bool(_membership(universe)(text))


@lru_cache(maxsize=5_000)
def _membership(universe: Universe) -> Callable[[str], object]:
    """A test for texts of the universe: a regular expression where it has little to go back for."""
    wide = sum(isinstance(part, Hole) and part is not Hole.NAME for part in universe)
    if wide > _WIDE_HOLES:
        return _Member(universe).test
    parts = [re.escape(part) if isinstance(part, str) else _class_of(part) for part in universe]
    return re.compile("".join(parts), re.DOTALL).fullmatch


def _class_of(hole: Hole) -> str:
    chars = f"[^{re.escape(''.join(sorted(hole.excluded)))}]" if hole.excluded else "."
    return chars + ("" if hole.is_single else "*" if hole.may_be_empty else "+")


class _Member:
    """A universe as positions between its characters: those that one character passes, and those where runs wait."""

    def __init__(self, universe: Universe) -> None:
        self.passed = self.waits = self.length = 0
        self.by_char: dict[str, int] = {}
        self.refused: dict[str, int] = {}  # the positions of holes that have no such character
        for part in universe:
            if isinstance(part, str):
                for char in part:
                    self.by_char[char] = self.by_char.get(char, 0) | self._place()
                continue
            if not part.may_be_empty:
                self.passed |= self._hole(part)
            if not part.is_single:
                self.waits |= self._hole(part)

    def _place(self) -> int:
        self.length += 1
        return 1 << self.length - 1

    def _hole(self, hole: Hole) -> int:
        place = self._place()
        for char in hole.excluded:
            self.refused[char] = self.refused.get(char, 0) | place
        return place

    def test(self, text: str) -> bool:
        """Whether the text belongs to the universe."""
        state = self._rest(1)
        for char in text:
            refused = self.refused.get(char, 0)
            passing = state & (self.by_char.get(char, 0) | self.passed & ~refused)
            state = self._rest(passing << 1 | state & self.waits & ~refused)
            if not state:
                return False
        return bool(state >> self.length & 1)

    def _rest(self, state: int) -> int:
        """With the positions behind runs that may end here."""
        while (more := (state & self.waits) << 1 & ~state) != 0:
            state |= more
        return state
