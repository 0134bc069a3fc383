"""Where in a policy's JSON text something stands."""

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
