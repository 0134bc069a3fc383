"""MISSING_QUALIFIER: a key with several values is compared without ForAllValues or ForAnyValue."""

from collections.abc import Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every such key, but under Null, which asks of all values at once."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.quantifier or FAMILIES.get(condition.base, "Null") == "Null":
                continue
            kind = facts.key_type(condition.key.text)
            if kind is not None and kind[1]:
                message = (
                    f"The key `{condition.key.text}` has several values: use ForAllValues or ForAnyValue before the"
                    " operator."
                )
                yield "MISSING_QUALIFIER", message, at(condition.key)


RULE = Rule("Missing qualifiers", {"MISSING_QUALIFIER": FindingType.ERROR}, check)
