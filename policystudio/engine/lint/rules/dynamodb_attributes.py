"""DYNAMODB_ATTRIBUTES_WITHOUT_SELECT: attributes are restricted, but not what is returned when none is asked for."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """An Allow on dynamodb:Attributes without dynamodb:Select beside it."""
    for statement in document.statements:
        names = {condition.name for condition in statement.conditions}
        for condition in statement.conditions:
            is_restriction = condition.name == "dynamodb:attributes" and statement.effect == "Allow"
            if is_restriction and condition.base != "null" and "dynamodb:select" not in names:
                message = (
                    "Set dynamodb:Select to SPECIFIC_ATTRIBUTES beside dynamodb:Attributes: a request that names no"
                    " attributes returns all of them."
                )
                yield "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", message, at(condition.key)


RULE = Rule("DynamoDB attributes", {"DYNAMODB_ATTRIBUTES_WITHOUT_SELECT": FindingType.SECURITY_WARNING}, check)
