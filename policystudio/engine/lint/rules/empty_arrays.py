"""EMPTY_ARRAY_…, EMPTY_OBJECT_…: an element without contents."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document, Node, Statement

_LISTS = {
    "Action": ("EMPTY_ARRAY_ACTION", "actions"),
    "NotAction": ("EMPTY_ARRAY_ACTION", "actions"),
    "Resource": ("EMPTY_ARRAY_RESOURCE", "resources"),
    "NotResource": ("EMPTY_ARRAY_RESOURCE", "resources"),
}


def check(document: Document) -> Iterator[Report]:
    """Every empty list of actions, resources, principals and values, and every empty block."""
    for statement in document.statements:
        for element, (code, what) in _LISTS.items():
            node = statement.elements.get(element)
            if node is not None and _is_empty(node, "array"):
                yield code, f"This statement includes no {what}: specify {what}.", at(node)
        yield from _conditions(statement)
        for element in ("Principal", "NotPrincipal"):
            yield from _principals(statement.elements.get(element))


def _conditions(statement: Statement) -> Iterator[Report]:
    block = statement.elements.get("Condition")
    if block is None:
        return
    for node in (block, *(keys for _, keys in block.members())):
        if _is_empty(node, "object"):
            yield "EMPTY_OBJECT_CONDITION", "This condition block is empty: specify conditions or remove it.", at(node)
    for condition in statement.conditions:
        if _is_empty(condition.value, "array"):
            message = f"There are no values for the condition key `{condition.key.text}`: specify conditions."
            yield _code(condition), message, at(condition.value)


def _code(condition: Condition) -> str:
    if condition.quantifier:
        return f"EMPTY_ARRAY_CONDITION_{condition.quantifier.upper()}"
    return "EMPTY_ARRAY_CONDITION_IFEXISTS" if condition.if_exists else "EMPTY_ARRAY_CONDITION"


def _principals(node: Node | None) -> Iterator[Report]:
    if node is None:
        return
    message = "This statement includes no principals: specify principals."
    if _is_empty(node, "object"):
        yield "EMPTY_OBJECT_PRINCIPAL", message, at(node)
    for _, names in node.members():
        if _is_empty(names, "array"):
            yield "EMPTY_ARRAY_PRINCIPAL", message, at(names)


def _is_empty(node: Node, kind: str) -> bool:
    return node.value.type == kind and not node.value.damaged and not node.value.members and not node.value.items


RULE = Rule(
    "Empty elements",
    dict.fromkeys(
        (
            "EMPTY_ARRAY_ACTION",
            "EMPTY_ARRAY_CONDITION",
            "EMPTY_ARRAY_CONDITION_FORALLVALUES",
            "EMPTY_ARRAY_CONDITION_FORANYVALUE",
            "EMPTY_ARRAY_CONDITION_IFEXISTS",
            "EMPTY_ARRAY_PRINCIPAL",
            "EMPTY_ARRAY_RESOURCE",
            "EMPTY_OBJECT_CONDITION",
            "EMPTY_OBJECT_PRINCIPAL",
        ),
        FindingType.SUGGESTION,
    ),
    check,
)
