"""What is told of an account as a whole: how many of what there are."""

from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.finding import reading
from policystudio.identities.models import Identity
from policystudio.identities.selectors import count_profiles, counts_by_kind
from policystudio.lib import quotas
from policystudio.policies.selectors import count_own


@reading("GetAccountSummary")
def get_account_summary(caller: Caller, _parameters: Parameters) -> dict[str, Any]:
    """GetAccountSummary: what the studio counts, and the quotas that AWS changes for nobody."""
    counts = counts_by_kind(caller.account)
    policies, versions = count_own(caller.account)
    summary = {
        "Users": counts[Identity.Kind.USER],
        "Groups": counts[Identity.Kind.GROUP],
        "Roles": counts[Identity.Kind.ROLE],
        "InstanceProfiles": count_profiles(caller.account),
        "Policies": policies,
        "PolicyVersionsInUse": versions,
        "PolicySizeQuota": quotas.MANAGED_POLICY_SIZE,
        "UserPolicySizeQuota": quotas.INLINE_POLICIES_SIZE["user"],
        "GroupPolicySizeQuota": quotas.INLINE_POLICIES_SIZE["group"],
        "RolePolicySizeQuota": quotas.INLINE_POLICIES_SIZE["role"],
        "VersionsPerPolicyQuota": quotas.POLICY_VERSIONS,
        "GroupsPerUserQuota": quotas.GROUPS_PER_USER,
    }
    return {"SummaryMap": summary}
