"""ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE: a trust policy names a resource."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every Resource and NotResource."""
    for statement in document.statements:
        for key, value in statement.node.members():
            if key.text in ("Resource", "NotResource"):
                message = f"A role trust policy is about the role that it is attached to: remove {key.text}."
                yield "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", message, at(value)


RULE = Rule(
    "Resources of trust policies",
    {"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE": FindingType.ERROR},
    check,
    frozenset({PolicyKind.TRUST}),
)
