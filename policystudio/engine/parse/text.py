"""JSON text -> values with their places, by tree-sitter; everything refused that JSON parsers pass over in silence."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_json
from tree_sitter import Language, Node, Parser

from policystudio.engine.parse import syntax
from policystudio.engine.parse.report import MAX_CHARACTERS, MAX_NESTING, Report, shown
from policystudio.engine.source import Path, Source, Span

#: What ``places`` adds to the path of a value to name its key.
KEY = "#key"

_BOM = "\ufeff"
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<code>u....)|.)")
_CONTROL = re.compile(r"[\x00-\x1f]")
_NOT_SPACE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<decimal>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")

_EXPONENT = re.compile(r"[0-9](?:E|e\+)")

#: IAM compares numbers as 64-bit integers and doubles.
_LARGEST_INTEGER = 2**63
_SMALLEST_EXPONENT = -308
_LONGEST_NUMBER = 40


@dataclass(slots=True)
class Value:
    """A JSON value and where it stands, in characters. ``text`` is a string's contents, or a number or word as written.

    ``type`` is ``object``, ``array``, ``string``, ``number``, ``true``, ``false`` or ``null``. ``damaged`` marks a
    value that is not JSON throughout: what is missing in it may stand in the part that could not be read.
    """

    type: str
    start: int
    end: int
    text: str = ""
    members: list[tuple["Value", "Value"]] = field(default_factory=list)
    items: list["Value"] = field(default_factory=list)
    damaged: bool = False


def read(report: Report, limit: int = MAX_CHARACTERS) -> Value | None:
    """The value that the report's text holds; its problems go to the report. None where nothing could be read."""
    text = report.source.text
    if len(text) > limit:
        report.add_at(
            "too_large", f"the document has {len(text):,} characters: at most {limit:,} are allowed", limit, len(text)
        )
        return None
    safe = _without_unreadable(text, report)
    value, is_sound = _Reader(safe, report).read()
    if not is_sound and not _explain(safe, report):
        return None
    return value


def _explain(text: str, report: Report) -> bool:
    """Report what keeps the text from being JSON; whether what could be read of it is what was meant."""
    keeps_track = True
    found = False
    for flaw in syntax.flaws(text):
        found = True
        keeps_track &= not flaw.loses_track
        report.add_at(flaw.code, flaw.message, flaw.start, flaw.end)
        if report.is_full:
            break
    if not found:
        report.add_at("json_syntax", "the document is not JSON", 0, len(text))
    return keeps_track


def places(text: str) -> Mapping[Path, Span]:
    """Where every value of a JSON text stands, by its path; a key's own place is its path and ``"#key"``.

    Texts that are not JSON give the places of what could be read.
    """
    report = Report(Source(text))
    root = read(report)
    return {} if root is None else dict(_places(root, (), report.source))


def _places(value: Value, path: Path, source: Source) -> Iterator[tuple[Path, Span]]:
    yield path, source.span(value.start, value.end)
    for key, member in value.members:
        yield (*path, key.text, KEY), source.span(key.start, key.end)
        yield from _places(member, (*path, key.text), source)
    for index, item in enumerate(value.items):
        yield from _places(item, (*path, index), source)


def _without_unreadable(text: str, report: Report) -> str:
    """The text with a byte order mark and lone surrogates replaced, so that every other place stays what it is."""
    if text.startswith(_BOM):
        report.add_at("byte_order_mark", "the document starts with a byte order mark (U+FEFF): remove it", 0, 1)
        text = " " + text[1:]
    for match in _SURROGATE.finditer(text):
        message = f"half of a surrogate pair ({shown(match.group())}) is not a character: remove it"
        report.add_at("surrogate", message, match.start(), match.end())
    return _SURROGATE.sub("\ufffd", text)


def _with_plain_numbers(text: str) -> str:
    """The text with every exponent in a shape that tree-sitter's grammar knows: it takes ``1E+5`` for a mistake."""
    if not _EXPONENT.search(text):
        return text
    chars = list(text)
    for start, end in syntax.numbers(text):
        chars[start:end] = text[start:end].replace("E", "e").replace("+", "0")
    return "".join(chars)


@cache
def _language() -> Language:
    return Language(tree_sitter_json.language())


