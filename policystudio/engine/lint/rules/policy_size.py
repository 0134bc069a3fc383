"""POLICY_SIZE_EXCEEDS_…_QUOTA: the document is longer than a policy of its kind may be."""

from collections.abc import Iterator, Mapping

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: The largest sizes. AWS's check of identity policies goes by the largest of all quotas, that of a role's inline
#: policies; its checks of organization policies by the quotas of AWS Organizations, which counts white space, too.
QUOTAS: Mapping[PolicyKind, tuple[str, int]] = {
    PolicyKind.IDENTITY: ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", 10_240),
    PolicyKind.TRUST: ("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", 2_048),
    PolicyKind.SERVICE_CONTROL: ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", 10_240),
    PolicyKind.RESOURCE_CONTROL: ("POLICY_SIZE_EXCEEDS_RCP_QUOTA", 5_120),
}


_WITH_WHITE_SPACE = frozenset({PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL})


def check(document: Document) -> Iterator[Report]:
    """The whole document, where it is too long."""
    code, quota = QUOTAS[document.kind]
    is_whole = document.kind in _WITH_WHITE_SPACE
    size = len(document.source.text) if is_whole else document.size
    if document.root is not None and size > quota:
        counted = "with white space" if is_whole else "without white space"
        message = f"The {size:,} characters of the policy, {counted}, exceed the maximum of {quota:,}."
        yield code, message, at(document.root)


RULE = Rule(
    "Size of the policy",
    {
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA": FindingType.WARNING,
        "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA": FindingType.WARNING,
        "POLICY_SIZE_EXCEEDS_SCP_QUOTA": FindingType.ERROR,
        "POLICY_SIZE_EXCEEDS_RCP_QUOTA": FindingType.ERROR,
    },
    check,
    frozenset(QUOTAS),
)
