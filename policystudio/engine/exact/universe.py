"""The resources of a type in one account, as a set of ARNs, and how much of it a pattern matches."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product

from policystudio.engine import globs
from policystudio.engine.arn import PARTS
from policystudio.engine.effort import step
from policystudio.engine.exact.signatures import STATE_LIMIT, Cover, Hole, TooLarge, Universe, cover, signatures
from policystudio.engine.globs import Parts, Wild


@dataclass(frozen=True)
class ResourceUniverse:
    """Every ARN that ``template`` (of the Service Authorization Reference) can give in one account.

    Names are one or more characters without ``:`` and ``/`` (a ``...WithSlashes`` may hold slashes, a ``...WithPath``,
    as roles have, anything); so is the Region, unless one is chosen. The pseudo-type's template ``*`` gives the single
    resource ``*``, which ``with_star`` adds to the ARNs of any other template.
    """

    template: str
    partition: str
    account: str
    region: str = ""
    with_star: bool = False

    @cached_property
    def segments(self) -> tuple[Universe, ...]:
        """The six parts of the ARN, each a set of texts of its own; one part for ``*``."""
        if self.template == "*":
            return (("*",),)
        known = {"${Partition}": self.partition, "${Account}": self.account, "${Region}": self.region}
        text = self.template
        for placeholder, value in known.items():
            text = text.replace(placeholder, value) if value else text
        return tuple(_holes(segment) for segment in text.split(":", PARTS - 1))

    @cached_property
    def joined(self) -> Universe:
        """The whole ARN as one set of texts."""
        parts: list[str | Hole] = list(self.segments[0])
        for segment in self.segments[1:]:
            parts.append(":")
            parts += segment
        return _join_literals(parts)

    def cover(self, pattern: Parts) -> Cover:
        """How much of the universe the (resource) pattern matches."""
        if pattern == (Wild.ANY,):
            return Cover.ALL
        if self.template == "*":
            return Cover.NONE
        found = self._cover_of_arns(pattern)
        # No other pattern of a Resource element matches the lone star.
        return Cover.SOME if self.with_star and found is Cover.ALL else found

    def signatures(self, patterns: Sequence[Parts]) -> dict[int, str]:
        """Every combination of ``patterns`` that a resource matches, with such a resource.

        Raises ``TooLarge`` as ``signatures`` does.
        """
        found = self._by_segment(patterns)
        if found is None:
            found = dict(_signatures(tuple(patterns), self.joined))
        if self.with_star:
            mask = sum(1 << index for index, pattern in enumerate(patterns) if globs.matches(pattern, "*"))
            found.setdefault(mask, "*")
        return found

    def _by_segment(self, patterns: Sequence[Parts]) -> dict[int, str] | None:
        """The signatures from those of the six parts, which is far less to walk through; None where colons may move."""
        cut = [globs.split_segments(pattern) for pattern in patterns]
        if not self.colons_stand or not all(cut):
            return None
        found = {(1 << len(patterns)) - 1: ""}
        for number, universe in enumerate(self.segments):
            here = _signatures_of_segment(tuple([segments[number] for segments in cut if segments]), universe)
            step()
            if len(found) * len(here) > STATE_LIMIT:
                raise TooLarge
            before, found = found, {}
            for (left, head), (right, tail) in product(before.items(), here.items()):
                text = f"{head}:{tail}" if number else tail
                if len(text) < len(found.get(left & right, text + ".")):
                    found[left & right] = text
        return found

    @cached_property
    def colons_stand(self) -> bool:
        """Whether every ARN has exactly the five colons between its parts."""
        texts = [part for segment in self.segments for part in segment]
        return len(self.segments) == PARTS and not any(
            ":" in part if isinstance(part, str) else part.allows(":") for part in texts
        )

    def _cover_of_arns(self, pattern: Parts) -> Cover:
        segments = globs.split_segments(pattern)
        if segments is None:
            return cover(pattern, self.joined)
        whole = Cover.ALL
        # The last part first: it is the names that differ most.
        for part, known in zip(reversed(segments), reversed(self.segments), strict=True):
            found = _segment_cover(part, known)
            if found is Cover.NONE:
                return Cover.NONE
            if found is Cover.SOME:
                whole = Cover.SOME
        return whole


def _holes(segment: str) -> Universe:
    """``pipeline/${PipelineName}/execution/${Id}`` with its placeholders as holes."""
    parts: list[str | Hole] = []
    rest = segment
    while rest:
        literal, mark, rest = rest.partition("${")
        parts += [literal] if literal else []
        if mark:
            name, _, rest = rest.partition("}")
            parts.append(_hole(name))
    return tuple(parts)


def _hole(name: str) -> Hole:
    if name.endswith("WithPath"):
        return Hole.TEXT
    return Hole.PATH if name.endswith("WithSlashes") else Hole.NAME


def _join_literals(parts: list[str | Hole]) -> Universe:
    joined: list[str | Hole] = parts[:1]
    for left, right in pairwise(parts):
        if isinstance(left, str) and isinstance(right, str):
            joined[-1] = f"{joined[-1]}{right}" if isinstance(joined[-1], str) else joined[-1]
        else:
            joined.append(right)
    return tuple(joined)


@lru_cache(maxsize=10_000)
def _signatures(patterns: tuple[Parts, ...], universe: Universe) -> dict[int, str]:
    """Kept, as the same patterns meet in the cells of many actions on a type."""
    return signatures(patterns, universe)


@lru_cache(maxsize=50_000)
def _signatures_of_segment(patterns: tuple[Parts, ...], universe: Universe) -> dict[int, str]:
    """As ``_signatures``, where many of the patterns are the same."""
    places: dict[Parts, int] = {}
    for place, pattern in enumerate(patterns):
        places[pattern] = places.get(pattern, 0) | 1 << place
    masks = list(places.values())
    found = signatures(list(places), universe)
    return {sum(mask for bit, mask in enumerate(masks) if seen >> bit & 1): text for seen, text in found.items()}


@lru_cache(maxsize=200_000)
def _segment_cover(pattern: Parts, universe: Universe) -> Cover:
    found = _simple_cover(pattern, universe)
    return cover(pattern, universe) if found is None else found


def _simple_cover(pattern: Parts, universe: Universe) -> Cover | None:
    """The usual cases at a glance: ``model/dev-*`` or ``model/dev`` against ``model/${ModelName}``; else None."""
    match pattern, universe:
        case ((str(head), *stars), (str(literal), Hole.NAME)) if stars in ([], [Wild.ANY]):
            if not head.startswith(literal):
                return Cover.NONE if not literal.startswith(head) or not stars else Cover.ALL
            name = head[len(literal) :]
            if "/" in name or ":" in name or not (name or stars):
                return Cover.NONE
            return Cover.SOME if name else Cover.ALL
    return None
