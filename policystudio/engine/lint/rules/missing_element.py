"""MISSING_STATEMENT, _EFFECT, _ACTION, _RESOURCE, _PRINCIPAL: an element that a policy of its kind must have."""

from collections.abc import Iterator, Mapping

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Statement

_EVERY = {"MISSING_EFFECT": ("Effect",), "MISSING_ACTION": ("Action", "NotAction")}
_RESOURCE = {"MISSING_RESOURCE": ("Resource", "NotResource")}
_PRINCIPAL = {"MISSING_PRINCIPAL": ("Principal", "NotPrincipal")}

REQUIRED: Mapping[PolicyKind, Mapping[str, tuple[str, ...]]] = {
    PolicyKind.IDENTITY: {**_EVERY, **_RESOURCE},
    PolicyKind.SERVICE_CONTROL: {**_EVERY, **_RESOURCE},
    PolicyKind.RESOURCE_CONTROL: {**_EVERY, **_RESOURCE, **_PRINCIPAL},
    PolicyKind.RESOURCE: {**_EVERY, **_RESOURCE, **_PRINCIPAL},
    PolicyKind.TRUST: {**_EVERY, **_PRINCIPAL},
}


def check(document: Document) -> Iterator[Report]:
    """A policy has statements, a statement an effect, actions, and what else its kind asks for."""
    root = document.root
    if root is not None and root.value.type == "object" and "Statement" not in document.elements:
        yield "MISSING_STATEMENT", "Add a statement to the policy.", at(root)
    for statement in document.statements:
        yield from _missing(statement, REQUIRED[document.kind])


def _missing(statement: Statement, required: Mapping[str, tuple[str, ...]]) -> Iterator[Report]:
    for code, names in required.items():
        if not any(name in statement.elements for name in names):
            yield code, f"Add {' or '.join(names)} to the policy statement.", at(statement.node)


RULE = Rule(
    "Missing elements",
    {
        "MISSING_STATEMENT": FindingType.ERROR,
        "MISSING_EFFECT": FindingType.ERROR,
        "MISSING_ACTION": FindingType.ERROR,
        "MISSING_RESOURCE": FindingType.ERROR,
        "MISSING_PRINCIPAL": FindingType.ERROR,
    },
    check,
)
