"""JSON read strictly: repeated keys, NaN, numbers out of bounds and deep nesting are refused, with their place."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

#: Python's own reader gives up somewhere near 1,000 levels; no policy needs a tenth of that.
MAX_DEPTH = 100
#: The digits of a number as JSON writes it; more is an attack on whoever computes with it.
MAX_DIGITS = 400
#: Within these, nothing needs a closer look.
_HARMLESS_DIGITS = 20
_HARMLESS_DEPTH = 24
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"{}[]")))
_CONSTANTS = ("NaN", "Infinity", "-Infinity")

_TWICE = "the key stands twice in one object: keep one of them"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
#: Keys and indexes from the outermost value to the one meant.
_STEP = re.compile(r'\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]|([^.\[\]]+)')
JsonPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as it was written, so that writing it again changes nothing."""

    text: str


#: What ``loads`` answers with: text, ``Number``, ``bool``, ``None``, lists and dicts of these.
JsonValue = str | Number | bool | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True)
class JsonProblem:
    """One thing that is wrong in a text, with the path of the value.

    A problem of the syntax has the empty path. Line and column count from 1 (0: not known).
    """

    path: JsonPath
    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if self.path:
            return f"`{write_path(self.path)}`: {self.message}"
        return f"line {self.line}, column {self.column}: {self.message}" if self.line else self.message


class JsonError(ValueError):
    """A text is not JSON, or not JSON that may be trusted. ``problems`` says why; ``str()`` is one problem a line."""

    def __init__(self, *problems: JsonProblem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class _Repeated(dict[str, JsonValue]):
    """An object in which keys stand twice, until ``loads`` has found its path."""

    repeated: tuple[str, ...] = ()


def loads(text: str | bytes) -> JsonValue:
    """Read one JSON value; bytes must be UTF-8, without a byte order mark.

    Raises ``JsonError``. Python's ``json`` keeps the last of two equal keys, which turns a Deny that is followed by an
    Allow into an Allow; here it is an error, like everything else that another reader could take differently.
    """
    source = _decoded(text) if isinstance(text, bytes) else text
    if source.startswith("\ufeff"):
        raise JsonError(JsonProblem((), "begins with a byte order mark: save it as UTF-8 without one", 1, 1))
    try:
        reader = _Reader(source)
        value: JsonValue = json.loads(
            source,
            object_pairs_hook=reader.object,
            parse_int=reader.number,
            parse_float=reader.number,
            parse_constant=reader.constant,
        )
    except json.JSONDecodeError as error:
        message = error.msg[:1].lower() + error.msg[1:]
        raise JsonError(JsonProblem((), message, error.lineno, error.colno)) from None
    except RecursionError:
        raise JsonError(*located(source, [_too_deep(())])) from None
    if reader.doubtful and (problems := tuple(_problems_of(value))):
        raise JsonError(*located(source, problems))
    return value


def dumps(value: JsonValue) -> str:
    """Write ``value`` on one line, the way ``json.dumps`` spaces it; numbers as they were read."""
    try:
        return _quote(value)  # many times faster; it does not know Number
    except TypeError:
        return _dumps(value)


def _dumps(value: JsonValue) -> str:
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quote(key)}: {_dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumps, value)) + "]"
    return _quote(value) if isinstance(value, str) else json.dumps(value)


def from_python(value: object) -> JsonValue:
    """A value of Python's own ``json`` reader in the shape of ``loads``; raises ``JsonError`` where ``loads`` would."""
    result = _converted(value, 0)
    if problems := tuple(_problems_of(result)):
        raise JsonError(*problems)
    return result


def write_path(path: JsonPath) -> str:
    """A path as a person would write it: ``requests[0].context["aws:SourceIp"]``."""
    written = ""
    for step in path:
        if isinstance(step, int):
            written += f"[{step}]"
        elif step.isidentifier():
            written += f".{step}" if written else step
        else:
            written += f"[{_quote(step)}]"
    return written


