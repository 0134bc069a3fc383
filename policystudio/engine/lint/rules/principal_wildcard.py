"""UNSUPPORTED_WILDCARD_IN_PRINCIPAL, ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL: patterns of principals."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """``"*"`` is everyone, under AWS too; a trust policy may not name everyone by the lone ``"*"``."""
    for statement in document.statements:
        for key, name in statement.principals:
            if key == "*":
                if document.kind is PolicyKind.TRUST and name.text == "*":
                    message = '`"Principal": "*"` is not supported in a role trust policy: name a principal.'
                    yield "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, at(name)
            elif has_wildcard(name.text) and not (key == "AWS" and name.text == "*"):
                message = f"Wildcards are not supported with the principal key {key}: name the principal."
                yield "UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, at(name)


RULE = Rule(
    "Wildcards in principals",
    {
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL": FindingType.ERROR,
        "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL": FindingType.ERROR,
    },
    check,
    WITH_PRINCIPAL,
)
