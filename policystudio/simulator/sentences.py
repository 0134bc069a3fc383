"""Verdicts and what they rest on, in words that a person would say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from policystudio.engine.catalog.types import Column
from policystudio.engine.conditions import WITH_VARIABLES
from policystudio.engine.decision import Layer
from policystudio.engine.document import Condition, Effect, Quantifier
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.exact.facts import variables_of
from policystudio.engine.matrix.records import Record
from policystudio.engine.request import Context
from policystudio.engine.variables import written_with

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
    """One statement as it bears on a cell: which resources (empty: all of the type), under which conditions.

    ``level`` counts the organization's levels from the root. ``resources`` and ``conditions`` are words, ``patterns``
    and ``rules`` the same as data; ``excluded`` says that the resources are those it leaves out. ``entries`` are all
    that the statement lists where it matters which, those that are of other types than the cell's among them.
    """

    layer: Layer
    effect: Effect
    policy: str
    sid: str
    resources: tuple[str, ...]
    excluded: bool
    conditions: tuple[str, ...]
    level: int | None = None
    patterns: tuple[str, ...] = ()
    rules: tuple[Condition, ...] = ()
    entries: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether the statement matches every request of the cell."""
        return not (self.patterns or self.rules)


@dataclass(frozen=True, slots=True)
class Bearing:
    """How statements bear on one column: ``concerns`` tells which resources can be of it, ``is_free`` which keys may
    have any value there, ``context`` what is known of every request."""

    bit: int
    concerns: Callable[[str], bool]
    is_free: Callable[[str], bool]
    context: Context

    def residue(self, layer: Layer, level: int | None, policy: str, record: Record) -> Residue:
        """What is left of a statement for the column.

        ``policy`` is what its policy is called where it is attached: a text that is compiled once may have many names.
        """
        statement = record.statement
        patterns: tuple[str, ...] = ()
        entries: tuple[str, ...] = ()
        if not record.full & self.bit:
            written = statement.resources or statement.not_resources
            patterns = tuple(self._known(text, record) for text in written if self.concerns(text))
            entries = tuple(self._known(text, record) for text in written) if patterns else ()
        rules = tuple(self._known_rule(item, record) for item in statement.conditions if self._open(item, record))
        return Residue(
            layer,
            statement.effect,
            policy,
            statement.sid or "",
            tuple(dict.fromkeys(short(text) for text in patterns)),
            record.negated,
            tuple(describe(item) for item in rules),
            level,
            tuple(dict.fromkeys(patterns)),
            rules,
            entries,
        )

    def _known(self, text: str, record: Record) -> str:
        # Where ${...} is no variable, it is written so that it reads as none.
        return written_with(text, self.context) if record.modern else text.replace("${", "${$}{")

    def _known_rule(self, condition: Condition, record: Record) -> Condition:
        if condition.operator not in WITH_VARIABLES:
            return condition
        return replace(condition, values=tuple(self._known(value, record) for value in condition.values))

    def _open(self, condition: Condition, record: Record) -> bool:
        """Whether the condition holds in some contexts and in others not."""
        key = condition.key.lower()
        read = variables_of(condition) if record.modern and condition.operator in WITH_VARIABLES else frozenset[str]()
        if any(self.is_free(name) for name in read):
            return self.is_free(key) or bool(self.context.values_of(key))
        return any(group.key == key and group.mask & self.bit for group in record.groups)


@lru_cache(maxsize=20_000)
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


@lru_cache(maxsize=20_000)
def describe(condition: Condition, most: int = _SHOWN) -> str:
    """A condition in words, with ``most`` of its values: ``every sagemaker:VpcSubnets is subnet-a or subnet-b``."""
    if condition.operator == "Null":
        absent = {value.lower() for value in condition.values}
        return f"{condition.key} is {'absent' if absent == {'true'} else 'present'}"
    subject = {
        Quantifier.NONE: condition.key,
        Quantifier.FOR_ALL_VALUES: f"every {condition.key}",
        Quantifier.FOR_ANY_VALUE: f"some {condition.key}",
    }[condition.quantifier]
    values = condition.values[:most]
    said = " or ".join(([", ".join(values[:-1])] if len(values) > 1 else []) + list(values[-1:]))
    more = f" or {len(condition.values) - most} more" if len(condition.values) > most else ""
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
    opening = "Some resources." if cell.verdict is CellVerdict.SOME else "Depends on conditions."
    return f"{opening} {_extent(residue)}"


def _extent(residue: Sequence[Residue]) -> str:
    """Where and when it is allowed: what each layer that does not allow all of it allows, and what is denied."""
    layers: dict[tuple[Layer, int | None], list[Residue]] = {}
    for item in residue:
        if item.effect is Effect.ALLOW:
            layers.setdefault((item.layer, item.level), []).append(item)
    narrow = [items for items in layers.values() if not any(item.everywhere for item in items)]
    said = [f"{BY_LAYER[items[0].layer] if len(narrow) > 1 else ''}{_alternatives(items)}" for items in narrow]
    denies = [item for item in residue if item.effect is Effect.DENY]
    text = f"Allowed {', and '.join(said)}" if said else "Allowed"
    return f"{text}{'; denied' if said else ', but denied'} {_alternatives(denies)}." if denies else f"{text}."


#: Whose part it is, where several layers allow parts.
BY_LAYER = {
    Layer.IDENTITY: "by identity policies ",
    Layer.BOUNDARY: "by the boundary ",
    Layer.SESSION: "by session policies ",
    Layer.SERVICE_CONTROL: "by the organization ",
    Layer.RESOURCE_CONTROL: "by resource control policies ",
    Layer.RESOURCE: "by the trust policy ",
}


def _alternatives(items: Sequence[Residue]) -> str:
    parts = list(dict.fromkeys(part(item) for item in items))
    more = f"; or in {len(parts) - _SHOWN} more ways" if len(parts) > _SHOWN else ""
    return "; or ".join(parts[:_SHOWN]) + more


def part(item: Residue, most: int = _SHOWN) -> str:
    """What a statement matches, with ``most`` of its resources: `on model/dev-* when aws:RequestTag/team is ml`."""
    on = ""
    if item.resources:
        more = f" and {len(item.resources) - most} more" if len(item.resources) > most else ""
        names = ", ".join(item.resources[:most]) + more
        on = f"on all but {names}" if item.excluded else f"on {names}"
    when = f"when {' and '.join(item.conditions)}" if item.conditions else ""
    return " ".join(text for text in (on, when) if text) or "on all"


def _names(items: Sequence[Residue]) -> str:
    names = dict.fromkeys(f"{item.policy}{f' “{item.sid}”' if item.sid else ''}" for item in items)
    return ", ".join(names) or "a Deny statement"


def _no_allow(residue: Sequence[Residue]) -> str:
    layers = {item.layer for item in residue if item.effect is Effect.ALLOW}
    if Layer.IDENTITY not in layers:
        return "Implicit deny: no identity policy allows it."
    return "Implicit deny: what one layer allows, another does not."
