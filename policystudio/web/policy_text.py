"""A policy's text as numbered lines, with what matters in it marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Mark = tuple[int, int]
_DEEPEST = 2


@dataclass(frozen=True)
class Piece:
    """A stretch of a line; ``marked`` where it is what the reader looks for."""

    text: str
    marked: bool


@dataclass(frozen=True)
class Line:
    """One line of a document, or the part of it that an excerpt shows."""

    number: int
    pieces: tuple[Piece, ...]


def lines_of(text: str, marks: Iterable[Mark] = (), *, start: int = 0, end: int | None = None) -> tuple[Line, ...]:
    """The lines of ``text`` between two offsets; ``marks`` are stretches of it by their offsets.

    Lines end as JSON editors count them: at LF, CR or CR LF. What stands around the document in an export, or around
    a statement in its document, indents it: that indentation is left out, and no level is deeper than two spaces.
    """
    end = len(text) if end is None else end
    ordered = _merged(marks)
    shown: list[tuple[int, int, int]] = []
    offset = 0
    for number, line in enumerate(text.splitlines(keepends=True) if _plain(text) else _split(text), start=1):
        stop = offset + len(line)
        if stop > start and offset < end:
            first, last = max(offset, start), min(offset + len(line.rstrip("\r\n")), end)
            shown.append((number, first, max(first, last)))
        offset = stop
    indents = _indents([text[first:last] for _, first, last in shown])
    return tuple(
        Line(number, _line(text, first, last, ordered, indent))
        for (number, first, last), indent in zip(shown, indents, strict=True)
    )


def _indents(lines: Sequence[str]) -> list[int]:
    """How far to indent each line: by level, where the levels of the text are the steps between its indentations."""
    found = [len(line) - len(line.lstrip(" \t")) for line in lines]
    filled = [(indent, line) for indent, line in zip(found, lines, strict=True) if line.strip()]
    least = min((indent for indent, _ in filled[1:]), default=0)
    over = sorted({max(indent - least, 0) for indent, _ in filled})
    step = min((later - earlier for earlier, later in pairwise(over)), default=0)
    if step <= _DEEPEST:
        return [max(indent - least, 0) for indent in found]
    return [max(indent - least, 0) * _DEEPEST // step for indent in found]


def _line(text: str, start: int, end: int, marks: Sequence[Mark], indent: int) -> tuple[Piece, ...]:
    """The pieces of one line; its indentation is never marked."""
    body = start + len(text[start:end]) - len(text[start:end].lstrip(" \t"))
    pieces = _pieces(text, body, end, marks)
    return (Piece(" " * indent, False), *pieces) if indent else pieces


def _plain(text: str) -> bool:
    """Whether Python's idea of a line is JSON's: it also breaks at form feeds and the like."""
    return not any(mark in text for mark in "\v\f\x1c\x1d\x1e\x85\u2028\u2029")


def _split(text: str) -> list[str]:
    lines, start = [], 0
    for at, character in enumerate(text):
        if character == "\n" or (character == "\r" and text[at + 1 : at + 2] != "\n"):
            lines.append(text[start : at + 1])
            start = at + 1
    return [*lines, text[start:]] if start < len(text) else lines


def _merged(marks: Iterable[Mark]) -> list[Mark]:
    merged: list[Mark] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    at = start
    for mark_start, mark_end in marks:
        first, last = max(mark_start, at), min(mark_end, end)
        if first >= last:
            continue
        if first > at:
            pieces.append(Piece(text[at:first], False))
        pieces.append(Piece(text[first:last], True))
        at = last
    if at < end or not pieces:
        pieces.append(Piece(text[at:end], False))
    return tuple(pieces)
