"""Fewer fields of each row of a list, for whoever needs a few of many: the query parameter `fields`."""

from typing import Any

from rest_framework.request import Request

from policystudio.api.problems import Fault, Refused
from policystudio.engine.nearest import nearest

FIELDS = "fields"


def wanted_fields(request: Request, row: Any) -> frozenset[str] | None:
    """The fields that are asked for, None for all of them; ``Refused`` where the rows have no such field."""
    written = request.query_params.get(FIELDS) if request is not None else None
    if written is None:
        return None
    names = [name.strip() for name in written.split(",")]
    faults = []
    for name in names:
        if name not in row.fields:
            near = nearest(name, row.fields)
            hint = f"did you mean `{near}`?" if near else f"there are {', '.join(row.fields)}"
            faults.append(Fault(f"the rows have no field `{name[:80]}`: {hint}", FIELDS, where="query"))
    if faults:
        raise Refused(faults)
    return frozenset(names)


def fields_parameter(names: list[str]) -> dict[str, Any]:
    """The parameter in the OpenAPI document."""
    return {
        "name": FIELDS,
        "in": "query",
        "schema": {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1},
        "style": "form",
        "explode": False,
        "description": "Only these fields of each row, with commas between them; without it all of them.",
    }