def pointer_to(written: str) -> str:
    """The same place as a JSON Pointer (RFC 6901): ``/requests/0/context/aws:SourceIp``; empty for the whole."""
    steps: list[str] = []
    for quoted, index, name in _STEP.findall(written):
        steps.append(json.loads(quoted) if quoted else index or name)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def kind_of(value: object) -> str:
    """What a JSON value is, in words for an error message."""
    if value is None:
        return "null"
    names = {str: "text", bool: "true or false", list: "a list", dict: "an object", Number: "a number"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        raise JsonError(JsonProblem((), "not UTF-8: save the text as UTF-8", line, column)) from None


def _quote(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)


class _Reader:
    """What ``json.loads`` calls for each object and number. ``doubtful`` says that the value must be looked through.

    Looking through every value of a text costs more than reading it, and nearly always there is nothing to find.
    """

    def __init__(self, source: str) -> None:
        self.doubtful = _may_hold_bad_text(source) or _may_be_deep(source)

    def object(self, pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        """The object; marked where keys stand in it twice."""
        result = dict(pairs)
        if len(result) == len(pairs):
            return result
        self.doubtful = True
        counts = Counter(key for key, _value in pairs)
        marked = _Repeated(result)
        marked.repeated = tuple(key for key, count in counts.items() if count > 1)
        return marked

    def number(self, text: str) -> Number:
        """The number; ones of more than a few digits are checked later."""
        self.doubtful |= len(text) > _HARMLESS_DIGITS or "e" in text or "E" in text
        return Number(text)

    def constant(self, text: str) -> Number:
        """NaN and infinity, which are refused later with their place."""
        self.doubtful = True
        return Number(text)


def _may_hold_bad_text(source: str) -> bool:
    """Whether there may be a NUL character or half of a surrogate pair, written as an escape or as such."""
    if "\\u" in source and ("\\u0000" in source or "\\ud" in source or "\\uD" in source):
        return True
    return not source.isascii() and any("\ud800" <= char <= "\udfff" for char in source)


def located(source: str, problems: Iterable[JsonProblem]) -> list[JsonProblem]:
    """The problems with the line and column of what they are about, in the text from which it was read.

    Of equal keys it is the second; of what is nested too deeply the first bracket beyond.
    """
    known = list(problems)
    repeated = {one.path for one in known if one.message == _TWICE}
    keys: dict[JsonPath, int] = {}
    values: dict[JsonPath, int] = {}
    for path, place, is_key, depth in _tokens(source):
        if is_key:
            if path in keys and path in repeated and path not in values:
                values[path] = place  # of a repeated key, where it stands again
            keys.setdefault(path, place)
        elif path not in repeated:
            values[path] = place
        if depth > MAX_DEPTH:
            values[path[:3]] = values[()] = place
            break
    return [_with_place(source, one, values.get(one.path)) for one in known]


def _with_place(source: str, problem: JsonProblem, place: int | None) -> JsonProblem:
    if place is None:
        return problem
    line = source.count("\n", 0, place) + 1
    return replace(problem, line=line, column=place - source.rfind("\n", 0, place))


def _tokens(source: str) -> Iterator[tuple[JsonPath, int, bool, int]]:
    """Keys and values as they begin: the path, the place, whether it is a key, and how many brackets are open."""
    path: list[str | int] = []
    in_object: list[bool] = []
    at_key = False
    for match in _TOKEN.finditer(source):
        text, place = match[0], match.start()
        if text in "}]":
            in_object.pop()
            path.pop()
            at_key = False
        elif text == ",":
            at_key = bool(in_object) and in_object[-1]
            if path and not at_key and isinstance(path[-1], int):
                path[-1] += 1
        elif text == ":":
            at_key = False
        elif at_key:
            path[-1] = str(json.loads(text))
            yield tuple(path), place, True, len(path)
        else:
            yield tuple(path), place, False, len(path) + (text in "{[")
            if text in "{[":
                in_object.append(text == "{")
                path.append("" if text == "{" else 0)
                at_key = text == "{"


def _may_be_deep(source: str) -> bool:
    """Whether brackets may be nested too deeply: not where taking away empty pairs again and again leaves nothing."""
    brackets = source.encode("utf-8", "replace").translate(None, _NOT_BRACKETS)
    for _round in range(_HARMLESS_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return True


def _too_deep(path: JsonPath) -> JsonProblem:
    return JsonProblem(path[:3], f"nested deeper than {MAX_DEPTH} levels")


def _problems_of(value: JsonValue) -> Iterator[JsonProblem]:
    """Walk without recursion, in the order of the text."""
    waiting: list[tuple[JsonPath, JsonValue]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        if isinstance(item, list | dict):
            if len(path) >= MAX_DEPTH:
                yield _too_deep(path)
                continue
            pairs = item.items() if isinstance(item, dict) else enumerate(item)
            waiting += reversed([((*path, step), child) for step, child in pairs])
        yield from _problems_of_one(path, item)


def _problems_of_one(path: JsonPath, item: JsonValue) -> Iterator[JsonProblem]:
    if isinstance(item, _Repeated):
        for key in item.repeated:
            yield JsonProblem((*path, key), _TWICE)
    if isinstance(item, dict):
        for key in item:
            yield from _problems_of_text(path, key, "a key")
    elif isinstance(item, str):
        yield from _problems_of_text(path, item, "the text")
    elif isinstance(item, Number) and item.text in _CONSTANTS:
        yield JsonProblem(path, f"`{item.text}` is not JSON: write a number or a text")
    elif isinstance(item, Number) and len(item.text) > MAX_DIGITS:
        yield JsonProblem(path, f"the number has {len(item.text)} digits, at most {MAX_DIGITS} are read")
    elif isinstance(item, Number) and not math.isfinite(float(item.text)):
        yield JsonProblem(path, f"the number `{item.text}` is out of bounds")


def _problems_of_text(path: JsonPath, text: str, what: str) -> Iterator[JsonProblem]:
    if "\0" in text:
        yield JsonProblem(path, f"{what} has a NUL character (\\u0000) in it")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        yield JsonProblem(path, f"{what} has half of a surrogate pair in it, which is no character")


def _converted(value: object, depth: int) -> JsonValue:
    if depth > MAX_DEPTH:
        raise JsonError(_too_deep(()))
    if isinstance(value, bool | str | Number) or value is None:
        return value
    if isinstance(value, int | float):
        return Number(repr(value))
    if isinstance(value, list | tuple):
        return [_converted(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {str(key): _converted(item, depth + 1) for key, item in value.items()}
    raise TypeError(f"{type(value).__name__} is not a JSON value")
