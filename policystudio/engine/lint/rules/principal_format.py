"""INVALID_PRINCIPAL_FORMAT, INVALID_PRINCIPAL_KEY: a Principal that is no map of kinds to names."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

KEYS = ("AWS", "CanonicalUser", "Federated", "Service")


def check(document: Document) -> Iterator[Report]:
    """Principal and NotPrincipal are ``"*"`` or a map with these keys."""
    for statement in document.statements:
        for element in ("Principal", "NotPrincipal"):
            node = statement.elements.get(element)
            if node is not None:
                yield from _problems(node)


def _problems(node: Node) -> Iterator[Report]:
    message = 'The contents of the Principal element are not valid: write "*" or a map such as {"AWS": …}.'
    if node.value.type != "object":
        if not (node.is_text and node.text == "*"):
            yield "INVALID_PRINCIPAL_FORMAT", message, at(node)
        return
    for key, names in node.members():
        if key.text not in KEYS:
            yield (
                "INVALID_PRINCIPAL_KEY",
                f"The principal key `{key.text}` is not valid: use {', '.join(KEYS)}.",
                at(key),
            )
        for name in names.items():
            if not name.is_text:
                yield "INVALID_PRINCIPAL_FORMAT", message, at(name)


RULE = Rule(
    "Form of principals",
    {"INVALID_PRINCIPAL_FORMAT": FindingType.ERROR, "INVALID_PRINCIPAL_KEY": FindingType.ERROR},
    check,
    WITH_PRINCIPAL,
)
