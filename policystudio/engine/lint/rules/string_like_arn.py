"""STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS: a text pattern for a key that holds an ARN."""

from collections.abc import Iterator

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """A text pattern's ``*`` crosses the parts of an ARN, an ARN pattern's does not."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base not in ("stringlike", "stringnotlike"):
                continue
            kind = facts.key_type(condition.key.text)
            if kind is not None and kind[0] is KeyType.ARN:
                instead = condition.operator.text.replace("String", "Arn")
                message = f"Use {instead} instead of {condition.operator.text} for `{condition.key.text}`."
                yield "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", message, at(condition.key)


RULE = Rule(
    "Text patterns for ARNs", {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": FindingType.SECURITY_WARNING}, check
)
