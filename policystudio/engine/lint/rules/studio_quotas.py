"""STUDIO_TOO_LARGE_FOR_…: what a policy of this size cannot be attached to."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: the quotas, the highest where AWS raises
#: them on request. All inline policies of an identity share one.
_QUOTAS = {
    PolicyKind.IDENTITY: (
        ("STUDIO_TOO_LARGE_FOR_USER_INLINE", "the inline policies of a user", 2_048),
        ("STUDIO_TOO_LARGE_FOR_GROUP_INLINE", "the inline policies of a group", 5_120),
        ("STUDIO_TOO_LARGE_FOR_MANAGED_POLICY", "a managed policy", 6_144),
        ("STUDIO_TOO_LARGE_FOR_ROLE_INLINE", "the inline policies of a role", 10_240),
    ),
    PolicyKind.TRUST: (("STUDIO_TOO_LARGE_FOR_TRUST_POLICY", "a trust policy", 8_192),),
}


def check(document: Document) -> Iterator[Report]:
    """Every place that the document is too large for."""
    for code, place, quota in _QUOTAS[document.kind]:
        if document.root is not None and document.size > quota:
            message = f"With {document.size:,} characters the policy is too large for {place}: at most {quota:,} fit."
            yield code, message, at(document.root)


RULE = Rule(
    "Quotas by attachment",
    {
        "STUDIO_TOO_LARGE_FOR_USER_INLINE": FindingType.SUGGESTION,
        "STUDIO_TOO_LARGE_FOR_GROUP_INLINE": FindingType.SUGGESTION,
        "STUDIO_TOO_LARGE_FOR_MANAGED_POLICY": FindingType.WARNING,
        "STUDIO_TOO_LARGE_FOR_ROLE_INLINE": FindingType.WARNING,
        "STUDIO_TOO_LARGE_FOR_TRUST_POLICY": FindingType.ERROR,
    },
    check,
    frozenset(_QUOTAS),
    Origin.STUDIO,
)
