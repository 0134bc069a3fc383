"""UNSUPPORTED_ELEMENT_COMBINATION: an element stands beside its negation."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

PAIRS = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))


def check(document: Document) -> Iterator[Report]:
    """Of each pair a statement may have one element."""
    for statement in document.statements:
        elements = statement.elements
        for plain, negated in PAIRS:
            if plain in elements and negated in elements:
                message = f"{plain} and {negated} can not be used in the same statement: remove one of them."
                yield "UNSUPPORTED_ELEMENT_COMBINATION", message, at(elements[plain], elements[negated])


RULE = Rule("Element combinations", {"UNSUPPORTED_ELEMENT_COMBINATION": FindingType.ERROR}, check)