class _Reader:
    """Turns the syntax tree into values."""

    def __init__(self, text: str, report: Report) -> None:
        self._text = text
        self._report = report
        self._is_sound = True
        self._bytes = _with_plain_numbers(text).encode()
        # For each character the number of bytes before it; bytes and characters agree in ASCII.
        self._chars = None if len(self._bytes) == len(text) else _characters(self._bytes)

    def read(self) -> tuple[Value | None, bool]:
        """The document's value, and whether the text is JSON throughout."""
        root = Parser(_language()).parse(self._bytes).root_node
        self._is_sound = not root.has_error and not _NOT_SPACE.search(self._text)
        found = [child for child in root.named_children if self._is_value(child)]
        value = self._value(found[0], (), 1) if found else None
        if len(found) != 1:
            self._is_sound = False
        return value, self._is_sound

    def _is_value(self, node: Node) -> bool:
        if node.type in ("comment", "ERROR", "UNEXPECTED") or node.is_missing:
            self._is_sound = False
            return False
        return True

    def _value(self, node: Node, path: Path, depth: int) -> Value:
        start, end = node.start_byte, node.end_byte
        if self._chars is not None:
            start, end = self._chars[start], self._chars[end]
        kind = node.type
        value = Value(kind, start, end)
        if kind == "string":
            self._string(value, node, path)
        elif kind in ("object", "array"):
            value.damaged = node.has_error
            if depth > MAX_NESTING:
                self._report.add("nesting", f"nested more than {MAX_NESTING} levels deep", value, path)
                value.damaged = True
            elif kind == "object":
                self._members(value, node, path, depth)
            else:
                self._items(value, node, path, depth)
        elif kind == "number":
            value.text = self._text[start:end]
            self._number(value, path)
        else:
            value.text = kind
        return value

    def _items(self, value: Value, node: Node, path: Path, depth: int) -> None:
        for child in node.named_children:
            if self._report.is_full:
                return
            if self._is_value(child):
                value.items.append(self._value(child, (*path, len(value.items)), depth + 1))

    def _members(self, value: Value, node: Node, path: Path, depth: int) -> None:
        seen: dict[str, Value] = {}
        for pair in node.named_children:
            if self._report.is_full:
                return
            if not self._is_value(pair):
                continue
            parts = [child for child in pair.named_children if self._is_value(child)]
            if len(parts) != 2 or parts[0].type != "string":
                value.damaged = True
                self._is_sound = False
                continue
            key = self._value(parts[0], path, depth)
            member = self._value(parts[1], (*path, key.text), depth + 1)
            if key.text in seen:
                first = self._report.source.position(seen[key.text].start)
                message = (
                    f"duplicate key {shown(key.text)}: it stands already at line {first.line}, column {first.column}"
                )
                self._report.add("duplicate_key", message, key, (*path, key.text))
            seen.setdefault(key.text, key)
            value.members.append((key, member))

    def _string(self, value: Value, node: Node, path: Path) -> None:
        inside = self._text[value.start + 1 : value.end - 1]
        if node.has_error or _CONTROL.search(inside):
            self._is_sound = False
            value.damaged = True
        elif "\\" in inside:
            inside = self._unescaped(value, inside, path)
        value.text = inside

    def _unescaped(self, value: Value, inside: str, path: Path) -> str:
        try:
            text = str(json.loads(f'"{inside}"'))
        except ValueError:
            self._is_sound = False
            value.damaged = True
            return inside
        if "\0" in text or _SURROGATE.search(text):
            value.damaged = True
            for match in _SURROGATE_ESCAPE.finditer(inside):
                self._check_escape(match, value.start + 1, path)
            text = _SURROGATE.sub("\ufffd", text.replace("\0", "\ufffd"))
        return text

    def _check_escape(self, match: re.Match[str], offset: int, path: Path) -> None:
        number = int(match["code"][1:], 16) if match["code"] else -1
        start, end = offset + match.start(), offset + match.end()
        if number == 0:
            self._report.add_at("nul", "a NUL character (`\\u0000`) is not allowed: remove it", start, end, path)
        elif 0xD800 <= number <= 0xDFFF:
            message = f"half of a surrogate pair ({shown(match.group())}) is not a character: remove it"
            self._report.add_at("surrogate", message, start, end, path)

    def _number(self, value: Value, path: Path) -> None:
        match = _NUMBER.fullmatch(value.text)
        if match is None:
            self._is_sound = False
            value.damaged = True
        elif not _is_reasonable(value.text, is_integer=not match["decimal"]):
            value.damaged = True
            self._report.add("number", f"the number {shown(value.text)} is out of range", value, path)


def _is_reasonable(number: str, *, is_integer: bool) -> bool:
    """Whether a 64-bit integer or a double can hold the number."""
    if is_integer:
        return len(number) <= 20 and -_LARGEST_INTEGER <= int(number) < _LARGEST_INTEGER
    mantissa, _, exponent = number.lower().partition("e")
    if len(mantissa) > _LONGEST_NUMBER or len(exponent) > 5:
        return False
    return abs(float(number)) != float("inf") and int(exponent or 0) >= _SMALLEST_EXPONENT


def _characters(encoded: bytes) -> list[int]:
    """For each byte of UTF-8 (and the end) how many characters begin before it."""
    counts = []
    count = 0
    for byte in encoded:
        counts.append(count)
        count += byte & 0xC0 != 0x80
    counts.append(count)
    return counts
