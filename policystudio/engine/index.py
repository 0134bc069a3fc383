"""Which of many patterns a text matches: exact ones by a look-up, resource patterns filed by type."""

from typing import TypeVar

from policystudio.engine import globs
from policystudio.engine.arn import PARTS
from policystudio.engine.globs import Matcher

#: How many results of each kind are remembered.
MEMORY = 50_000

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class PatternIndex:
    """Which statements have a pattern that a text matches."""

    def __init__(self) -> None:
        self._exact: dict[str, int] = {}
        self._wild: dict[str, tuple[Matcher, int]] = {}
        self._memory: dict[str, int] = {}

    def add(self, text: str, parts: globs.Parts, bit: int) -> None:
        """Enter one pattern of the statement ``bit``; ``text`` identifies the pattern."""
        if globs.is_literal(parts):
            literal = str(parts[0]) if parts else ""
            self._exact[literal] = self._exact.get(literal, 0) | bit
        else:
            matcher, bits = self._wild.get(text) or (globs.matcher(parts), 0)
            self._wild[text] = (matcher, bits | bit)

    def lookup(self, text: str) -> int:
        """The statements one of whose patterns matches ``text``."""
        found = self._memory.get(text)
        if found is None:
            found = self._find(text)
            remember(self._memory, text, found)
        return found

    def _find(self, text: str) -> int:
        found = self._exact.get(text, 0)
        for matcher, bits in self._wild.values():
            if matcher(text):
                found |= bits
        return found


class ResourceIndex(PatternIndex):
    """Patterns of resource ARNs, in drawers by what their resource part begins with (``model`` of ``model/dev-*``)."""

    def __init__(self) -> None:
        super().__init__()
        self._drawers: dict[str, PatternIndex] = {}

    def add(self, text: str, parts: globs.Parts, bit: int) -> None:
        """As in ``PatternIndex``; a pattern whose resource part may begin with anything goes into no drawer."""
        segments = None if globs.is_literal(parts) else globs.split_segments(parts)
        head = segments[-1][0] if segments and segments[-1] else None
        if isinstance(head, str) and "/" in head:
            self._drawers.setdefault(head.partition("/")[0], PatternIndex()).add(text, parts, bit)
        else:
            super().add(text, parts, bit)

    def _find(self, text: str) -> int:
        found = super()._find(text)
        if text.count(":") != PARTS - 1:
            drawers = list(self._drawers.values())
        else:
            drawer = self._drawers.get(text.rpartition(":")[2].partition("/")[0])
            drawers = [drawer] if drawer else []
        for drawer in drawers:
            found |= drawer.lookup(text)
        return found


def remember(memory: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a result; start afresh rather than grow without bound."""
    if len(memory) >= MEMORY:
        memory.clear()
    memory[key] = value
