"""Cuts a stream of bytes into the JSON objects it holds: JSON Lines, one object over many lines, or an array of them.

Nothing is decoded here. What is broken ends where the next object begins, so one bad line does not spoil the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

#: The largest object that is read. A longer one is answered with an error, the others go on.
RECORD_LIMIT = 64 * 1024 * 1024

_OPENERS = {ord("}"): ord("{"), ord("]"): ord("[")}
_BLANK = b" \t\r\n"
#: A whole string, a string that its line does not close, or one structural character.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|"|[\[\]{},]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """One object's text and the place in the stream where it begins; ``fault`` says why it cannot even be cut out."""

    text: bytes
    line: int
    column: int = 1
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: bytes


class _Lines:
    """The lines of a stream, numbered from 1, blank ones left out, with room to give some back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = 0
        self._returned: list[_Line] = []

    def __iter__(self) -> Iterator[_Line]:
        return self

    def __next__(self) -> _Line:
        if self._returned:
            return self._returned.pop()
        while text := self._stream.readline(RECORD_LIMIT + 1):
            self._number += 1
            line = _Line(self._number, text)
            if len(text) > RECORD_LIMIT:
                self._skip_to_line_end(text)
            if text.strip(_BLANK):
                return line
        raise StopIteration

    def give_back(self, lines: list[_Line]) -> None:
        """Read these, in their order, before anything else."""
        self._returned += reversed(lines)

    def _skip_to_line_end(self, text: bytes) -> None:
        while text and not text.endswith(b"\n"):
            text = self._stream.readline(RECORD_LIMIT)


class _Nesting:
    """Which brackets are open behind the text read so far, and what its last character is."""

    def __init__(self) -> None:
        self.open = bytearray()
        self.last = 0
        self.broken = False
        self.restarted = False

    def restart(self, opened: bytes, *, last: bytes) -> None:
        """Forget what was read: ``opened`` is open and ``last`` was the last character."""
        self.open = bytearray(opened)
        self.last = last[0]
        self.broken = False
        self.restarted = True

    def read(self, text: bytes) -> None:
        for token in _TOKEN.finditer(text):
            char = token[0][0]
            if char in b"[{":
                self.open.append(char)
            elif char in b"]}":
                self._close(char)
            elif token[0] == b'"':
                self.broken = True  # strings do not reach over the end of a line
        self.last = (text.rstrip(_BLANK) or b" ")[-1]

    def _close(self, char: int) -> None:
        if self.open and self.open[-1] == _OPENERS[char]:
            self.open.pop()
        else:
            self.broken = True

    @property
    def value_may_follow(self) -> bool:
        return self.last in b"[:" or (self.last == ord(",") and self.open[-1:] == b"[")


def records(stream: BinaryIO) -> Iterator[Record]:
    """Every object of the stream, in its order and in memory one at a time."""
    lines = _Lines(stream)
    first = next(lines, None)
    if first is None:
        return
    lines.give_back([first])
    if first.text.lstrip(_BLANK).startswith(b"["):
        yield from _array_records(lines)
    else:
        yield from _line_records(lines)


def _line_records(lines: _Lines) -> Iterator[Record]:
    for line in lines:
        if len(line.text) > RECORD_LIMIT:
            yield Record(b"", line.number, fault=_too_large())
            continue
        if _is_whole(line.text):
            yield Record(line.text, line.number)
            continue
        nesting = _Nesting()
        nesting.read(line.text)
        if nesting.broken or not nesting.open:
            yield Record(line.text, line.number)
        else:
            yield _spread_record(line, nesting, lines)


def _spread_record(first: _Line, nesting: _Nesting, lines: _Lines) -> Record:
    """An object that begins on ``first`` and whose brackets close on a later line; or what there is of it."""
    taken = [first]
    size = len(first.text)
    for line in lines:
        size += len(line.text)
        if size > RECORD_LIMIT:
            return Record(b"", first.number, fault=_too_large())
        if line.text.startswith(b"{") and not nesting.value_may_follow:
            lines.give_back([line])
            break
        taken.append(line)
        nesting.read(line.text)
        if nesting.broken:
            break
        if not nesting.open:
            return _joined(taken)
    return _without_whole_objects(taken, lines)


def _without_whole_objects(taken: list[_Line], lines: _Lines) -> Record:
    """The broken beginning of ``taken``; from the first line on that is an object of its own, lines are given back."""
    for index, line in enumerate(taken[1:], start=1):
        if line.text.startswith(b"{") and _is_whole(line.text):
            lines.give_back(taken[index:])
            return _joined(taken[:index])
    return _joined(taken)


def _is_whole(text: bytes) -> bool:
    """Whether a line is an object as far as braces tell; whether they pair up well, the decoder tells."""
    stripped = text.strip(_BLANK)
    if not (stripped.startswith(b"{") and stripped.endswith(b"}")):
        return False
    outside = _STRING.sub(b"", stripped)
    closed = outside.count(b"{") == outside.count(b"}") and outside.count(b"[") == outside.count(b"]")
    return closed and b'"' not in outside


def _joined(taken: list[_Line]) -> Record:
    """The lines as one text; the blank ones that were left out between them are there again, as line ends."""
    pieces: list[bytes] = []
    expected = taken[0].number
    for line in taken:
        pieces += [b"\n" * (line.number - expected), line.text]
        expected = line.number + 1
    return Record(b"".join(pieces), taken[0].number)


def _array_records(lines: _Lines) -> Iterator[Record]:
    """The elements of the array that the stream begins with; lines behind its end are read as JSON Lines.

    A bracket or string that is broken spoils the rest of its line; the next line is read as the next element.
    """
    nesting = _Nesting()
    nesting.read(b"[")
    element = _Element()
    for line in lines:
        start = 0 if element.begun else line.text.index(b"[") + 1
        element.begun = True
        if start == 0 and line.text.startswith(b"{") and not nesting.value_may_follow:
            lines.give_back([line])
            break
        if len(line.text) > RECORD_LIMIT:
            element.add(line, start, start + 1)
            yield element.taken("the line is larger than what is read at once: put each object on a line of its own")
            nesting.restart(b"[", last=b",")
            continue
        for end in _element_ends(line.text, start, nesting):
            element.add(line, start, end)
            # `[]` has no element; `[1,]` has a blank one at its end, which is a fault for the decoder to tell.
            if nesting.open or element.count or not element.is_blank:
                yield element.taken()
            start = end + 1
        element.add(line, start, len(line.text))
        if element.size > RECORD_LIMIT:
            yield element.taken(_too_large())
        elif nesting.broken:
            yield element.taken()
            nesting.restart(b"[", last=b",")
        elif not nesting.open:
            break
    yield from _behind_array(nesting, element, lines)


def _behind_array(nesting: _Nesting, element: "_Element", lines: _Lines) -> Iterator[Record]:
    """What is left when the array has ended, or when it turned out to be the first of several lines."""
    if nesting.open and not (nesting.restarted and element.is_blank):
        yield element.taken("the array that begins here is not closed with `]`")
    elif not element.is_blank:
        yield element.taken("nothing may stand behind the `]` of the array on its line")
    yield from _line_records(lines)


def _element_ends(text: bytes, start: int, nesting: _Nesting) -> Iterator[int]:
    """Where elements of the outermost array end in ``text``; stops behind its `]` and at what is broken."""
    for token in _TOKEN.finditer(text, start):
        depth = len(nesting.open)
        nesting.read(token[0])
        if nesting.broken:
            return
        if depth == 1 and (token[0] == b"," or not nesting.open):
            yield token.start()
        if not nesting.open:
            return


class _Element:
    """The text of one element of an array as it gathers, line by line."""

    def __init__(self) -> None:
        self.count = 0
        self.begun = False
        self._begin()

    def _begin(self) -> None:
        self._lines: list[_Line] = []
        self._column = 1
        self.size = 0

    def add(self, line: _Line, start: int, end: int) -> None:
        """Append a stretch of ``line``; white space before the element counts for nothing."""
        piece = line.text[start:end]
        if not self._lines:
            lead = len(piece) - len(piece.lstrip(_BLANK))
            piece, start = piece[lead:], start + lead
            if not piece and b"\n" in line.text[start - lead : end]:
                return
            self._column = start + 1
        self._lines.append(_Line(line.number, piece))
        self.size += len(piece)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing but white space."""
        return not any(line.text.strip(_BLANK) for line in self._lines)

    def taken(self, fault: str = "") -> Record:
        """What has gathered, as a record; the next element begins empty."""
        lines = self._lines or [_Line(1, b"")]
        text = b"" if fault else _joined(lines).text
        record = Record(text, lines[0].number, self._column, fault)
        self.count += 1
        self._begin()
        return record


def _too_large() -> str:
    return f"the object is larger than {RECORD_LIMIT // (1024 * 1024)} MB: cut it into several"
