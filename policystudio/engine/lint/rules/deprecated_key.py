"""DEPRECATED_GLOBAL_CONDITION_KEY, UNSUPPORTED_GLOBAL_CONDITION_KEY: aws:ARN, which newer keys have replaced."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every aws:ARN."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.name == "aws:arn":
                message = "Update aws:ARN to the newer condition key aws:PrincipalArn."
                yield "DEPRECATED_GLOBAL_CONDITION_KEY", message, at(condition.key)
                message = "The condition key aws:ARN is not supported: use aws:PrincipalArn or aws:SourceArn."
                yield "UNSUPPORTED_GLOBAL_CONDITION_KEY", message, at(condition.key)


RULE = Rule(
    "Deprecated condition keys",
    {
        "DEPRECATED_GLOBAL_CONDITION_KEY": FindingType.WARNING,
        "UNSUPPORTED_GLOBAL_CONDITION_KEY": FindingType.ERROR,
    },
    check,
)
