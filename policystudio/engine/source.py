"""Where in a policy's JSON text something stands."""

import re
from bisect import bisect_right
from dataclasses import dataclass

#: A JSON path: object keys and array indexes from the document's root.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """One place in a text.

    ``offset`` counts characters from 0; ``line`` and ``column`` count from 1, as IAM's simulator does.
    """

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text; ``end`` is the position just behind its last character."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a document: what, where, and what to do about it."""

    code: str
    message: str
    span: Span
    path: Path = ()

    def __str__(self) -> str:
        return f"line {self.span.start.line}, column {self.span.start.column}: {self.message}"


class Source:
    """A text with its lines: turns offsets (characters from 0) into positions and spans. A line ends at ``\\n``."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        """The position of the character at ``offset``."""
        line = bisect_right(self._starts, offset)
        return Position(offset, line, offset - self._starts[line - 1] + 1)

    def span(self, start: int, end: int) -> Span:
        """The stretch from ``start`` to just behind its last character, at ``end``."""
        return Span(self.position(start), self.position(end))
