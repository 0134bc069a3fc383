"""Operations that read an account as a whole: all of its identities and policies, and how many there are."""

from typing import Any

from policystudio.audit import services as audit
from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.finding import reading
from policystudio.awsquery.operations.policies import policy_place, policy_place_of
from policystudio.awsquery.paging import read_pager
from policystudio.identities.models import Identity
from policystudio.identities.selectors import counts_by_kind, identities_after, uses_of, with_documents
from policystudio.lib import quotas
from policystudio.policies.models import ManagedPolicy
from policystudio.policies.selectors import (
    PolicyPlace,
    count_own,
    managed_policies,
    policies_after,
    with_versions,
)

Found = Identity | ManagedPolicy

#: In the order of the answer: the value of `Filter` and the list that it is about.
_SECTIONS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}


@reading("GetAccountAuthorizationDetails")
def get_account_authorization_details(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetAccountAuthorizationDetails: users, groups, roles, the account's policies, then AWS's, each by name."""
    pager = read_pager("GetAccountAuthorizationDetails", caller.account.number, parameters, fields=3)
    wanted = parameters.get("Filter") or list(_SECTIONS)
    _tell(caller)
    found: list[tuple[str, Found]] = []
    for number, section in enumerate(_SECTIONS):
        if section in wanted and len(found) < pager.most and pager.reaches(number):
            place = policy_place_of(pager.place_in(number))
            found += [(section, row) for row in _rows(caller, section, place, pager.most - len(found))]
    page, more = pager.cut(found, _place)
    return {key: [] for key in _SECTIONS.values()} | _details(page) | more


def _tell(caller: Caller) -> None:
    """Whoever takes all of an account out stands in the audit record: once an hour, however many pages there are."""
    number = caller.account.number
    details = {"format": "GetAccountAuthorizationDetails"}
    audit.record_use(actor=caller.user, action="account.exported", target=number, account=number, details=details)


def _rows(caller: Caller, section: str, place: PolicyPlace, most: int) -> list[Found]:
    """The next rows of a section, with all that is told of them."""
    if section in ("LocalManagedPolicy", "AWSManagedPolicy"):
        policies = managed_policies(caller.account, aws=section == "AWSManagedPolicy")
        return list(with_versions(policies_after(policies, place))[:most])
    return list(with_documents(identities_after(caller.account, section.lower(), name=place.name))[:most])


def _place(item: tuple[str, Found]) -> tuple[str, ...]:
    section, row = item
    number = str(list(_SECTIONS).index(section))
    return (number, *policy_place(row)) if isinstance(row, ManagedPolicy) else (number, row.name.lower(), "0")


def _details(page: list[tuple[str, Found]]) -> dict[str, list[Any]]:
    attachments, boundaries = uses_of([row for _, row in page if isinstance(row, ManagedPolicy)])
    details: dict[str, list[Any]] = {}
    for section, row in page:
        if isinstance(row, ManagedPolicy):
            members = _policy(row, attachments.get(row.pk, 0), boundaries.get(row.pk, 0))
        else:
            members = rows.detailed(row)
        details.setdefault(_SECTIONS[section], []).append(members)
    return details


def _policy(policy: ManagedPolicy, attachments: int, boundaries: int) -> dict[str, Any]:
    versions = rows.newest_first(policy.versions.all())
    default = next((version.version_id for version in versions if version.is_default), None)
    members = rows.managed(policy, default, attachments, boundaries)
    details = [rows.version(version) for version in versions]
    return members | {"Description": policy.description or None, "PolicyVersionList": details}


@reading("GetAccountSummary")
def get_account_summary(caller: Caller, _parameters: Parameters) -> dict[str, Any]:
    """GetAccountSummary: what the studio counts, and the quotas that AWS changes for nobody."""
    counts = counts_by_kind(caller.account)
    policies, versions = count_own(caller.account)
    summary = {
        "Users": counts[Identity.Kind.USER],
        "Groups": counts[Identity.Kind.GROUP],
        "Roles": counts[Identity.Kind.ROLE],
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


@reading("ListAccountAliases")
def list_account_aliases(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListAccountAliases: the studio keeps none; the name that an account has here is no alias."""
    read_pager("ListAccountAliases", caller.account.number, parameters)
    return {"AccountAliases": [], "IsTruncated": False}


@reading("ListInstanceProfiles")
def list_instance_profiles(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListInstanceProfiles: the studio keeps none."""
    read_pager("ListInstanceProfiles", caller.account.number, parameters)
    return {"InstanceProfiles": [], "IsTruncated": False}
