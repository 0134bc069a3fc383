"""The parameters of a request as its operation's input shape describes them; what does not fit is refused."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel

from policystudio.awsquery.constraints import Faults, check_length, check_number, check_string
from policystudio.awsquery.errors import AwsError, invalid_query_parameter

Parameters = Mapping[str, Any]
#: A node of the tree that the dots make: the value at this very name, and what stands below it.
Node = dict[str, Any]

_VALUE = ""


def decode_parameters(operation: OperationModel, pairs: Mapping[str, str]) -> Parameters:
    """The input of ``operation``: lists, structures and maps as Python's own, scalars by their type.

    Raises ``AwsError``: an unknown, doubled or skipped parameter, and one that its shape does not allow.
    """
    shape = operation.input_shape
    tree = _tree(pairs)
    faults = Faults()
    if shape is None:
        if tree:
            raise _unknown(next(iter(pairs)), operation.name)
        return {}
    decoded = _structure(shape, tree, "", "", faults)
    faults.refuse()
    return decoded


def _tree(pairs: Mapping[str, str]) -> Node:
    root: Node = {}
    for name, value in pairs.items():
        node = root
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[_VALUE] = value
    return root


def _unknown(name: str, where: str) -> AwsError:
    return invalid_query_parameter(f"{where} has no parameter {name}.")


def _structure(shape: Any, node: Node, name: str, place: str, faults: Faults) -> dict[str, Any]:
    """``name`` is what was sent (`ContextEntries.member.1`), ``place`` how AWS's messages name it."""
    result: dict[str, Any] = {}
    for part, below in node.items():
        full = f"{name}.{part}" if name else part
        member = shape.members.get(part)
        if part == _VALUE or member is None:
            raise _unknown(full if part != _VALUE else name, shape.name if name else "The operation")
        result[part] = _value(member, below, full, _join(place, part), faults)
    for required in shape.required_members:
        if required not in result:
            faults.missing(_join(place, required))
    if shape.metadata.get("union") and len(result) != 1:
        faults.add(place, "Member must have exactly one of " + ", ".join(shape.members))
    return result


def _join(place: str, part: str) -> str:
    """AWS's messages begin members with a small letter: `contextEntries.1.member.contextKeyName`."""
    small = part[:1].lower() + part[1:]
    return f"{place}.{small}" if place else small


def _value(shape: Any, node: Node, name: str, place: str, faults: Faults) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, node, name, place, faults)
    if kind == "list":
        return _list(shape, node, name, place, faults)
    if kind == "map":
        return _map(shape, node, name, place, faults)
    if node.keys() != {_VALUE}:
        below = next(part for part in node if part != _VALUE)
        raise _unknown(f"{name}.{below}", "The operation")
    return _scalar(shape, node[_VALUE], place, faults)


def _list(shape: Any, node: Node, name: str, place: str, faults: Faults) -> list[Any]:
    """`Name=` alone is how an SDK sends an empty list; else `Name.member.1`, `.2`, … without a gap."""
    if node == {_VALUE: ""}:
        items: list[Node] = []
    else:
        items = _numbered(node, "member", name)
    check_length(shape, len(items), place, faults)
    return [
        _value(shape.member, item, f"{name}.member.{number}", f"{place}.{number}.member", faults)
        for number, item in enumerate(items, start=1)
    ]


def _map(shape: Any, node: Node, name: str, place: str, faults: Faults) -> dict[str, Any]:
    items = [] if node == {_VALUE: ""} else _numbered(node, "entry", name)
    check_length(shape, len(items), place, faults)
    result: dict[str, Any] = {}
    for number, item in enumerate(items, start=1):
        full = f"{name}.entry.{number}"
        if item.keys() != {"key", "value"}:
            raise invalid_query_parameter(f"{full} must have one key and one value.")
        key = _value(shape.key, item["key"], f"{full}.key", f"{place}.{number}.key", faults)
        if key in result:
            raise invalid_query_parameter(f"{full}.key is given more than once.")
        result[key] = _value(shape.value, item["value"], f"{full}.value", f"{place}.{number}.value", faults)
    return result


def _numbered(node: Node, word: str, name: str) -> list[Node]:
    if node.keys() != {word}:
        wrong = next(part for part in node if part != word)
        raise _unknown(f"{name}.{wrong}" if wrong else name, f"A list is sent as {name}.{word}.1 and so on: it")
    numbers = node[word]
    items = []
    for number in range(1, len(numbers) + 1):
        item = numbers.get(str(number))
        if item is None:
            raise invalid_query_parameter(f"The numbers behind {name}.{word} must be 1, 2, 3 and so on.")
        items.append(item)
    return items


def _scalar(shape: Any, text: str, place: str, faults: Faults) -> Any:
    match shape.type_name:
        case "string":
            return check_string(shape, text, place, faults)
        case "integer" | "long":
            return _integer(shape, text, place, faults)
        case "boolean":
            return _boolean(text, place)
        case "timestamp":
            return _timestamp(text, place)
        case "blob":
            return _blob(text, place)
    raise TypeError(f"no operation takes a {shape.type_name}")


def _malformed(place: str, what: str) -> AwsError:
    return AwsError("MalformedInput", f"The value at '{place}' must be {what}.")


def _integer(shape: Any, text: str, place: str, faults: Faults) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
        raise _malformed(place, "a whole number")
    return check_number(shape, int(text), place, faults)


def _boolean(text: str, place: str) -> bool:
    if text not in ("true", "false"):
        raise _malformed(place, "true or false")
    return text == "true"


def _timestamp(text: str, place: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _malformed(place, "a time as 2026-11-28T13:05:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _blob(text: str, place: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed(place, "base64") from None
