"""IAM wildcards: parse them and match text against them, in time linear in the text."""

from collections.abc import Callable, Iterable
from enum import Enum
from functools import lru_cache

from policystudio.engine.arn import PARTS
from policystudio.engine.effort import step


class Wild(Enum):
    """The wildcards: any run, any run without a colon, exactly one character."""

    ANY = "*"
    SEGMENT = "[^:]*"
    ONE = "?"

    # Members are single objects; Enum's own hash is a Python call and patterns are hashed a lot.
    __hash__ = object.__hash__


#: A pattern: literal stretches and wildcards. Normal form: no two literals and no two stars side by side.
Parts = tuple[str | Wild, ...]
Matcher = Callable[[str], bool]


@lru_cache(maxsize=100_000)
def parse(text: str) -> Parts:
    """A string pattern, as in ``StringLike`` and in action names: ``*`` any run, ``?`` one character."""
    parts: list[str | Wild] = []
    literal: list[str] = []
    for char in text:
        if char in "*?":
            if literal:
                parts.append("".join(literal))
                literal.clear()
            parts.append(Wild.ANY if char == "*" else Wild.ONE)
        else:
            literal.append(char)
    if literal:
        parts.append("".join(literal))
    return normal(parts)


def normal(parts: Iterable[str | Wild]) -> Parts:
    """``parts`` in normal form: literals joined, a run of stars made one star (``ANY`` if any of them is)."""
    result: list[str | Wild] = []
    # Literals are gathered and joined once: one that grew piece by piece would be copied for each of its pieces.
    literal: list[str] = []
    for part in parts:
        if isinstance(part, str):
            if part:
                literal.append(part)
            continue
        if literal:
            result.append("".join(literal))
            literal.clear()
        last = result[-1] if result else None
        if part is not Wild.ONE and last in (Wild.ANY, Wild.SEGMENT):
            result[-1] = Wild.ANY if Wild.ANY in (part, last) else Wild.SEGMENT
        else:
            result.append(part)
    if literal:
        result.append("".join(literal))
    return tuple(result)


