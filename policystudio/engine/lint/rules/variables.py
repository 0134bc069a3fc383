"""MISSING_BRACE_…, MISSING_QUOTE_…, UNSUPPORTED_SPACE_IN_VARIABLE, EMPTY_VARIABLE: how a variable is written."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_OPEN = re.compile(r"\$\{(?P<inside>[^}]*)(?P<close>\}?)")


def check(document: Document) -> Iterator[Report]:
    """One finding for each text and flaw, where the version of the policy has variables."""
    version = document.elements.get("Version")
    if version is None or version.text != "2012-10-17":
        return
    for statement in document.statements:
        for node in statement.variable_places():
            if "${" in node.text:
                for code, message in dict(_flaws(node.text)).items():
                    yield code, message, at(node)


def _flaws(text: str) -> Iterator[tuple[str, str]]:
    for match in _OPEN.finditer(text):
        inside = match["inside"]
        name, comma, default = inside.partition(",")
        if not match["close"]:
            yield "MISSING_BRACE_IN_VARIABLE", "The policy variable is missing a closing curly brace: add }."
        elif not inside.strip():
            yield "EMPTY_VARIABLE", "Remove the ${ } variable structure or write a variable inside."
        elif re.search(r"\s", name.strip() if comma else name):
            yield "UNSUPPORTED_SPACE_IN_VARIABLE", "A space is not supported in a policy variable: remove it."
        elif comma and not re.fullmatch(r"\s*'[^']*'\s*", default):
            yield "MISSING_QUOTE_IN_VARIABLE", "The default value of a policy variable stands in single quotes."


RULE = Rule(
    "Variables",
    dict.fromkeys(
        (
            "MISSING_BRACE_IN_VARIABLE",
            "MISSING_QUOTE_IN_VARIABLE",
            "UNSUPPORTED_SPACE_IN_VARIABLE",
            "EMPTY_VARIABLE",
        ),
        FindingType.ERROR,
    ),
    check,
)
