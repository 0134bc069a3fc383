"""Operations that read instance profiles: those that have a role, which are all that an account export tells."""

from typing import Any

from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import no_such_entity
from policystudio.awsquery.finding import find_identity, reading, tag_page
from policystudio.awsquery.paging import read_pager
from policystudio.identities.models import Identity, InstanceProfile
from policystudio.identities.selectors import instance_profile_named, instance_profiles_after


@reading("GetInstanceProfile")
def get_instance_profile(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetInstanceProfile: with its tags."""
    profile = _find(caller, parameters)
    return {"InstanceProfile": rows.profile(profile, profile.role) | {"Tags": rows.tags(profile.tags)}}


@reading("ListInstanceProfiles")
def list_instance_profiles(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListInstanceProfiles: in the order of names, below a path where one is given."""
    return _page("ListInstanceProfiles", caller, parameters)


@reading("ListInstanceProfilesForRole")
def list_instance_profiles_for_role(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListInstanceProfilesForRole: in the order of names."""
    role = find_identity(caller, Identity.Kind.ROLE, parameters)
    return _page("ListInstanceProfilesForRole", caller, parameters, role)


@reading("ListInstanceProfileTags")
def list_instance_profile_tags(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListInstanceProfileTags: in the order of keys."""
    pager = read_pager("ListInstanceProfileTags", caller.account.number, parameters, fields=2)
    return tag_page(pager, _find(caller, parameters).tags)


def _find(caller: Caller, parameters: Parameters) -> InstanceProfile:
    name = parameters["InstanceProfileName"]
    try:
        return instance_profile_named(caller.account, name)
    except InstanceProfile.DoesNotExist:
        raise no_such_entity(f"Instance Profile {name} cannot be found.") from None


def _page(operation: str, caller: Caller, parameters: Parameters, role: Identity | None = None) -> dict[str, Any]:
    pager = read_pager(operation, caller.account.number, parameters)
    prefix = parameters.get("PathPrefix", "")
    found = instance_profiles_after(caller.account, role, name=pager.name, path_prefix=prefix)
    page, more = pager.cut(found[: pager.most], lambda profile: (profile.name.lower(),))
    return {"InstanceProfiles": [rows.profile(profile, profile.role) for profile in page]} | more
