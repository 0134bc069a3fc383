"""JSON_SYNTAX_ERROR: the document is not JSON."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType, Place
from policystudio.engine.lint.rule import Report, Rule
from policystudio.engine.lint.tree import Document


def check(document: Document) -> Iterator[Report]:
    """The first flaw: what stands behind it can only be guessed."""
    flaw = document.flaw
    if flaw is not None:
        start, end = flaw.span.start, flaw.span.end
        message = f"Fix the JSON syntax error: {flaw.message}."
        yield "JSON_SYNTAX_ERROR", message, (Place((), start.offset, end.offset),)


RULE = Rule("JSON syntax", {"JSON_SYNTAX_ERROR": FindingType.ERROR}, check)
