"""UNIQUE_SIDS_REQUIRED, UNIQUE_SIDS_RECOMMENDED: two statements have the same Sid."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Node

#: The kinds of policies that are saved with equal Sids all the same.
LENIENT = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})


def check(document: Document) -> Iterator[Report]:
    """One finding for each Sid that stands more than once."""
    by_text: dict[str, list[Node]] = {}
    for statement in document.statements:
        for sid in statement.texts("Sid"):
            if sid.text:
                by_text.setdefault(sid.text, []).append(sid)
    for text, sids in by_text.items():
        if len(sids) > 1 and document.kind in LENIENT:
            message = f"Use statement IDs that are unique to the policy: `{text}` stands {len(sids)} times."
            yield "UNIQUE_SIDS_RECOMMENDED", message, at(*sids)
        elif len(sids) > 1:
            message = f"Duplicate statement IDs are not supported for this policy type: update `{text}`."
            yield "UNIQUE_SIDS_REQUIRED", message, at(*sids)


RULE = Rule(
    "Unique Sids",
    {"UNIQUE_SIDS_REQUIRED": FindingType.ERROR, "UNIQUE_SIDS_RECOMMENDED": FindingType.WARNING},
    check,
)
