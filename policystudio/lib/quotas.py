"""IAM's quotas: the maximum where AWS raises a quota on request, so that what goes beyond cannot exist in AWS.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html as of 2026-03; where its maximum was raised
since, according to others, the larger number stands here.
"""

import re

MANAGED_POLICY_SIZE = 6_144
#: All inline policies of one identity together.
INLINE_POLICIES_SIZE = {"user": 2_048, "group": 5_120, "role": 10_240}
TRUST_POLICY_SIZE = 8_192
MANAGED_POLICIES_ATTACHED = {"user": 20, "group": 10, "role": 25}
GROUPS_PER_USER = 10
POLICY_VERSIONS = 5
TAGS = 50
IN_AN_ACCOUNT = {"user": 5_000, "group": 500, "role": 5_000, "policy": 10_000}
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html; of SCPs doubled in May 2026.
ORGANIZATION_POLICY_SIZE = {"scp": 10_240, "rcp": 5_120}

_white_space = re.compile(r"\s+")


def policy_size(text: str) -> int:
    """The characters of a document that IAM counts: all but white space."""
    return len(_white_space.sub("", text))


def organization_policy_size(text: str) -> int:
    """The characters of a document that AWS Organizations counts: all, as commands and SDKs save it as it is given.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
    """
    return len(text)
