"""DATA_TYPE_MISMATCH: an element has a JSON value of the wrong type."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import SCALARS, Document, Node, Statement

_TEXTS = ("Sid", "Effect")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def check(document: Document) -> Iterator[Report]:
    """Every value that is not what its element holds."""
    root = document.root
    if root is None:
        return
    if root.value.type != "object":
        yield _mismatch(root, "object")
    for name in ("Version", "Id"):
        node = document.elements.get(name)
        if node is not None and not node.is_text:
            yield _mismatch(node, "string")
    statements = document.elements.get("Statement")
    for node in statements.items() if statements is not None else ():
        if node.value.type != "object":
            yield _mismatch(node, "object")
    for statement in document.statements:
        yield from _in_statement(statement)


def _in_statement(statement: Statement) -> Iterator[Report]:
    for name in _TEXTS:
        node = statement.elements.get(name)
        if node is not None and not node.is_text:
            yield _mismatch(node, "string")
    for name in _LISTS:
        found = statement.elements.get(name)
        for node in found.items() if found is not None else ():
            if not node.is_text:
                yield _mismatch(node, "string")
    block = statement.elements.get("Condition")
    if block is not None and block.value.type != "object":
        yield _mismatch(block, "object")
    for _, keys in block.members() if block is not None else ():
        if keys.value.type != "object":
            yield _mismatch(keys, "object")
    for condition in statement.conditions:
        for value in condition.value.items():
            if value.value.type not in SCALARS:
                yield _mismatch(value, "string")


def _mismatch(node: Node, expected: str) -> Report:
    return "DATA_TYPE_MISMATCH", f"The value does not match the expected JSON data type {expected}.", at(node)


RULE = Rule("Data types", {"DATA_TYPE_MISMATCH": FindingType.ERROR}, check)
