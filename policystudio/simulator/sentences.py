"""Verdicts and what they rest on, in words that a person would say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from policystudio.engine.catalog.types import Column
from policystudio.engine.decision import Layer
from policystudio.engine.document import Condition, Effect, Quantifier
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.matrix.records import Record

#: The words for each letter, as legends and cells say them.
WORDS = {
    CellVerdict.ALLOWED: "allowed",
    CellVerdict.SOME: "some resources",
    CellVerdict.CONDITIONAL: "depends on conditions",
    CellVerdict.EXPLICIT_DENY: "explicit deny",
    CellVerdict.IMPLICIT_DENY: "implicit deny",
    CellVerdict.UNDECIDED: "undecided",
}
#: The sign that stands in a cell beside its colour.
SIGNS = {
    CellVerdict.ALLOWED: "✓",
    CellVerdict.SOME: "◐",
    CellVerdict.CONDITIONAL: "?",
    CellVerdict.EXPLICIT_DENY: "✕",
    CellVerdict.IMPLICIT_DENY: "",
    CellVerdict.UNDECIDED: "…",
}
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Residue:
    """One statement as it bears on a cell: which resources (empty: all of the type), under which conditions."""

    layer: Layer
    effect: Effect
    policy: str
    sid: str
    resources: tuple[str, ...]
    excluded: bool
    conditions: tuple[str, ...]


def residue_of(records: Iterable[tuple[Layer, Record]], bit: int, concerns: Callable[[str], bool]) -> Iterator[Residue]:
    """What is left of each statement for one column; ``concerns`` tells which of its resources the column has."""
    for layer, record in records:
        statement = record.statement
        free = tuple(item for group in record.groups if group.mask & bit for item in group.conditions)
        resources: tuple[str, ...] = ()
        if not record.full & bit:
            written = statement.resources or statement.not_resources
            resources = tuple(short(text) for text in written if concerns(text))
        conditions = tuple(describe(item) for item in free)
        yield Residue(
            layer, statement.effect, record.policy, statement.sid or "", resources, record.negated, conditions
        )


def short(pattern: str) -> str:
    """The resource part of an ARN pattern, with its Region where it names one."""
    parts = pattern.split(":", 5)
    if len(parts) < 6:
        return pattern
    return parts[5] if parts[3] in ("*", "") else f"{parts[5]} in {parts[3]}"


#: What the condition operators say between a key and its values.
_VERBS = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any letter case,",
    "StringNotEqualsIgnoreCase": "is not, in any letter case,",
    "StringLike": "is like",
    "StringNotLike": "is not like",
    "ArnEquals": "is like",
    "ArnLike": "is like",
    "ArnNotEquals": "is not like",
    "ArnNotLike": "is not like",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is no later than",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is no earlier than",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
}


def describe(condition: Condition) -> str:
    """A condition in words: ``every sagemaker:VpcSubnets is subnet-a or subnet-b``."""
    if condition.operator == "Null":
        absent = {value.lower() for value in condition.values}
        return f"{condition.key} is {'absent' if absent == {'true'} else 'present'}"
    subject = {
        Quantifier.NONE: condition.key,
        Quantifier.FOR_ALL_VALUES: f"every {condition.key}",
        Quantifier.FOR_ANY_VALUE: f"some {condition.key}",
    }[condition.quantifier]
    values = condition.values[:_SHOWN]
    said = " or ".join(([", ".join(values[:-1])] if len(values) > 1 else []) + list(values[-1:]))
    more = f" or {len(condition.values) - _SHOWN} more" if len(condition.values) > _SHOWN else ""
    present = ", if present," if condition.if_exists else ""
    return f"{subject}{present} {_VERBS.get(condition.operator, condition.operator)} {said}{more}"


def sentence(cell: Cell, column: Column, residue: Sequence[Residue]) -> str:
    """The verdict in a sentence, with the part that is allowed and what it takes."""
    thing = "this action" if column.resource_type == "*" else f"every {column.resource_type}"
    match cell.verdict:
        case CellVerdict.ALLOWED:
            return f"Allowed on {thing}, whatever the context." if column.resource_type != "*" else "Allowed."
        case CellVerdict.IMPLICIT_DENY:
            return _no_allow(residue)
        case CellVerdict.EXPLICIT_DENY:
            denies = [item for item in residue if item.effect is Effect.DENY]
            return f"Explicit deny: {_names(denies)} stands in the way of what is allowed elsewhere."
        case CellVerdict.UNDECIDED:
            return f"Undecided: {cell.undecided}."
    allows = [item for item in residue if item.effect is Effect.ALLOW and (item.resources or item.conditions)]
    denies = [item for item in residue if item.effect is Effect.DENY]
    opening = "Some resources." if cell.verdict is CellVerdict.SOME else "Depends on conditions."
    parts = [_part(item) for item in allows[:_SHOWN]]
    text = f"{opening} Allowed {'; or '.join(parts)}".rstrip()
    if denies:
        text += f"; denied {'; or '.join(_part(item) for item in denies[:_SHOWN])}"
    return f"{text}."


def _part(item: Residue) -> str:
    on = ""
    if item.resources:
        names = ", ".join(item.resources[:_SHOWN]) + (", …" if len(item.resources) > _SHOWN else "")
        on = f"on all but {names}" if item.excluded else f"on {names}"
    when = f"when {' and '.join(item.conditions[:_SHOWN])}" if item.conditions else ""
    return " ".join(part for part in (on, when) if part) or "on all"


def _names(items: Sequence[Residue]) -> str:
    names = dict.fromkeys(f"{item.policy}{f' “{item.sid}”' if item.sid else ''}" for item in items)
    return ", ".join(names) or "a Deny statement"


def _no_allow(residue: Sequence[Residue]) -> str:
    layers = {item.layer for item in residue if item.effect is Effect.ALLOW}
    if Layer.IDENTITY not in layers:
        return "Implicit deny: no identity policy allows it."
    return "Implicit deny: what one layer allows, another does not."
