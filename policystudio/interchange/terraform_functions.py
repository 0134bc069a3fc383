"""The functions of Terraform's that policies are written with; arguments in which everything is known."""

import re
from collections.abc import Callable, Sequence

from policystudio.interchange.values import Encoded, Value, joined, scalar, unknowns
from policystudio.lib.strict_json import JsonError, Number, loads

_FORMAT = re.compile(r"%(.)")


class CannotError(ValueError):
    """The function is not known, or does not take these arguments."""


def call(name: str, arguments: Sequence[Value]) -> Value:
    """The value of a function; raises ``CannotError`` where it is not worked out here."""
    function = _FUNCTIONS.get(name)
    if function is None:
        raise CannotError(name)
    if name != "jsonencode" and any(next(unknowns(one), None) for one in arguments):
        raise CannotError(name)
    try:
        return function(*arguments)
    except (TypeError, ValueError, LookupError, AttributeError, StopIteration):
        raise CannotError(name) from None


def _jsonencode(value: Value) -> Value:
    return Encoded(value)


def _jsondecode(value: Value) -> Value:
    if isinstance(value, Encoded):
        return value.value
    try:
        decoded = loads(_text(value))
    except JsonError:
        raise CannotError("jsondecode") from None
    return decoded  # type: ignore[return-value]  # every JSON value is a value


def _format(pattern: Value, *values: Value) -> Value:
    waiting = list(values)

    def one(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] not in "sdv":
            raise CannotError("format")
        return _text(waiting.pop(0))

    written = _FORMAT.sub(one, _text(pattern))
    if waiting:
        raise CannotError("format")
    return written


def _join(separator: Value, *lists: Value) -> Value:
    return _text(separator).join(_text(item) for one in lists for item in _list(one))


def _split(separator: Value, text: Value) -> Value:
    return [*_text(text).split(_text(separator))]


def _concat(*lists: Value) -> Value:
    return [item for one in lists for item in _list(one)]


def _merge(*objects: Value) -> Value:
    merged: dict[str, Value] = {}
    for one in objects:
        if not isinstance(one, dict):
            raise CannotError("merge")
        merged |= one
    return merged


def _toset(value: Value) -> Value:
    found: list[Value] = []
    for item in _list(value):
        if item not in found:
            found.append(item)
    return found


def _flatten(value: Value) -> Value:
    return [inner for item in _list(value) for inner in (_list(_flatten(item)) if isinstance(item, list) else [item])]


def _compact(value: Value) -> Value:
    return [item for item in _list(value) if item not in ("", None)]


def _coalesce(*values: Value) -> Value:
    return next(value for value in values if value not in ("", None))


def _replace(text: Value, old: Value, new: Value) -> Value:
    if _text(old).startswith("/"):
        raise CannotError("replace")
    return _text(text).replace(_text(old), _text(new))


def _text(value: Value) -> str:
    text = joined([value])
    if not isinstance(text, str):
        raise CannotError("text")
    return text


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise CannotError("list")
    return value


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "distinct": _toset,
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "length": lambda value: Number(str(len(_list(value)))),
    "lower": lambda value: _text(value).lower(),
    "merge": _merge,
    "replace": _replace,
    "sort": lambda value: [*sorted(_text(item) for item in _list(value))],
    "split": _split,
    "tolist": lambda value: list(_list(value)),
    "toset": _toset,
    "tostring": scalar,
    "trimspace": lambda value: _text(value).strip(),
    "upper": lambda value: _text(value).upper(),
}
