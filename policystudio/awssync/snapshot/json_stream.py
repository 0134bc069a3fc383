"""JSON read strictly and piece by piece: one item of a list at a time, each with its place in the file.

Some values are kept as the exact text they have in the file, and equal keys in one object are refused, which the
readers at hand do not offer.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the stubs leave it out; it is json's own string reader
from math import isinf
from typing import Any, NoReturn

#: Characters read at once.
CHUNK = 1 << 20
#: The longest item of a list. IAM's own limits keep an identity with everything it has below a tenth of this.
MAX_ITEM = 8 << 20
MAX_DEPTH = 100
MAX_DIGITS = 400

_space = re.compile(r"[ \t\n\r]*")
_numeric = re.compile(r"[-+.0-9eE]*")
_number = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?").match
#: What json's reader says, in words for a person; the rest of its messages read well enough.
_SAID = {
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Invalid control character at": "a control character stands in a text: write it as an escape",
    "Expecting value": "a value is expected",
    "Expecting property name enclosed in double quotes": "a key in double quotes is expected",
    "Expecting ':' delimiter": "`:` is expected",
    "Expecting ',' delimiter": "a comma or a closing bracket is expected",
}
_LITERALS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


class JsonStreamError(ValueError):
    """The text is not JSON, or not JSON that can be trusted; the message names the place."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Raw:
    """A value that was asked for as it stands in the file: a string's content, or the exact text of anything else."""

    text: str
    is_string: bool
    line: int
    column: int


