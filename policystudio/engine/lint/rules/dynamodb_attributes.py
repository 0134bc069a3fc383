"""DYNAMODB_ATTRIBUTES_WITHOUT_SELECT: attributes are restricted, but not what is returned when none is asked for."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document


def check(document: Document) -> Iterator[Report]:
    """An Allow on dynamodb:Attributes without dynamodb:Select held to the value beside it."""
    for statement in document.statements:
        if statement.effect != "Allow" or any(map(_selects, statement.conditions)):
            continue
        for condition in statement.conditions:
            if condition.name == "dynamodb:attributes" and condition.base != "null":
                message = (
                    "Set dynamodb:Select to SPECIFIC_ATTRIBUTES beside dynamodb:Attributes: a request that names no"
                    " attributes returns all of them."
                )
                yield "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", message, at(condition.key)


def _selects(condition: Condition) -> bool:
    """Whether the condition lets through what it selects alone; DynamoDB sends the key with some requests only."""
    values = {value.text for value in condition.values}
    return (
        condition.name == "dynamodb:select" and condition.base == "stringequals" and values == {"SPECIFIC_ATTRIBUTES"}
    )


RULE = Rule("DynamoDB attributes", {"DYNAMODB_ATTRIBUTES_WITHOUT_SELECT": FindingType.SECURITY_WARNING}, check)
