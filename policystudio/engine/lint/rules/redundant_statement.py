"""REDUNDANT_STATEMENT: two statements say the same."""

import json
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node, Statement


def check(document: Document) -> Iterator[Report]:
    """Statements that differ in their Sid alone, and in the order of lists and conditions."""
    alike: dict[str, list[Node]] = {}
    for statement in document.statements:
        alike.setdefault(_meaning(statement), []).append(statement.node)
    for nodes in alike.values():
        if len(nodes) > 1:
            message = "The statements provide identical permissions: remove all but one."
            yield "REDUNDANT_STATEMENT", message, at(*nodes)


def _meaning(statement: Statement) -> str:
    parts = {name: sorted(_flat(node)) for name, node in statement.elements.items() if name != "Sid"}
    return json.dumps(parts, sort_keys=True)


def _flat(node: Node) -> Iterator[str]:
    if node.value.type == "object":
        for key, member in node.members():
            yield from (f"{key.text} {each}" for each in _flat(member))
    elif node.value.type == "array":
        for item in node.items():
            yield from _flat(item)
    else:
        yield f"{node.value.type} {node.text}"


RULE = Rule("Redundant statements", {"REDUNDANT_STATEMENT": FindingType.SUGGESTION}, check)
