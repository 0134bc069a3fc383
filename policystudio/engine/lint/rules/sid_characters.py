"""UNSUPPORTED_SID: a Sid of an identity policy holds other characters than letters and digits."""

import re
from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

_SID = re.compile(r"[A-Za-z0-9]*")


def check(document: Document) -> Iterator[Report]:
    """Every Sid that IAM would refuse."""
    for statement in document.statements:
        for sid in statement.texts("Sid"):
            if not _SID.fullmatch(sid.text):
                message = "Update the characters in the Sid element to letters and digits: a-z, A-Z, 0-9."
                yield "UNSUPPORTED_SID", message, at(sid)


RULE = Rule(
    "Characters of Sid",
    {"UNSUPPORTED_SID": FindingType.ERROR},
    check,
    frozenset({PolicyKind.IDENTITY, PolicyKind.TRUST}),
)
