"""ALLOW_WITH_NOT_PRINCIPAL, ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL: everyone but some."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """NotPrincipal in a trust policy, and in an Allow of any."""
    for statement in document.statements:
        for key, value in statement.node.members():
            if key.text != "NotPrincipal":
                continue
            if document.kind is PolicyKind.TRUST:
                message = "Role trust policies do not support NotPrincipal: use Principal."
                yield "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", message, at(value)
            if statement.effect == "Allow":
                effect = statement.elements["Effect"]
                message = "Allow with NotPrincipal can be overly permissive: use Principal."
                yield "ALLOW_WITH_NOT_PRINCIPAL", message, at(value, effect)


RULE = Rule(
    "NotPrincipal",
    {
        "ALLOW_WITH_NOT_PRINCIPAL": FindingType.SECURITY_WARNING,
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL": FindingType.ERROR,
    },
    check,
    WITH_PRINCIPAL,
)
