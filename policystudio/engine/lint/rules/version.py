"""INVALID_VERSION, MISSING_VERSION: the version of the policy language."""

from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

VERSIONS = ("2012-10-17", "2008-10-17")


def check(document: Document) -> Iterator[Report]:
    """A policy should name one of the two versions, and may name no other."""
    if document.root is None or document.root.value.type != "object":
        return
    version = document.elements.get("Version")
    if version is None:
        message = "Specify the Version element: without it the policy is read by the rules of 2008-10-17."
        yield "MISSING_VERSION", message, at(document.root)
    elif version.is_text and version.text not in VERSIONS:
        message = f"The version `{version.text}` is not valid: use {' or '.join(VERSIONS)}."
        yield "INVALID_VERSION", message, at(version)


RULE = Rule("Version", {"INVALID_VERSION": FindingType.ERROR, "MISSING_VERSION": FindingType.WARNING}, check)
