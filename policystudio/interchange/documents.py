"""JSON documents on several lines, their numbers as they were written."""

import json

from policystudio.lib.strict_json import JsonError, JsonValue, Number, loads


def pretty(value: JsonValue, indent: int = 2) -> str:
    """``value`` as JSON text on several lines, keys in the order that they have."""
    return _written(value, " " * indent, "\n")


def document_of(text: str) -> JsonValue:
    """The value of a policy's text, or None where it is no JSON that may be trusted."""
    try:
        return loads(text)
    except JsonError:
        return None


def _written(value: JsonValue, indent: str, newline: str) -> str:
    deeper = newline + indent
    if isinstance(value, dict) and value:
        members = (f"{_quoted(key)}: {_written(item, indent, deeper)}" for key, item in value.items())
        return "{" + deeper + f",{deeper}".join(members) + newline + "}"
    if isinstance(value, list) and value:
        return "[" + deeper + f",{deeper}".join(_written(item, indent, deeper) for item in value) + newline + "]"
    return value.text if isinstance(value, Number) else _quoted(value)


def _quoted(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False)
