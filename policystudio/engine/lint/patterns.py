"""Texts with wildcards against each other: which covers which, and which can mean the same."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.effort import step


@lru_cache(maxsize=50_000)
def covers(pattern: str, other: str) -> bool:
    """Whether ``pattern`` matches the text of ``other`` as it stands, wildcards included: then it matches all of it."""
    if "?" in pattern:
        return _covers_slowly(pattern, other)
    return globs.matcher(globs.parse(pattern))(other)


def _covers_slowly(pattern: str, other: str) -> bool:
    """``?`` of the pattern covers ``?`` and letters of the other, never its ``*``; ``*`` covers everything."""
    places = _places(pattern)
    reached = places.behind_stars(1)
    for char in other:
        step()
        taken = reached & (places.of.get(char, 0) | (places.one if char != "*" else 0)) & ~places.star
        reached = places.behind_stars(reached & places.star | taken << 1)
    return bool(reached & places.end)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where each character stands in a pattern, as bits; ``end`` is the place behind the last.

    A run of stars is one star there, so that nothing stands between a star and what follows it.
    """

    of: Mapping[str, int]
    one: int
    star: int
    end: int

    def behind_stars(self, reached: int) -> int:
        """The places and those behind stars that may stand for nothing."""
        return reached | (reached & self.star) << 1


@lru_cache(maxsize=500)
def _places(pattern: str) -> _Places:
    found: dict[str, list[int]] = {}
    short = re.sub(r"\*+", "*", pattern)
    for place, char in enumerate(short):
        found.setdefault(char, []).append(place)
    of = {char: globs.bits(places) for char, places in found.items()}
    return _Places(of, of.get("?", 0), of.get("*", 0), 1 << len(short))


@lru_cache(maxsize=50_000)
def overlap(first: str, second: str) -> bool:
    """Whether some text matches both patterns."""
    places = _places(second)
    everywhere = (places.end << 1) - 1
    reached = places.behind_stars(1)
    for char in re.sub(r"\*+", "*", first):
        step()
        if char == "*":
            lowest = reached & -reached
            reached = everywhere & ~(lowest - 1)
            continue
        fits = everywhere if char == "?" else places.of.get(char, 0) | places.one
        taken = reached & fits & ~places.star & ~places.end
        reached = places.behind_stars(reached & places.star | taken << 1)
        if not reached:
            return False
    return bool(reached & places.end)


def has_wildcard(text: str) -> bool:
    """Whether a text holds ``*`` or ``?``."""
    return "*" in text or "?" in text


def redundant_groups(patterns: Sequence[str]) -> list[list[int]]:
    """The patterns that another one covers, each group with the one that covers them; by the places of the first."""
    order = sorted(range(len(patterns)), key=lambda index: patterns[index])
    texts = [patterns[index] for index in order]
    groups: list[set[int]] = []
    for index, pattern in enumerate(texts):
        head = re.split(r"[*?]", pattern, maxsplit=1)[0]
        group = {index}
        # What a pattern covers begins with what stands before its first wildcard.
        for other in range(bisect_left(texts, head), len(texts)):
            if not texts[other].startswith(head):
                break
            step()
            if covers(pattern, texts[other]):
                group.add(other)
        if len(group) > 1:
            groups.append({order[each] for each in group})
    return sorted(sorted(group) for group in _widest(groups))


def is_covered(index: int, group: Iterable[int], patterns: Sequence[str]) -> bool:
    """Whether another pattern of the group covers this one; of equal ones the first is taken to cover the others."""
    return any(
        covers(patterns[other], patterns[index]) and (other < index or not covers(patterns[index], patterns[other]))
        for other in group
        if other != index
    )


def _widest(groups: Iterable[set[int]]) -> Iterable[set[int]]:
    """Groups without those that lie in another one."""
    kept: list[set[int]] = []
    for group in sorted(groups, key=len, reverse=True):
        if not any(group <= other for other in kept):
            kept.append(group)
    return kept
