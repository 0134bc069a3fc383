"""The elements of policies that can be taken away one by one: statements, entries of lists, conditions, values."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from policystudio.engine.conditions import NULL, OPERATORS
from policystudio.engine.document import Condition, Effect, Policy, Statement
from policystudio.engine.request import NamedPolicy
from policystudio.engine.source import Path


class Part(StrEnum):
    """What kind of element it is; for lists the name that it has in a statement."""

    POLICY = "policy"
    STATEMENT = "statement"
    ACTION = "Action"
    NOT_ACTION = "NotAction"
    RESOURCE = "Resource"
    NOT_RESOURCE = "NotResource"
    CONDITION = "Condition"
    VALUE = "value"


#: The lists of a statement by the element that they are.
LISTS = {
    Part.ACTION: "actions",
    Part.NOT_ACTION: "not_actions",
    Part.RESOURCE: "resources",
    Part.NOT_RESOURCE: "not_resources",
}


@dataclass(frozen=True, slots=True, order=True)
class Element:
    """One element by its indexes: of the policy among those at hand, the statement, the entry or condition, the value.

    An index that an element does not need is -1.
    """

    policy: int
    statement: int = -1
    part: Part = Part.STATEMENT
    entry: int = -1
    value: int = -1

    def is_within(self, other: "Element") -> bool:
        """Whether taking ``other`` away takes this away too."""
        if other == self:
            return True
        if self.policy != other.policy:
            return False
        if other.part is Part.POLICY:
            return True
        if self.statement != other.statement:
            return False
        if other.part is Part.STATEMENT:
            return True
        return self.part is Part.VALUE and other.part is Part.CONDITION and self.entry == other.entry


def entries_of(statement: Statement, part: Part) -> tuple[str, ...]:
    """The entries of one of a statement's lists."""
    found: tuple[str, ...] = getattr(statement, LISTS[part])
    return found


def elements_of(policy: int, statement: Statement) -> Iterator[Element]:
    """The elements within a statement, as far as each can be taken away by itself: of every list one must stay.

    A condition's values that are compared by ``Null`` belong together.
    """
    number = statement.index
    for part in LISTS:
        entries = entries_of(statement, part)
        if len(entries) > 1:
            yield from (Element(policy, number, part, index) for index in range(len(entries)))
    for index, condition in enumerate(statement.conditions):
        yield Element(policy, number, Part.CONDITION, index)
        if len(condition.values) > 1 and condition.operator != NULL:
            values = range(len(condition.values))
            yield from (Element(policy, number, Part.VALUE, index, value) for value in values)


def widens(element: Element, statement: Statement) -> bool:
    """Whether the statement matches more requests without the element, and not fewer."""
    if element.part is Part.VALUE:
        return OPERATORS[statement.conditions[element.entry].operator].negated
    return element.part in (Part.NOT_ACTION, Part.NOT_RESOURCE, Part.CONDITION)


def text_of(element: Element, statement: Statement) -> str:
    """The entry or value as it is written; of a condition its operator and key; empty for whole statements."""
    if element.part in LISTS:
        return entries_of(statement, element.part)[element.entry]
    if element.part is Part.VALUE:
        return statement.conditions[element.entry].values[element.value]
    return condition_of(element, statement)


def condition_of(element: Element, statement: Statement) -> str:
    """Operator and key of the condition that an element is, or is a value of; else empty."""
    if element.part not in (Part.CONDITION, Part.VALUE):
        return ""
    condition = statement.conditions[element.entry]
    return f"{condition.name} {condition.key}"


def statement_without(statement: Statement, gone: Collection[Element]) -> Statement | None:
    """The statement without some of its elements; None where nothing is left of it, or of one of its lists."""
    if not gone:
        return statement
    if any(element.part in (Part.STATEMENT, Part.POLICY) for element in gone):
        return None
    changed: dict[str, Any] = {}
    for part, name in LISTS.items():
        entries = entries_of(statement, part)
        left = {element.entry for element in gone if element.part is part}
        if left and len(left) == len(entries):
            return None
        if left:
            changed[name] = tuple(text for index, text in enumerate(entries) if index not in left)
    return replace(statement, **changed, conditions=_conditions(statement, gone))


def _conditions(statement: Statement, gone: Collection[Element]) -> tuple[Condition, ...]:
    whole = {element.entry for element in gone if element.part is Part.CONDITION}
    values = {(element.entry, element.value) for element in gone if element.part is Part.VALUE}
    return tuple(
        replace(
            condition, values=tuple(text for place, text in enumerate(condition.values) if (index, place) not in values)
        )
        for index, condition in enumerate(statement.conditions)
        if index not in whole
    )


def only(element: Element, statement: Statement) -> Statement:
    """The part of a statement that an entry or value stands for; the whole for whole statements."""
    if element.part in LISTS:
        changed: dict[str, Any] = {LISTS[element.part]: (text_of(element, statement),)}
        return replace(statement, **changed)
    if element.part is Part.VALUE:
        conditions = list(statement.conditions)
        conditions[element.entry] = replace(conditions[element.entry], values=(text_of(element, statement),))
        return replace(statement, conditions=tuple(conditions))
    return statement


def without(policies: Sequence[NamedPolicy], gone: Collection[Element]) -> tuple[NamedPolicy, ...]:
    """The policies without some elements. A policy of which nothing is left has no statements."""
    by_statement: dict[tuple[int, int], list[Element]] = {}
    for element in gone:
        by_statement.setdefault((element.policy, element.statement), []).append(element)
    result = []
    for number, named in enumerate(policies):
        if (number, -1) in by_statement:
            result.append(with_statements(named, ()))
            continue
        left = (
            statement_without(statement, by_statement.get((number, statement.index), ()))
            for statement in named.policy.statements
        )
        result.append(with_statements(named, tuple(one for one in left if one is not None)))
    return tuple(result)


def with_statements(named: NamedPolicy, statements: tuple[Statement, ...]) -> NamedPolicy:
    """The policy with other statements; its text stays that of the original, to which their places refer."""
    if statements == named.policy.statements:
        return named
    return replace(named, policy=replace(named.policy, statements=statements))


def path_of(element: Element, policy: Policy, *, is_list: bool) -> Path:
    """Where the element stands in its document; ``is_list`` where Statement holds a list.

    A single entry may stand without brackets: whoever looks there takes the path without its last step.
    """
    if element.part is Part.POLICY:
        return ()
    path: Path = ("Statement", element.statement) if is_list else ("Statement",)
    if element.part in LISTS:
        return (*path, element.part.value, element.entry)
    if element.part in (Part.CONDITION, Part.VALUE):
        condition = policy.statements[element.statement].conditions[element.entry]
        path = (*path, "Condition", condition.name, condition.key)
        return path if element.part is Part.CONDITION else (*path, element.value)
    return path


def is_deny(statement: Statement) -> bool:
    """Whether it is a Deny statement."""
    return statement.effect is Effect.DENY
