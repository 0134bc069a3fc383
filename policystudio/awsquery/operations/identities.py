"""Operations that read users, groups and roles: Get, List, who is in which group, and their tags."""

from typing import Any

from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import validation_error
from policystudio.awsquery.finding import find_identity, for_each_kind, reading, tag_page
from policystudio.awsquery.paging import read_pager
from policystudio.identities.models import Identity
from policystudio.identities.selectors import groups_after, identities_after, members_after

Kind = Identity.Kind


@for_each_kind("List{}s")
def list_identities(kind: Kind, name: str, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListUsers, ListGroups and ListRoles: in the order of names, below a path where one is given."""
    pager = read_pager(name, caller.account.number, parameters)
    prefix = parameters.get("PathPrefix", "")
    found = identities_after(caller.account, kind, name=pager.name, path_prefix=prefix)
    page, more = pager.cut(found[: pager.most], _place)
    return {f"{kind.capitalize()}s": [rows.listed(identity) for identity in page]} | more


@reading("GetUser")
def get_user(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetUser: whoever calls is a client of the studio, no user of the account, so that it has to name one."""
    if "UserName" not in parameters:
        raise validation_error("Must specify userName when calling with non-User credentials")
    return {"User": rows.described(find_identity(caller, Kind.USER, parameters))}


@reading("GetRole")
def get_role(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetRole: with its trust policy, tags, boundary and last use."""
    return {"Role": rows.described(find_identity(caller, Kind.ROLE, parameters))}


@reading("GetGroup")
def get_group(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetGroup: the group on every page, and its users in the order of names."""
    pager = read_pager("GetGroup", caller.account.number, parameters)
    group = find_identity(caller, Kind.GROUP, parameters)
    page, more = pager.cut(members_after(group, pager.name)[: pager.most], _place)
    return {"Group": rows.named(group), "Users": [rows.named(user) for user in page]} | more


@reading("ListGroupsForUser")
def list_groups_for_user(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListGroupsForUser: in the order of names."""
    pager = read_pager("ListGroupsForUser", caller.account.number, parameters)
    user = find_identity(caller, Kind.USER, parameters)
    page, more = pager.cut(groups_after(user, pager.name)[: pager.most], _place)
    return {"Groups": [rows.named(group) for group in page]} | more


@for_each_kind("List{}Tags", Kind.USER, Kind.ROLE)
def list_tags(kind: Kind, name: str, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListUserTags and ListRoleTags: in the order of keys."""
    pager = read_pager(name, caller.account.number, parameters, fields=2)
    return tag_page(pager, find_identity(caller, kind, parameters).tags)


def _place(identity: Identity) -> tuple[str, ...]:
    return (identity.name.lower(),)
