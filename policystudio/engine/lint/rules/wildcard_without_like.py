"""WILDCARD_WITHOUT_LIKE_OPERATOR: a wildcard where the operator compares letter by letter."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.operators import FAMILIES, LIKE
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def check(document: Document) -> Iterator[Report]:
    """Values of text operators with ``*`` or ``?`` outside of variables, where ``${*}`` stands for a real star."""
    for statement in document.statements:
        for condition in statement.conditions:
            if condition.base in LIKE or FAMILIES.get(condition.base) != "String":
                continue
            for value in condition.values:
                if value.is_text and re.search(r"[*?]", _VARIABLE.sub("", value.text)):
                    message = (
                        f"{condition.operator.text} takes * and ? as letters: for wildcards use an operator with Like."
                    )
                    yield "WILDCARD_WITHOUT_LIKE_OPERATOR", message, at(value)


RULE = Rule("Wildcards without Like", {"WILDCARD_WITHOUT_LIKE_OPERATOR": FindingType.WARNING}, check)
