"""INVALID_CONDITION_DATA_TYPE, INVALID_CONDITION_MULTIPLE_BOOLEAN: values that do not go together."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_KINDS = {"true": "boolean", "false": "boolean"}


def check(document: Document) -> Iterator[Report]:
    """Lists of several JSON types, and several values for a key that is true or false."""
    for statement in document.statements:
        for condition in statement.conditions:
            kinds = {_KINDS.get(value.value.type, value.value.type) for value in condition.values}
            if len(kinds) > 1:
                message = "The condition values are of several JSON data types: use one."
                yield "INVALID_CONDITION_DATA_TYPE", message, at(condition.value)
            if condition.base in ("bool", "null") and not condition.quantifier and len(condition.values) > 1:
                message = f"The condition key `{condition.key.text}` takes a single Boolean value."
                yield "INVALID_CONDITION_MULTIPLE_BOOLEAN", message, at(condition.value)


RULE = Rule(
    "Lists of condition values",
    {
        "INVALID_CONDITION_DATA_TYPE": FindingType.ERROR,
        "INVALID_CONDITION_MULTIPLE_BOOLEAN": FindingType.ERROR,
    },
    check,
)
