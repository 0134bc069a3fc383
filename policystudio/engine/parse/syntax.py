"""Say what keeps a text from being JSON: every flaw with its place. Reads on behind each, as a person would."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from policystudio.engine.parse.report import MAX_NESTING, shown

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\n]++)
    | (?P<string>"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+")
    | (?P<open_string>"[^\n]*+)
    | (?P<comment>//[^\n]*+|\#[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)
    | (?P<quoted>'[^'\n]*+')
    | (?P<mark>[{}\[\]:,])
    | (?P<word>[\w+.$-]++)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}|(?P<bad>.))', re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f]")
_CONSTANTS = ("true", "false", "null")
_CLOSER = {"{": "}", "[": "]"}
_NUMBER_HINTS = ("NaN", "Infinity", "+", "-", ".", *"0123456789")


class _Expect(Enum):
    VALUE = auto()
    FIRST_VALUE = auto()  # or the end of the array
    KEY = auto()
    FIRST_KEY = auto()  # or the end of the object
    COLON = auto()
    COMMA = auto()  # or the end of the object or array
    END = auto()


@dataclass(frozen=True, slots=True)
class Flaw:
    """One flaw; offsets count characters from 0, ``end`` stands just behind the last one.

    ``loses_track`` where a quotation mark is missing: what is text and what is not can then only be guessed.
    """

    code: str
    message: str
    start: int
    end: int
    loses_track: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def flaw(self, message: str, code: str = "json_syntax") -> Flaw:
        return Flaw(code, message, self.start, self.end)


def flaws(text: str) -> Iterator[Flaw]:
    """Everything that keeps ``text`` from being one JSON value, in the order of the text, in linear time."""
    checker = _Checker()
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind == "space":
            continue
        token = _Token(kind, match.group(), match.start(), match.end())
        if kind == "comment":
            yield token.flaw("comments are not allowed in JSON: remove it", "comment")
            continue
        if _follows_text(token, checker.last):
            message = f'{shown(token.text)} stands behind a text: is a `"` missing before it?'
            yield Flaw("json_syntax", message, token.start, token.end, loses_track=True)
            return
        yield from _in_token(token)
        if checker.expect is _Expect.END:
            yield Flaw("json_syntax", "unexpected text behind the end of the document", token.start, len(text))
            return
        yield from checker.read(token)
        if checker.is_too_deep:
            return
    yield from checker.finish(len(text))


def _follows_text(token: _Token, last: _Token | None) -> bool:
    """Whether a word follows a text at once, as in ``"2012-10-17, "Statement": …``: a quotation mark is missing."""
    return token.kind == "word" and last is not None and last.kind == "string" and last.end == token.start


