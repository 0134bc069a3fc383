"""INVALID_CONDITION_OPERATOR, NULL_WITH_IF_EXISTS, NULL_WITH_QUALIFIER: operators that there are not."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document


def check(document: Document) -> Iterator[Report]:
    """Every operator once."""
    for statement in document.statements:
        block = statement.elements.get("Condition")
        for operator, keys in block.members() if block is not None else ():
            condition = Condition(operator, operator, keys)
            if condition.base not in FAMILIES:
                message = f"The condition operator `{operator.text}` is not valid: use a valid condition operator."
                yield "INVALID_CONDITION_OPERATOR", message, at(operator)
            elif condition.base == "null" and condition.if_exists:
                message = "Null asks whether the key is there; it can not be used with IfExists."
                yield "NULL_WITH_IF_EXISTS", message, at(operator)
            elif condition.base == "null" and condition.quantifier:
                message = "Null with ForAllValues is always true and with ForAnyValue always false: use Null alone."
                yield "NULL_WITH_QUALIFIER", message, at(operator)


RULE = Rule(
    "Condition operators",
    {
        "INVALID_CONDITION_OPERATOR": FindingType.ERROR,
        "NULL_WITH_IF_EXISTS": FindingType.ERROR,
        "NULL_WITH_QUALIFIER": FindingType.SUGGESTION,
    },
    check,
)
