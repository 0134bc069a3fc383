"""INVALID_ROLE_REFERENCE, INVALID_USER_REFERENCE: a principal by its unique id, as one that was deleted stays."""

import re
from collections.abc import Iterator

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import WITH_PRINCIPAL, Report, Rule, at
from policystudio.engine.lint.tree import Document

_ID = re.compile(r"(?P<kind>AROA|AIDA)[A-Z0-9]{12,}")
_KINDS = {"AROA": ("INVALID_ROLE_REFERENCE", "role"), "AIDA": ("INVALID_USER_REFERENCE", "user")}


def check(document: Document) -> Iterator[Report]:
    """Every unique id under AWS."""
    for statement in document.statements:
        for key, name in statement.principals:
            match = _ID.fullmatch(name.text) if key == "AWS" else None
            if match:
                code, kind = _KINDS[match["kind"]]
                yield code, f"The Principal element includes the IAM {kind} ID {name.text}: use its ARN.", at(name)


RULE = Rule(
    "Principals by their id",
    {"INVALID_ROLE_REFERENCE": FindingType.WARNING, "INVALID_USER_REFERENCE": FindingType.WARNING},
    check,
    WITH_PRINCIPAL,
)