def resource_parts(parts: Parts) -> Parts:
    """Read ``parts`` (of a Resource element) as an ARN pattern.

    A star that ends one of the first five segments may cross colons, elsewhere in them it stays in its segment;
    behind the fifth colon it crosses everything. Missing segments count as ``*``. The lone ``*`` stays as it is.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    if parts == (Wild.ANY,):
        return parts
    segments = _split_segments(parts)
    result: list[str | Wild] = []
    for number, segment in enumerate(segments):
        if number:
            result.append(":")
        head, last = segment[:-1], segment[-1:]
        if number < PARTS - 1:
            head = [Wild.SEGMENT if part is Wild.ANY else part for part in head]
        result += [*head, *last]
    for _ in range(PARTS - len(segments)):
        result += [":", Wild.ANY]
    return normal(result)


def _split_segments(parts: Parts) -> list[list[str | Wild]]:
    """Cut at the first five colons that stand in literals."""
    segments: list[list[str | Wild]] = [[]]
    for part in parts:
        if not isinstance(part, str):
            segments[-1].append(part)
            continue
        first, *rest = part.split(":", PARTS - len(segments))
        segments[-1] += [first] if first else []
        segments += [[piece] if piece else [] for piece in rest]
    return segments


@lru_cache(maxsize=100_000)
def split_segments(pattern: Parts) -> tuple[Parts, ...] | None:
    """A pattern with exactly five colons, cut at them; None for any other.

    Against a text that has five colons too, as all of SageMaker's ARNs have, no wildcard can stand for a colon: so the
    segments of pattern and text can be compared one by one.
    """
    segments: list[list[str | Wild]] = [[]]
    for part in pattern:
        if isinstance(part, str):
            first, *rest = part.split(":")
            segments[-1].append(first)
            segments += [[piece] for piece in rest]
        else:
            segments[-1].append(part)
    return tuple(normal(segment) for segment in segments) if len(segments) == PARTS else None


def is_literal(parts: Parts) -> bool:
    """Whether ``parts`` matches exactly one text."""
    return not parts or (len(parts) == 1 and isinstance(parts[0], str))


@lru_cache(maxsize=100_000)
def matcher(parts: Parts) -> Matcher:
    """A predicate that tells whether a whole text matches ``parts``; the usual shapes take a single string method."""
    if is_literal(parts):
        literal = str(parts[0]) if parts else ""
        return literal.__eq__
    if parts == (Wild.ANY,):
        return _always
    if len(parts) == 2 and isinstance(parts[0], str) and parts[1] is Wild.ANY:
        return _prefix_matcher(parts[0])
    if Wild.ONE not in parts and Wild.SEGMENT not in parts:
        return _finder(parts)
    return _automaton(parts)


def matches(parts: Parts, text: str) -> bool:
    """Whether the whole of ``text`` matches ``parts``."""
    return matcher(parts)(text)


def _always(_text: str) -> bool:
    return True


def _prefix_matcher(prefix: str) -> Matcher:
    return lambda text: text.startswith(prefix)


def _finder(parts: Parts) -> Matcher:
    """For literals between stars: the leftmost place for each literal in turn leaves most room for the rest."""
    head = parts[0] if isinstance(parts[0], str) else ""
    tail = parts[-1] if isinstance(parts[-1], str) else ""
    middle = [part for part in parts[1 if head else 0 : -1 if tail else None] if isinstance(part, str)]

    def match(text: str) -> bool:
        end = len(text) - len(tail)
        place = len(head)
        if place > end or not text.startswith(head) or not text.endswith(tail):
            return False
        for literal in middle:
            place = text.find(literal, place, end)
            if place < 0:
                return False
            place += len(literal)
        return True

    return match


def _automaton(parts: Parts) -> Matcher:
    """Bit-parallel simulation: bit i of the state is set while i characters of the pattern are behind us.

    A star is no character: it lets its position wait. So each character of the text costs a handful of integer
    operations whatever the number of stars, and nothing ever backtracks.
    """
    by_char, one, waits_any, waits_segment, length = positions(parts)
    goal = 1 << length
    head = parts[0] if isinstance(parts[0], str) else ""
    tail = parts[-1] if isinstance(parts[-1], str) else ""
    segments = split_segments(parts)
    by_segment = [matcher(_without_colons(segment)) for segment in segments] if segments else []

    def match(text: str) -> bool:
        if not (text.startswith(head) and text.endswith(tail)):
            return False
        if by_segment and text.count(":") == PARTS - 1:
            for matches_segment, segment in zip(by_segment, text.split(":"), strict=True):
                if not matches_segment(segment):
                    return False
            return True
        state = 1
        for place, char in enumerate(text):
            if not place % 64:
                step()
            stay = state & (waits_any if char == ":" else waits_any | waits_segment)
            state = (state & (by_char.get(char, 0) | one)) << 1 | stay
            if not state:
                return False
        return bool(state & goal)

    return match


def _without_colons(segment: Parts) -> Parts:
    """A segment's pattern, for texts without a colon: there both stars are the same."""
    return normal(Wild.ANY if part is Wild.SEGMENT else part for part in segment)


def positions(parts: Parts) -> tuple[dict[str, int], int, int, int, int]:
    """For each character the positions that it can advance; positions of ``?``, of both stars; the length."""
    places: dict[str | Wild, list[int]] = {Wild.ONE: [], Wild.ANY: [], Wild.SEGMENT: []}
    position = 0
    for part in parts:
        for char in part if isinstance(part, str) else (part,):
            places.setdefault(char, []).append(position)
            position += char not in (Wild.ANY, Wild.SEGMENT)
    masks = {char: bits(found) for char, found in places.items()}
    by_char = {char: mask for char, mask in masks.items() if isinstance(char, str)}
    return by_char, masks[Wild.ONE], masks[Wild.ANY], masks[Wild.SEGMENT], position


def bits(places: list[int]) -> int:
    """These bits (in ascending order); setting them one by one would copy a long integer each time."""
    found = bytearray(places[-1] // 8 + 1 if places else 0)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")
