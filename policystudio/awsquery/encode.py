"""What an operation answers, as the XML that its output shape describes."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import OperationModel, Shape

from policystudio.awsquery.shapes import Service
from policystudio.awsquery.xml_text import element, text

Result = Mapping[str, Any]
Scalar = str | bool | int | datetime | bytes


def response_document(service: Service, operation: OperationModel, result: Result, request_id: str) -> str:
    """The whole answer: ``<{Operation}Response>``, the result in its wrapper, and the request's id."""
    name, shape = operation.name, operation.output_shape
    body = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{name}Result")
        body = f"<{wrapper}>{_structure(shape, result, name)}</{wrapper}>"
    elif result:
        raise TypeError(f"{name} has no result, but was given one")
    metadata = f"<ResponseMetadata>{element('RequestId', request_id)}</ResponseMetadata>"
    return f'<{name}Response xmlns="{service.namespace}">{body}{metadata}</{name}Response>'


def response_as_json(operation: OperationModel, result: Result, request_id: str) -> str:
    """The same as JSON, as STS writes it for those who ask for it."""
    if not all(isinstance(value, str) for value in result.values()):
        raise TypeError(f"{operation.name} answers with more than texts")
    metadata = {"RequestId": request_id}
    answer = {f"{operation.name}Result": dict(result), "ResponseMetadata": metadata}
    return json.dumps({f"{operation.name}Response": answer})


def _structure(shape: Any, value: Result, place: str) -> str:
    """The members in the order of the shape. What is None or not there is left out; what is empty is written.

    A member that AWS requires is None where the studio does not know it; forgotten it may not be.
    """
    members: Mapping[str, Shape] = shape.members
    unknown = value.keys() - members.keys()
    if unknown:
        raise TypeError(f"{place} has no {', '.join(sorted(unknown))}")
    pieces = []
    for name, member in members.items():
        given = value.get(name)
        if given is not None:
            pieces.append(f"<{name}>{_content(member, given, f'{place}.{name}')}</{name}>")
        elif name in shape.required_members and name not in value:
            raise TypeError(f"{place} lacks {name}")
    return "".join(pieces)


def _content(shape: Any, value: Any, place: str) -> str:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value, place)
    if kind == "list":
        return "".join(f"<member>{_content(shape.member, one, place)}</member>" for one in value)
    if kind == "map":
        return "".join(
            f"<entry><key>{_content(shape.key, key, place)}</key>"
            f"<value>{_content(shape.value, one, place)}</value></entry>"
            for key, one in value.items()
        )
    expected = _SCALARS[kind]
    if not _fits(value, expected):
        raise TypeError(f"{place} is {type(value).__name__}, not {expected.__name__}")
    return _scalar(value)


def _fits(value: object, expected: type) -> bool:
    """Whether a scalar is of its shape's type; Python's booleans are integers, AWS's are not."""
    return isinstance(value, expected) and (expected is not int or not isinstance(value, bool))


_SCALARS: Mapping[str, type] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "timestamp": datetime,
    "blob": bytes,
}


def _scalar(value: Scalar) -> str:
    match value:
        case str():
            return text(value)
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso_8601(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case int():
            return str(value)


def iso_8601(moment: datetime) -> str:
    """A moment in UTC as AWS writes it, to the second: `2026-11-28T13:05:00Z`."""
    if moment.tzinfo is None:
        raise TypeError("a moment needs its time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
