"""UNSUPPORTED_PRINCIPAL, SCP_SYNTAX_ERROR_PRINCIPAL: a Principal where the policy is about whoever has it."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

CODES = {
    PolicyKind.IDENTITY: "UNSUPPORTED_PRINCIPAL",
    PolicyKind.SERVICE_CONTROL: "SCP_SYNTAX_ERROR_PRINCIPAL",
}


def check(document: Document) -> Iterator[Report]:
    """Every Principal and NotPrincipal."""
    for statement in document.statements:
        for key, value in statement.node.members():
            if key.text in ("Principal", "NotPrincipal"):
                message = f"Policies of this type do not specify principals: remove the {key.text} element."
                yield CODES[document.kind], message, at(value)


RULE = Rule(
    "Principals where there are none",
    {"UNSUPPORTED_PRINCIPAL": FindingType.ERROR, "SCP_SYNTAX_ERROR_PRINCIPAL": FindingType.ERROR},
    check,
    frozenset(CODES),
)
