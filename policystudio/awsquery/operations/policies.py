"""Operations that read managed policies: Get, List, their versions, who has them, and their tags."""

from typing import Any

from django.db.models import QuerySet

from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import no_such_entity
from policystudio.awsquery.finding import find_policy, reading, tag_page
from policystudio.awsquery.paging import Pager, read_pager
from policystudio.identities.models import Identity
from policystudio.identities.selectors import below, come_after, in_use, users_of_policy, uses_of
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.policies.selectors import (
    PolicyPlace,
    default_versions,
    managed_policies,
    policies_after,
    version_of,
    versions_of,
)

#: The values of `Scope`: whether a policy is AWS's.
_SCOPES = {"All": None, "AWS": True, "Local": False}
#: In the order of ListEntitiesForPolicy: the value of `EntityFilter`, and the list of the answer.
_ENTITIES = {"Group": "PolicyGroups", "User": "PolicyUsers", "Role": "PolicyRoles"}


@reading("ListPolicies")
def list_policies(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListPolicies: the account's own, and of AWS's those that the account's export told; in the order of names."""
    pager = read_pager("ListPolicies", caller.account.number, parameters, fields=2)
    aws = _SCOPES[parameters.get("Scope", "All")]
    found = managed_policies(caller.account, aws=aws, path_prefix=parameters.get("PathPrefix", ""))
    usage = parameters.get("PolicyUsageFilter")
    if usage or parameters.get("OnlyAttached"):
        found = in_use(found, as_boundary=usage == "PermissionsBoundary")
    page, more = policy_page(pager, found)
    return {"Policies": _managed(page)} | more


@reading("GetPolicy")
def get_policy(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetPolicy: with its description and tags."""
    policy = find_policy(caller, parameters, "Policy {} was not found.")
    described = {"Description": policy.description or None, "Tags": rows.tags(policy.tags)}
    return {"Policy": _managed([policy])[0] | described}


@reading("GetPolicyVersion")
def get_policy_version(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetPolicyVersion: with its document."""
    policy, version_id = find_policy(caller, parameters), parameters["VersionId"]
    try:
        return {"PolicyVersion": rows.version(version_of(policy, version_id))}
    except PolicyVersion.DoesNotExist:
        message = f"Policy {policy.arn} version {version_id} does not exist or is not attachable."
        raise no_such_entity(message) from None


@reading("ListPolicyVersions")
def list_policy_versions(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListPolicyVersions: the newest first, without documents."""
    pager = read_pager("ListPolicyVersions", caller.account.number, parameters)
    versions = rows.newest_first(versions_of(find_policy(caller, parameters)))
    page, more = pager.cut_all(versions, _version_place)
    return {"Versions": [rows.version(row, document=False) for row in page]} | more


@reading("ListEntitiesForPolicy")
def list_entities_for_policy(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListEntitiesForPolicy: groups, roles and users, each in the order of names."""
    pager = read_pager("ListEntitiesForPolicy", caller.account.number, parameters, fields=2)
    policy = find_policy(caller, parameters)
    usage = parameters.get("PolicyUsageFilter")
    kinds = {"attached": usage != "PermissionsBoundary", "bounding": usage != "PermissionsPolicy"}
    found: list[Identity] = []
    for number, title in enumerate(_ENTITIES):
        if parameters.get("EntityFilter", title) == title and len(found) < pager.most and pager.reaches(number):
            used = below(users_of_policy(policy, title.lower(), **kinds), parameters.get("PathPrefix", ""))
            found += come_after(used, pager.name_in(number))[: pager.most - len(found)]
    page, more = pager.cut(found, _entity_place)
    answer: dict[str, Any] = {key: [] for key in _ENTITIES.values()}
    for identity in page:
        answer[_ENTITIES[identity.kind.capitalize()]].append(_entity(identity))
    return answer | more


@reading("ListPolicyTags")
def list_policy_tags(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListPolicyTags: in the order of keys."""
    pager = read_pager("ListPolicyTags", caller.account.number, parameters, fields=2)
    return tag_page(pager, find_policy(caller, parameters).tags)


def policy_page(pager: Pager, found: QuerySet[ManagedPolicy]) -> tuple[list[ManagedPolicy], dict[str, Any]]:
    """A page of managed policies, in the order of names."""
    return pager.cut(policies_after(found, policy_place_of(pager.after))[: pager.most], policy_place)


def policy_place(policy: ManagedPolicy) -> tuple[str, ...]:
    """Where a policy stands in the order of ``policies_after``, as a marker holds it."""
    return (policy.name.lower(), str(policy.pk))


def policy_place_of(place: tuple[str, ...]) -> PolicyPlace:
    """The same, read; the beginning where there is no marker."""
    return PolicyPlace(place[0], int(place[1])) if place else PolicyPlace()


def _managed(policies: list[ManagedPolicy]) -> list[dict[str, Any]]:
    versions = default_versions(policies)
    attachments, boundaries = uses_of(policies)
    return [
        rows.managed(policy, versions.get(policy.pk), attachments.get(policy.pk, 0), boundaries.get(policy.pk, 0))
        for policy in policies
    ]


def _entity(identity: Identity) -> dict[str, Any]:
    title = identity.kind.capitalize()
    return {f"{title}Name": identity.name, f"{title}Id": rows.unique_id(identity)}


def _entity_place(identity: Identity) -> tuple[str, ...]:
    return (str(list(_ENTITIES).index(identity.kind.capitalize())), identity.name.lower())


def _version_place(row: PolicyVersion) -> tuple[str, ...]:
    """The newest first: what is left of a large number grows as the number falls."""
    return (f"{10**18 - rows.version_number(row.version_id):020}",)
