"""EQUIVALENT_TO_NULL_FALSE, EQUIVALENT_TO_NULL_TRUE: a condition that asks no more than whether the key is there."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

CODES = {
    "stringlike": "EQUIVALENT_TO_NULL_FALSE",
    "arnlike": "EQUIVALENT_TO_NULL_FALSE",
    "stringnotlike": "EQUIVALENT_TO_NULL_TRUE",
    "arnnotlike": "EQUIVALENT_TO_NULL_TRUE",
}


def check(document: Document) -> Iterator[Report]:
    """A pattern operator without prefix and suffix, with ``*`` among its values: every value that is there matches."""
    for statement in document.statements:
        for condition in statement.conditions:
            code = CODES.get(condition.base)
            if code is None or condition.quantifier or condition.if_exists:
                continue
            answer = "false" if code.endswith("FALSE") else "true"
            for value in condition.values:
                if value.is_text and set(value.text) == {"*"}:
                    message = (
                        f"Replace the key `{condition.key.text}` in the condition block of {condition.operator.text} "
                        f"with the operator Null and the value {answer}."
                    )
                    yield code, message, at(value)


RULE = Rule(
    "Conditions like Null",
    {"EQUIVALENT_TO_NULL_FALSE": FindingType.SUGGESTION, "EQUIVALENT_TO_NULL_TRUE": FindingType.SUGGESTION},
    check,
)
