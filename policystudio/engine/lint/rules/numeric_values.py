"""REDUNDANT_CONDITION_VALUE_NUM: of several bounds only the widest matters."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_WIDEST = {
    "numericlessthan": "greatest",
    "numericlessthanequals": "greatest",
    "numericgreaterthan": "least",
    "numericgreaterthanequals": "least",
}


def check(document: Document) -> Iterator[Report]:
    """Every key with several bounds."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base in _WIDEST and len(condition.values) > 1:
                message = (
                    f"Multiple values in {condition.operator.text} are redundant: replace them with the"
                    f" {_WIDEST[condition.base]} single value for `{condition.key.text}`."
                )
                yield "REDUNDANT_CONDITION_VALUE_NUM", message, at(condition.value)


RULE = Rule("Redundant bounds", {"REDUNDANT_CONDITION_VALUE_NUM": FindingType.SUGGESTION}, check)