def numbers(text: str) -> Iterator[tuple[int, int]]:
    """Where the numbers of ``text`` stand."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word" and _NUMBER.fullmatch(match.group()):
            yield match.span()


def _in_token(token: _Token) -> Iterator[Flaw]:
    """What is wrong with a token by itself, wherever it stands."""
    if token.kind in ("string", "open_string"):
        yield from _in_string(token)
    elif token.kind == "quoted":
        yield token.flaw(f"{shown(token.text)} is in single quotes: write it in double quotes")
    elif token.kind == "other":
        yield token.flaw(f"unexpected character {shown(token.text)}")
    elif token.kind == "word" and token.text not in _CONSTANTS and not _NUMBER.fullmatch(token.text):
        if token.text.startswith(_NUMBER_HINTS):
            yield token.flaw(f"{shown(token.text)} is not a JSON number", "number")
        else:
            yield token.flaw(f"{shown(token.text)} is not JSON: text stands in double quotes")


def _in_string(token: _Token) -> Iterator[Flaw]:
    if token.kind == "open_string":
        yield token.flaw('this text is not closed: put a `"` at its end (a line break inside is written `\\n`)')
        return
    for match in _CONTROL.finditer(token.text):
        start = token.start + match.start()
        code, name = ("nul", "a NUL character") if match.group() == "\0" else ("json_syntax", "a control character")
        yield Flaw(code, f"{name} may not stand in text: remove it, or write it as an escape", start, start + 1)
    for match in _ESCAPE.finditer(token.text) if "\\" in token.text else ():
        if match["bad"]:
            start = token.start + match.start()
            message = f"{shown(match.group())} is not a JSON escape: write `\\\\` for a backslash"
            yield Flaw("json_syntax", message, start, start + len(match.group()))


class _Checker:
    """Reads tokens, knows what may come next, and carries on behind a flaw with what was probably meant."""

    def __init__(self) -> None:
        self.expect = _Expect.VALUE
        self.last: _Token | None = None
        self.is_too_deep = False
        self._open: list[_Token] = []

    def read(self, token: _Token) -> Iterator[Flaw]:
        """The next token."""
        yield from self._mark(token) if token.kind == "mark" else self._scalar(token)
        self.last = token
        if token.kind == "open_string" and token.text.rstrip().endswith(","):
            # The text has swallowed the rest of its line; a comma there goes on with the next member.
            self.expect = _Expect.KEY if self._in_object() else _Expect.VALUE

    def _scalar(self, token: _Token) -> Iterator[Flaw]:
        """A text, number or word."""
        if self.expect in (_Expect.KEY, _Expect.FIRST_KEY):
            if token.kind == "word" and (_NUMBER.fullmatch(token.text) or token.text in _CONSTANTS):
                yield token.flaw(f"the key {shown(token.text)} must stand in double quotes")
            self.expect = _Expect.COLON
            return
        yield from self._before_value(token)
        self.expect = self._after_scalar()

    def _mark(self, token: _Token) -> Iterator[Flaw]:
        """A bracket, brace, colon or comma."""
        if token.text in "{[":
            yield from self._opens(token)
        elif token.text in "}]":
            yield from self._closes(token)
        elif token.text == ":":
            if self.expect is _Expect.COLON:
                self.expect = _Expect.VALUE
            else:
                yield token.flaw("unexpected `:`")
        elif self.expect is _Expect.COMMA:
            self.expect = _Expect.KEY if self._in_object() else _Expect.VALUE
        elif self.expect is _Expect.COLON:
            yield token.flaw("expected `:` and a value before `,`")
            self.expect = _Expect.KEY
        elif self.last is not None and self.last.text == ":":
            yield token.flaw("expected a value before `,`")
            self.expect = _Expect.KEY
        else:
            yield token.flaw("unexpected `,`")

    def finish(self, end: int) -> Iterator[Flaw]:
        """The end of the text."""
        if not self._open and self.expect is _Expect.VALUE:
            yield Flaw("json_syntax", "the document is empty: a policy is a JSON object, `{…}`", 0, end)
        for token in self._open:
            yield token.flaw(f"this `{token.text}` is never closed: put a `{_CLOSER[token.text]}` behind its contents")

    def _opens(self, token: _Token) -> Iterator[Flaw]:
        if self.expect in (_Expect.KEY, _Expect.FIRST_KEY):
            yield token.flaw(f"expected a key in double quotes, not `{token.text}`")
        else:
            yield from self._before_value(token)
        self._open.append(token)
        if len(self._open) > MAX_NESTING:
            self.is_too_deep = True
            yield token.flaw(f"nested more than {MAX_NESTING} levels deep", "nesting")
        self.expect = _Expect.FIRST_KEY if token.text == "{" else _Expect.FIRST_VALUE

    def _closes(self, token: _Token) -> Iterator[Flaw]:
        if not any(_CLOSER[opener.text] == token.text for opener in self._open):
            yield token.flaw(f"unexpected `{token.text}`: nothing to close")
            return
        if self.last is not None and self.last.text == "," and self.expect in (_Expect.KEY, _Expect.VALUE):
            yield self.last.flaw(f"unexpected `,` before `{token.text}`: remove it")
        elif self.expect in (_Expect.COLON, _Expect.VALUE):
            yield token.flaw(f"expected a value before `{token.text}`")
        while _CLOSER[self._open[-1].text] != token.text:
            opener = self._open.pop()
            yield opener.flaw(f"this `{opener.text}` is closed by `{token.text}`: expected `{_CLOSER[opener.text]}`")
        self._open.pop()
        self.expect = self._after_value()

    def _before_value(self, token: _Token) -> Iterator[Flaw]:
        """Carry on as if the mark that is missing before a value stood there."""
        if self.expect is _Expect.COLON:
            yield token.flaw(f"expected `:` before {shown(token.text)}")
        elif self.expect is _Expect.COMMA:
            yield token.flaw(f"expected `,` before {shown(token.text)}")
            self.expect = _Expect.KEY if self._in_object() else _Expect.VALUE

    def _after_scalar(self) -> _Expect:
        """A text where a comma was missing in an object is the next key."""
        return _Expect.COLON if self.expect is _Expect.KEY else self._after_value()

    def _after_value(self) -> _Expect:
        return _Expect.COMMA if self._open else _Expect.END

    def _in_object(self) -> bool:
        return bool(self._open) and self._open[-1].text == "{"
