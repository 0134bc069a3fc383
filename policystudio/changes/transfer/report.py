"""What a file would create or change, for programs and for the terminal."""

from collections.abc import Iterator
from typing import Any

from policystudio.changes.models import Change
from policystudio.changes.transfer.coming import Arrival, Effect, Item
from policystudio.interchange.collecting import Origin
from policystudio.interchange.values import Place

WORDS = {
    Effect.CREATES: "new",
    Effect.CHANGES: "changed",
    Effect.REMOVES: "removed",
    Effect.SAME: "same",
    Effect.REFUSED: "refused",
}


def report_as_json(arrival: Arrival, change: Change | None) -> dict[str, Any]:
    """The report of an import; ``change`` is the draft that was made of it."""
    return {
        "format": arrival.reading.format,
        "title": arrival.title,
        "items": [_item(item) for item in arrival.items],
        "left_out": [{**_origin(one.origin), "why": one.why} for one in arrival.left_out],
        "passed_over": arrival.reading.passed_over,
        "change": change.number if change is not None else None,
    }


def report_as_lines(arrival: Arrival, change: Change | None) -> Iterator[str]:
    """The same, a line for each thing."""
    for item in arrival.items:
        edit = item.edit
        names = " ".join(filter(None, (edit.target, edit.name, edit.other)))
        yield f"{item.number:>4}  {WORDS[item.effect]:<8} {edit.kind} {names}"
        for problem in filter(None, (item.problem, *item.found.remarks)):
            yield f"      {problem}"
        for one in item.found.unknown:
            yield f"      not known: {one.name} ({one.place})"
    for left in arrival.left_out:
        yield f"left out: {left.origin.name} ({left.origin.place}): {left.why}"
    for kind, number in arrival.reading.passed_over.items():
        yield f"passed over: {kind or 'resources without a type'} ({number})"
    if change is not None:
        yield f"draft: change {change.number}, {change.title}"


def _item(item: Item) -> dict[str, Any]:
    edit = item.edit
    return {
        "number": item.number,
        "effect": str(item.effect),
        "kind": edit.kind,
        "target": edit.target,
        "name": edit.name,
        "other": edit.other,
        "text": edit.text,
        "data": dict(edit.data),
        "problem": item.problem or None,
        "unknown": [{"name": one.name, **_place(one.place)} for one in item.found.unknown],
        "remarks": list(item.found.remarks),
        "origin": _origin(item.found.origin),
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {"name": origin.name, **_place(origin.place)}


def _place(place: Place) -> dict[str, Any]:
    return {"line": place.line or None, "column": place.column or None}
