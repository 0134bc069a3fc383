"""Quotas of an identity: the size of all its inline policies, how many policies it has, in how many groups it is."""

from collections.abc import Iterable, Iterator

from policystudio.findings.checks.codes import made
from policystudio.findings.checks.found import Found
from policystudio.lib.quotas import GROUPS_PER_USER, INLINE_POLICIES_SIZE, MANAGED_POLICIES_ATTACHED

#: How many managed policies an identity may have unless AWS raised the quota.
ATTACHED_BY_DEFAULT = 10
#: From this share of the quota on there is little room left.
_NEARLY = 0.9


def of_holdings(kind: str, inline_sizes: Iterable[int], attached: int, groups: int) -> Iterator[Found]:
    """What of a user, group or role exceeds a quota, or soon will.

    ``inline_sizes`` are those of its own inline policies, without white space, as IAM counts.
    """
    size, most = sum(inline_sizes), INLINE_POLICIES_SIZE[kind]
    if size > most:
        said = f"Its inline policies have {size:,} characters together, more than the {most:,} that IAM takes."
        yield made("STUDIO_INLINE_POLICIES_TOO_LARGE", said, evidence={"size": size, "quota": most})
    elif size > most * _NEARLY:
        said = f"Its inline policies have {size:,} of {most:,} characters that IAM takes."
        yield made("STUDIO_INLINE_POLICIES_NEARLY_FULL", said, evidence={"size": size, "quota": most})
    top = MANAGED_POLICIES_ATTACHED[kind]
    if attached > top:
        said = f"{attached} managed policies are attached, more than the {top} that AWS grants at most."
        yield made("STUDIO_TOO_MANY_POLICIES_ATTACHED", said, evidence={"attached": attached, "quota": top})
    elif attached >= ATTACHED_BY_DEFAULT:
        said = (
            f"{attached} managed policies are attached: unless AWS raised the quota of {ATTACHED_BY_DEFAULT},"
            f" which it does up to {top}, no other one can be."
        )
        yield made("STUDIO_POLICIES_ATTACHED_FULL", said, evidence={"attached": attached, "quota": ATTACHED_BY_DEFAULT})
    if groups > GROUPS_PER_USER:
        said = f"The user is in {groups} groups, more than the {GROUPS_PER_USER} that IAM takes."
        yield made("STUDIO_TOO_MANY_GROUPS", said, evidence={"groups": groups, "quota": GROUPS_PER_USER})
