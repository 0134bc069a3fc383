"""The resources of an ARN pattern that somebody asks about, as a set of ARNs."""

import re
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine import globs
from policystudio.engine.arn import PARTS
from policystudio.engine.exact.signatures import Cover, Hole, TooLarge, Universe, cover
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts, Wild

_REGION = 3
#: A resource part that ends in a star of its own.
_ENDS_IN_NAME = re.compile(r"(^|/)\*$")


@dataclass(frozen=True)
class AskedUniverse(ResourceUniverse):
    """Every ARN that a pattern (as ``template``) stands for: one ARN where it has no wildcard.

    ``*`` is any run of characters, even of none, and ``?`` exactly one; before the fifth colon neither is a colon, nor
    behind it unless ``colons``: most services, SageMaker among them, have no names with colons. Where ARNs are
    ``regional``, a star that stands for the whole Region, or for all behind the last slash, is no empty run: there are
    no such resources.
    """

    colons: bool = True
    regional: bool = False

    @cached_property
    def segments(self) -> tuple[Universe, ...]:
        """The parts of the pattern, each a set of texts of its own."""
        texts = self.template.split(":", PARTS - 1)
        if len(texts) < PARTS:
            return (tuple([self.template] if self.template else []),)
        found = [_universe(text, colons=self.colons and number == PARTS - 1) for number, text in enumerate(texts)]
        if self.regional and texts[_REGION] == "*":
            found[_REGION] = (Hole.NAME,)
        if self.regional and _ENDS_IN_NAME.search(texts[-1]):
            found[-1] = (*found[-1][:-1], Hole.TEXT if self.colons else Hole.PATH)
        return tuple(found)

    @property
    def is_one(self) -> bool:
        """Whether there is exactly one such resource."""
        return not set(self.template) & set("*?") or self.template == "*"

    def cover(self, pattern: Parts) -> Cover:
        """How much of the universe a pattern matches; ``SOME`` also where to tell that from all would take too long."""
        if self.is_one:
            return Cover.ALL if globs.matches(pattern, self.template) else Cover.NONE
        try:
            return super().cover(pattern) if self._compares_by_segment(pattern) else cover(pattern, self.joined)
        except TooLarge:
            return Cover.SOME

    def _compares_by_segment(self, pattern: Parts) -> bool:
        """Whether no wildcard of the pattern can take in a colon in one of the ARNs, and leave others to the rest."""
        segments = globs.split_segments(pattern)
        return segments is not None and (
            not self._may_hold_colons or not any(Wild.ANY in part for part in segments[:-1])
        )

    @cached_property
    def _may_hold_colons(self) -> bool:
        """Whether there may be colons behind the fifth."""
        return any(":" in part if isinstance(part, str) else part.allows(":") for part in self.segments[-1])


def _universe(text: str, *, colons: bool) -> Universe:
    run, char = (Hole.RUN, Hole.CHAR) if colons else (Hole.SEGMENT_RUN, Hole.SEGMENT_CHAR)
    holes = {Wild.ANY: run, Wild.ONE: char}
    return tuple(part if isinstance(part, str) else holes[part] for part in globs.parse(text))
