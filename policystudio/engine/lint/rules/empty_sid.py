"""EMPTY_SID_VALUE: a Sid is the empty text."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """Every empty Sid."""
    for statement in document.statements:
        for sid in statement.texts("Sid"):
            if not sid.text:
                yield "EMPTY_SID_VALUE", "Add a value to the empty string in the Sid element.", at(sid)


RULE = Rule("Empty Sid", {"EMPTY_SID_VALUE": FindingType.SUGGESTION}, check)
