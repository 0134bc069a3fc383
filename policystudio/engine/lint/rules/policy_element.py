"""INVALID_POLICY_ELEMENT: the policy or a statement has an element that there is none of."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

POLICY = frozenset({"Version", "Id", "Statement"})
STATEMENT = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)


def check(document: Document) -> Iterator[Report]:
    """Every key that is no element; names are in exactly this letter case."""
    if document.root is not None:
        yield from _unknown(document.root, POLICY)
    for statement in document.statements:
        yield from _unknown(statement.node, STATEMENT)


def _unknown(node: Node, known: frozenset[str]) -> Iterator[Report]:
    for key, _ in node.members():
        if key.text not in known:
            yield "INVALID_POLICY_ELEMENT", f"The policy element `{key.text}` is not valid.", at(key)


RULE = Rule("Policy elements", {"INVALID_POLICY_ELEMENT": FindingType.ERROR}, check)
