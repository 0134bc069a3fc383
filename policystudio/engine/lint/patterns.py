"""Texts with wildcards against each other: which covers which, and which can mean the same."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
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
    reachable = {0}
    for char in other:
        step()
        following: set[int] = set()
        for place in _with_stars(pattern, reachable):
            if place < len(pattern):
                expected = pattern[place]
                if expected == "*":
                    following.add(place)
                elif expected == char or (expected == "?" and char != "*"):
                    following.add(place + 1)
        reachable = following
    return len(pattern) in _with_stars(pattern, reachable)


def _with_stars(pattern: str, places: set[int]) -> set[int]:
    """The places and those behind stars that may stand for nothing."""
    result = set(places)
    for start in places:
        place = start
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            result.add(place)
    return result


@lru_cache(maxsize=50_000)
def overlap(first: str, second: str) -> bool:
    """Whether some text matches both patterns."""
    reachable = {0}
    for char in first:
        step()
        following: set[int] = set()
        for place in _with_stars(second, reachable):
            if char == "*":
                following.update(range(place, len(second) + 1))
            elif place < len(second):
                expected = second[place]
                if expected == "*":
                    following.add(place)
                elif expected == char or "?" in (expected, char):
                    following.add(place + 1)
        reachable = following
        if not reachable:
            return False
    return len(second) in _with_stars(second, reachable)


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
