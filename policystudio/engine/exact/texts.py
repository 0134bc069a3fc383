"""A text that some patterns match and others do not: the theory of one resource, or of one value.

Usual questions are answered at a glance, by trying an instance of each pattern, or by finding that an excluded pattern
covers a required one. The others take a search through all patterns side by side, shortest texts first.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from policystudio.engine import globs
from policystudio.engine.effort import step
from policystudio.engine.exact.signatures import (
    STATE_LIMIT,
    WORK_LIMIT,
    Automaton,
    Hole,
    TooLarge,
    Universe,
    automaton,
    contains,
    fresh_char,
)
from policystudio.engine.globs import Parts, Wild

#: Characters of this range stand for the values of policy variables, which may be any text.
_LETTERS = range(0xE000, 0xF8FF)
#: What the stars of an instance are filled with.
_FILLINGS = ("", "x", "example")
_ANY_ARN = ("arn:", Wild.ANY)
#: Any text.
ANY_TEXT: Universe = (Hole.TEXT,)


def letter(number: int) -> str:
    """A character that stands for the value of a variable: only itself and a star match it, ``?`` does not."""
    return chr(_LETTERS[number])


@lru_cache(maxsize=200_000)
def find_text(required: frozenset[Parts], excluded: frozenset[Parts], universe: Universe) -> str | None:
    """A text of ``universe`` that every required and no excluded pattern matches; None where there is none.

    Raises ``TooLarge`` where the search would take more than its limits allow.
    """
    if surely_none(required, excluded):
        return None
    wanted, unwanted = sorted(required, key=_size), list(excluded)
    unwanted = [pattern for pattern in unwanted if not any(apart(pattern, other) for other in wanted)]
    for text in _instances(wanted, universe):
        if fits(text, wanted, unwanted) and contains(universe, text):
            return text
    return _Search(wanted, unwanted, universe).run()


def surely_none(required: frozenset[Parts], excluded: frozenset[Parts]) -> bool:
    """Whether it is plain that no text fits. False does not say that one does."""
    if (Wild.ANY,) in excluded or any(covers(wide, narrow) for narrow in required for wide in excluded):
        return True
    return any(apart(left, right) for left, right in combinations(required, 2))


def fits(text: str, required: Sequence[Parts], excluded: Sequence[Parts]) -> bool:
    """Whether all required patterns match ``text`` and none of the excluded ones does."""
    return all(globs.matches(pattern, text) for pattern in required) and not any(
        globs.matches(pattern, text) for pattern in excluded
    )


def _size(pattern: Parts) -> tuple[int, int]:
    """Patterns that say more come first."""
    literal = sum(len(part) for part in pattern if isinstance(part, str))
    return -literal, len(pattern)


def apart(left: Parts, right: Parts) -> bool:
    """Whether no text matches both of two patterns, as they differ where both begin, or both end, with a literal."""
    return _ends_differ(left, right, 0) or _ends_differ(left, right, -1)


def _ends_differ(left: Parts, right: Parts, place: int) -> bool:
    first, second = (left[place] if left else ""), (right[place] if right else "")
    if not isinstance(first, str) or not isinstance(second, str):
        return False
    if len(left) <= 1 and len(right) <= 1:
        return first != second
    length = min(len(first), len(second))
    return first[:length] != second[:length] if place == 0 else first[-length:] != second[-length:]


def _instances(required: Sequence[Parts], universe: Universe) -> Iterator[str]:
    """Texts that are likely to fit: the required patterns, then the universe, with something for each wildcard."""
    segments = _example_segments(universe)
    for pattern in required[:3]:
        for filling in _FILLINGS:
            yield filled(pattern, filling, segments)
    merged = _merged(required)
    for filling in _FILLINGS if merged else ():
        yield filled(merged, filling, segments)
    chained = _chained(required)
    for filling in _FILLINGS if chained else ():
        yield _fill(chained, filling)
    for name in ("example", "x", "xx"):
        yield "".join(part if isinstance(part, str) else name for part in universe)


def _merged(required: Sequence[Parts]) -> Parts:
    """Of each part of an ARN what says most in any of the patterns; empty where they cannot be cut into such parts."""
    cut = [globs.split_segments(pattern) for pattern in required]
    whole = [parts for parts in cut if parts is not None]
    if len(whole) < 2:
        return ()
    best = [
        min(column, key=lambda part: (not globs.is_literal(part), _size(part))) for column in zip(*whole, strict=True)
    ]
    return globs.normal([piece for part in best for piece in (":", *part)][1:])


def _chained(required: Sequence[Parts]) -> Parts:
    """One pattern behind the other, as the star behind ``arn:`` takes in all before it, colons too; empty for none."""
    behind = [pattern for pattern in required if pattern[:2] == _ANY_ARN]
    first = [pattern for pattern in required if pattern[:2] != _ANY_ARN]
    if not behind or len(first) > 1 or len(required) < 2:
        return ()
    behind.sort(key=lambda pattern: pattern[-1] is not Wild.ANY)
    return globs.normal([*(first[0] if first else ()), *(piece for pattern in behind for piece in pattern[2:])])


def _example_segments(universe: Universe) -> list[str]:
    text = "".join(part if isinstance(part, str) else "example" for part in universe)
    return text.split(":", 5)


def filled(pattern: Parts, filling: str, segments: list[str]) -> str:
    """An instance of a pattern; a star that is a whole part of an ARN becomes what the universe has there."""
    parts = globs.split_segments(pattern)
    if parts is None or len(segments) != len(parts):
        return _fill(pattern, filling)
    return ":".join(
        own if part in ((Wild.ANY,), (Wild.SEGMENT,)) else _fill(part, filling)
        for part, own in zip(parts, segments, strict=True)
    )


def _fill(pattern: Parts, filling: str) -> str:
    return "".join(part if isinstance(part, str) else "x" if part is Wild.ONE else filling for part in pattern)


@lru_cache(maxsize=200_000)
def covers(wide: Parts, narrow: Parts) -> bool:
    """Whether ``wide`` surely matches every text that ``narrow`` matches. False does not say that it does not.

    The wildcards of ``narrow`` are read as symbols that only the wildcards of ``wide`` can take in.
    """
    step()
    if wide in (narrow, (Wild.ANY,)):
        return True
    machine, state = automaton(_ordered(wide)), 1
    for part in _ordered(narrow):
        if isinstance(part, str):
            for char in part:
                state = _letter_step(machine, state, char) if ord(char) in _LETTERS else machine.step(state, char)
        elif part is Wild.ONE:
            state = (state & machine.one) << 1 | state & machine.waits_any
        else:
            state &= machine.waits_any | (machine.waits_segment if part is Wild.SEGMENT else 0)
        if not state:
            return False
    return bool(state & machine.goal)


def _letter_step(machine: Automaton, state: int, char: str) -> int:
    return (state & machine.by_char.get(char, 0)) << 1 | state & machine.waits_any


def _ordered(pattern: Parts) -> Parts:
    """``*?`` written as ``?*``, which means the same."""
    parts = list(pattern)
    for index in range(1, len(parts)):
        place = index
        while place and parts[place] is Wild.ONE and parts[place - 1] is Wild.ANY:
            parts[place - 1], parts[place] = parts[place], parts[place - 1]
            place -= 1
    return globs.normal(parts)


_State = tuple[int, bool, tuple[int, ...], tuple[int, ...]]  # part of the universe, whether begun, required, excluded


class _Search:
    """Breadth first through the universe, with every pattern's positions; hopeless states are dropped at once."""

    def __init__(self, required: Sequence[Parts], excluded: Sequence[Parts], universe: Universe) -> None:
        self.required = [automaton(pattern) for pattern in required]
        self.excluded = [automaton(pattern) for pattern in excluded]
        machines = [*self.required, *self.excluded]
        self.cost = 1 + sum(machine.cost for machine in machines)
        self.colons = any(machine.waits_segment for machine in machines)
        self.universe = universe
        self.work = 0
        self.seen: set[_State] = set()
        self.queue: deque[tuple[_State, str]] = deque()

    def run(self) -> str | None:
        start = (
            tuple(machine.reduce(1) for machine in self.required),
            tuple(machine.reduce(1) for machine in self.excluded),
        )
        self.push(0, False, *start, "")
        while self.queue:
            (part, begun, required, excluded), text = self.queue.popleft()
            if part < len(self.universe):
                self.expand(part, begun, required, excluded, text)
            elif self.accepted(required, excluded):
                return text
        return None

    def accepted(self, required: tuple[int, ...], excluded: tuple[int, ...]) -> bool:
        wanted = all(state & item.goal for state, item in zip(required, self.required, strict=True))
        return wanted and not any(state & item.goal for state, item in zip(excluded, self.excluded, strict=True))

    def push(self, part: int, begun: bool, required: tuple[int, ...], excluded: tuple[int, ...], text: str) -> None:
        if 0 in required or any(
            state & item.goal & item.waits_any for state, item in zip(excluded, self.excluded, strict=True)
        ):
            return
        state = (part, begun, required, excluded)
        if state in self.seen:
            return
        if len(self.seen) >= STATE_LIMIT:
            raise TooLarge
        self.seen.add(state)
        self.queue.append((state, text))

    def expand(self, part: int, begun: bool, required: tuple[int, ...], excluded: tuple[int, ...], text: str) -> None:
        hole = self.universe[part]
        if isinstance(hole, str):
            for char in hole:
                required, excluded = self.step(required, excluded, char)
            self.push(part + 1, False, required, excluded, text + hole)
            return
        if begun or hole.may_be_empty:
            self.push(part + 1, False, required, excluded, text)
        if begun and hole.is_single:
            return
        for char in self.choices(required, excluded, hole):
            self.push(part, True, *self.step(required, excluded, char), text + char)

    def step(
        self, required: tuple[int, ...], excluded: tuple[int, ...], char: str
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        step()
        self.work += self.cost
        if self.work > WORK_LIMIT:
            raise TooLarge
        return tuple([item.step(state, char) for state, item in zip(required, self.required, strict=True)]), tuple(
            [item.step(state, char) if state else 0 for state, item in zip(excluded, self.excluded, strict=True)]
        )

    def choices(self, required: tuple[int, ...], excluded: tuple[int, ...], hole: Hole) -> list[str]:
        """One character of each class; where a required pattern waits for certain characters, only these."""
        wanted: set[str] = set()
        narrow: set[str] | None = None
        for state, item in zip(required, self.required, strict=True):
            cared = item.cares_about(state)
            wanted |= cared
            if not state & (item.one | item.waits_any | item.waits_segment):
                narrow = cared if narrow is None else narrow & cared
        if narrow is not None:
            return sorted(char for char in narrow if hole.allows(char))
        for state, item in zip(excluded, self.excluded, strict=True):
            wanted |= item.cares_about(state)
        if self.colons:
            wanted.add(":")
        return [fresh_char(wanted), *sorted(char for char in wanted if hole.allows(char))]
