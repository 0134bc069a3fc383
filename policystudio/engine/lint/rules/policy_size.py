"""POLICY_SIZE_EXCEEDS_…_QUOTA: the document is longer than a policy of its kind may be."""

from collections.abc import Iterator, Mapping

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: The largest sizes without white space. AWS's check of identity policies goes by the largest of all quotas, that of a
#: role's inline policies; its checks of organization policies by the quotas of AWS Organizations.
QUOTAS: Mapping[PolicyKind, tuple[str, int]] = {
    PolicyKind.IDENTITY: ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", 10_240),
    PolicyKind.TRUST: ("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", 2_048),
    PolicyKind.SERVICE_CONTROL: ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", 5_120),
    PolicyKind.RESOURCE_CONTROL: ("POLICY_SIZE_EXCEEDS_RCP_QUOTA", 5_120),
}


def check(document: Document) -> Iterator[Report]:
    """The whole document, where it is too long."""
    code, quota = QUOTAS[document.kind]
    if document.root is not None and document.size > quota:
        message = (
            f"The {document.size:,} characters of the policy, without white space, exceed the maximum of {quota:,}."
        )
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
