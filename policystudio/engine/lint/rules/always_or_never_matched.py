"""REDUNDANT_KEY_…, REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION: a pattern that always or never holds."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"


def check(document: Document) -> Iterator[Report]:
    """``*`` under ForAllValues or IfExists matches always; under ForAnyValue with a negated operator never."""
    for statement in document.statements:
        for condition in statement.conditions:
            is_negated = condition.base in ("stringnotlike", "arnnotlike")
            if condition.base not in ("stringlike", "arnlike") and not is_negated:
                continue
            stars = [value for value in condition.values if value.is_text and set(value.text) == {"*"}]
            is_open = condition.if_exists or condition.quantifier == "forallvalues"
            key, operator = condition.key.text, condition.operator.text
            if stars and is_open and not is_negated:
                message = f"The key `{key}` in the condition block of {operator} is always matched: remove it."
                yield ALWAYS, message, at(*stars)
            elif stars and is_negated and condition.quantifier == "foranyvalue" and not condition.if_exists:
                message = f"The key `{key}` in the condition block of {operator} does not match any values: remove it."
                yield NEVER, message, at(*stars)


RULE = Rule(
    "Conditions that always or never hold",
    {ALWAYS: FindingType.SUGGESTION, NEVER: FindingType.SUGGESTION},
    check,
)
