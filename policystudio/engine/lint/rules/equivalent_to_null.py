"""EQUIVALENT_TO_NULL_FALSE, EQUIVALENT_TO_NULL_TRUE: a condition that asks no more than whether the key is there."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Condition, Document

FALSE, TRUE = "EQUIVALENT_TO_NULL_FALSE", "EQUIVALENT_TO_NULL_TRUE"
_LIKE, _NOT_LIKE = ("stringlike", "arnlike"), ("stringnotlike", "arnnotlike")


def check(document: Document) -> Iterator[Report]:
    """A pattern operator with ``*`` among its values, which every value that is there matches."""
    for statement in document.statements:
        for condition in statement.conditions:
            code = _code(condition)
            answer = "false" if code == FALSE else "true"
            for value in condition.values if code else ():
                if value.is_text and set(value.text) == {"*"}:
                    message = (
                        f"Replace the key `{condition.key.text}` in the condition block of {condition.operator.text} "
                        f"with the operator Null and the value {answer}."
                    )
                    yield code, message, at(value)


def _code(condition: Condition) -> str:
    """What the operator asks with ``*``; empty where it is neither, as another rule says."""
    if condition.base in _LIKE and not condition.if_exists and condition.quantifier != "forallvalues":
        return FALSE
    if condition.base in _NOT_LIKE and (condition.if_exists or condition.quantifier != "foranyvalue"):
        return TRUE
    return ""


RULE = Rule(
    "Conditions like Null",
    {FALSE: FindingType.SUGGESTION, TRUE: FindingType.SUGGESTION},
    check,
)