class _NotYet(Exception):
    """The value goes on behind the end of what was read so far; or it is broken there."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class _Broken(_NotYet):
    """Reading on would not mend it."""


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


#: Finds the end of a value, quickly, and builds nothing of its numbers: they may have any length.
_skim = json.JSONDecoder(parse_int=lambda _: 0, parse_float=lambda _: 0, parse_constant=_no_constant).raw_decode


class JsonStream:
    """Reads a text front to back. ``read(n)`` answers with up to n characters, "" at the end.

    Every method stands before a value or a bracket, white space aside, and leaves behind it. All raise
    ``JsonStreamError``.
    """

    def __init__(self, read: Callable[[int], str], raw_keys: frozenset[str] = frozenset()) -> None:
        self._read = read
        self._raw_keys = raw_keys
        self._text = ""
        self._at = 0
        self._ended = False
        # The place of the character at _marked: lines are counted once, going forward.
        self._marked = 0
        self._line = 1
        self._column = 1

    def peek(self) -> str:
        """The next character that is not white space; "" at the end of the text."""
        while True:
            self._at = _behind(_space, self._text, self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._fill(CHUNK)

    def place(self) -> tuple[int, int]:
        """Line and column, from 1, of the next character that is not white space."""
        self.peek()
        return self._place(self._at)

    def refuse(self, message: str) -> NoReturn:
        """Raise an error about what stands next."""
        raise JsonStreamError(message, *self.place())

    def value(self) -> Any:
        """The whole value that stands next: str, int, float, bool, None, list, dict, and ``Raw`` under the raw keys."""
        self.peek()
        while True:
            try:
                value, self._at = self._value(self._at, 0)
                return value
            except _Broken as error:
                self._raise(error.message, error.offset)
            except _NotYet as error:
                if self._ended:
                    self._raise(error.message, error.offset)
                if len(self._text) - self._at > MAX_ITEM:
                    self.refuse(f"what begins here has no end within {MAX_ITEM:,} characters, or is broken")
                self._fill(max(CHUNK, len(self._text) - self._at))

    def members(self) -> Iterator[str]:
        """The keys of the object that stands next; the caller reads a key's value before it asks for the next one."""
        self._expect("{")
        seen: set[str] = set()
        more = self.peek() != "}"
        while more:
            if self.peek() != '"':
                self.refuse("a key in double quotes is expected")
            line, column = self.place()
            key = self.value()
            if key in seen:
                raise JsonStreamError(f"key `{key}` stands twice in one object", line, column)
            seen.add(key)
            self._expect(":")
            yield key
            more = self._goes_on("}")
        self._expect("}")

    def elements(self) -> Iterator[int]:
        """The indexes of the list that stands next; the caller reads an item before it asks for the next one."""
        self._expect("[")
        index = 0
        more = self.peek() != "]"
        while more:
            yield index
            index += 1
            more = self._goes_on("]")
        self._expect("]")

    def _goes_on(self, closing: str) -> bool:
        if self.peek() != ",":
            return False
        self._at += 1
        if self.peek() == closing:
            self.refuse(f"a comma stands before `{closing}`")
        return True

    def _expect(self, char: str) -> None:
        found = self.peek()
        if found != char:
            self.refuse(f"`{char}` is expected, not {_named(found)}")
        self._at += 1

    def _fill(self, size: int) -> None:
        """Read on; what lies behind us is let go."""
        self._place(self._at)
        chunk = self._read(size)
        self._ended = not chunk
        self._text = self._text[self._at :] + chunk
        self._at = self._marked = 0

    def _place(self, offset: int) -> tuple[int, int]:
        if offset < self._marked:  # only errors look back, by less than one item
            raise ValueError("places are asked for front to back")
        newline = self._text.rfind("\n", self._marked, offset)
        if newline >= 0:
            self._line += self._text.count("\n", self._marked, offset)
            self._column = offset - newline
        else:
            self._column += offset - self._marked
        self._marked = offset
        return self._line, self._column

    def _raise(self, message: str, offset: int) -> NoReturn:
        raise JsonStreamError(message, *self._place(max(offset, self._marked)))

    # --- One value, in what was read so far: each answers with it and the offset behind it ---------------------------

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        char = self._text[at : at + 1]
        if char == '"':
            return self._string(at)
        if char == "{":
            return self._object(at, depth + 1)
        if char == "[":
            return self._list(at, depth + 1)
        if char in _LITERALS:
            word, value = _LITERALS[char]
            if self._text.startswith(word, at):
                return value, at + len(word)
        return self._finite(at)

    def _finite(self, at: int) -> tuple[int | float, int]:
        match = _number(self._text, at)
        if match is None:
            raise _NotYet(f"a value is expected, not {_named(self._text[at : at + 1])}", at)
        # `1.` may be the beginning of `1.5`: what could belong to the number must end before the text does.
        if not self._ended and _behind(_numeric, self._text, at) == len(self._text):
            raise _NotYet("the number goes on", at)
        if len(match[0]) > MAX_DIGITS:
            raise _Broken(f"the number has {len(match[0])} digits, at most {MAX_DIGITS} are read", at)
        if match[1] is None and match[2] is None:
            return int(match[0]), match.end()
        if isinf(number := float(match[0])):
            raise _Broken(f"the number `{match[0]}` is out of bounds", at)
        return number, match.end()

    def _string(self, at: int) -> tuple[str, int]:
        try:
            content, end = scanstring(self._text, at + 1, True)
        except json.JSONDecodeError as error:
            raise _NotYet(_said(error.msg), error.pos) from None
        # Only an escape can bring in what is no character, or NUL, which PostgreSQL does not store.
        if self._text.find("\\u", at, end) >= 0 and not _is_storable(content):
            raise _Broken("the text has a NUL character or half of a surrogate pair in it", at)
        return content, end

    def _raw(self, at: int) -> tuple[Raw | None, int]:
        line, column = self._place_ahead(at)
        if self._text[at : at + 1] == '"':
            content, end = self._string(at)
            return Raw(content, True, line, column), end
        if self._text[at : at + 1] not in "{[":
            value, end = self._value(at, 0)
            return (None if value is None else Raw(self._text[at:end], False, line, column)), end
        try:
            _, end = _skim(self._text, at)
        except json.JSONDecodeError as error:
            raise _NotYet(_said(error.msg), error.pos) from None
        except RecursionError:
            raise _Broken(f"nested deeper than {MAX_DEPTH} levels", at) from None
        except ValueError:
            raise _Broken("a policy document in here says NaN or Infinity, which is not JSON", at) from None
        return Raw(self._text[at:end], False, line, column), end

    def _object(self, at: int, depth: int) -> tuple[dict[str, Any], int]:
        result: dict[str, Any] = {}
        at = self._inside(at, depth)
        while self._text[at : at + 1] != "}":
            if self._text[at : at + 1] != '"':
                raise _NotYet(f"a key in double quotes is expected, not {_named(self._text[at : at + 1])}", at)
            key, end = self._string(at)
            if key in result:
                raise _Broken(f"key `{key}` stands twice in one object", at)
            at = self._behind_space(end)
            if self._text[at : at + 1] != ":":
                raise _NotYet(f"`:` is expected, not {_named(self._text[at : at + 1])}", at)
            at = self._behind_space(at + 1)
            result[key], at = self._raw(at) if key in self._raw_keys else self._value(at, depth)
            at = self._behind_comma(at, "}")
        return result, at + 1

    def _list(self, at: int, depth: int) -> tuple[list[Any], int]:
        result: list[Any] = []
        at = self._inside(at, depth)
        while self._text[at : at + 1] != "]":
            item, at = self._value(at, depth)
            result.append(item)
            at = self._behind_comma(at, "]")
        return result, at + 1

    def _inside(self, at: int, depth: int) -> int:
        if depth > MAX_DEPTH:
            raise _Broken(f"nested deeper than {MAX_DEPTH} levels", at)
        return self._behind_space(at + 1)

    def _behind_space(self, at: int) -> int:
        return _behind(_space, self._text, at)

    def _behind_comma(self, at: int, closing: str) -> int:
        """The offset of the next item, or of the closing bracket."""
        at = self._behind_space(at)
        char = self._text[at : at + 1]
        if char == closing:
            return at
        if char != ",":
            raise _NotYet(f"`,` or `{closing}` is expected, not {_named(char)}", at)
        at = self._behind_space(at + 1)
        if self._text[at : at + 1] == closing:
            raise _Broken(f"a comma stands before `{closing}`", at)
        return at

    def _place_ahead(self, offset: int) -> tuple[int, int]:
        """The place of something within the item at hand, without moving the mark: the item may be read again."""
        line, column = self._place(self._at)
        newline = self._text.rfind("\n", self._at, offset)
        if newline < 0:
            return line, column + offset - self._at
        return line + self._text.count("\n", self._at, offset), offset - newline


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """The offset behind what matches at ``at``."""
    match = pattern.match(text, at)
    return match.end() if match else at


def _named(char: str) -> str:
    if not char:
        return "the end of the file"
    return f"`{char}`" if char.isprintable() else f"the character U+{ord(char):04X}"


def _said(message: str) -> str:
    return _SAID.get(message, message[:1].lower() + message[1:])


def _is_storable(text: str) -> bool:
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))
