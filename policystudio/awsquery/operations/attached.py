"""Operations that read the policies of an identity: inline ones by name and with their document, and attached ones."""

from typing import Any

from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import no_such_entity
from policystudio.awsquery.finding import find_identity, for_each_kind
from policystudio.awsquery.operations.policies import policy_page
from policystudio.awsquery.paging import read_pager
from policystudio.identities.models import Identity, InlinePolicy
from policystudio.identities.selectors import attached_to, inline_policies_after, inline_policy_named


@for_each_kind("List{}Policies")
def list_inline_policies(kind: Identity.Kind, name: str, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListUserPolicies, ListGroupPolicies and ListRolePolicies: the names of inline policies."""
    pager = read_pager(name, caller.account.number, parameters)
    identity = find_identity(caller, kind, parameters)
    page, more = pager.cut(inline_policies_after(identity, pager.name)[: pager.most], lambda policy: (policy.name,))
    return {"PolicyNames": [policy.name for policy in page]} | more


@for_each_kind("Get{}Policy")
def get_inline_policy(kind: Identity.Kind, _name: str, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """GetUserPolicy, GetGroupPolicy and GetRolePolicy: one inline policy with its document."""
    identity = find_identity(caller, kind, parameters)
    try:
        policy = inline_policy_named(identity, parameters["PolicyName"])
    except InlinePolicy.DoesNotExist:
        message = f"The {kind} policy with name {parameters['PolicyName']} cannot be found."
        raise no_such_entity(message) from None
    return {f"{kind.capitalize()}Name": identity.name} | rows.inline(policy)


@for_each_kind("ListAttached{}Policies")
def list_attached_policies(kind: Identity.Kind, name: str, caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """ListAttachedUserPolicies, ListAttachedGroupPolicies and ListAttachedRolePolicies: in the order of names."""
    pager = read_pager(name, caller.account.number, parameters, fields=2)
    identity = find_identity(caller, kind, parameters)
    page, more = policy_page(pager, attached_to(identity, parameters.get("PathPrefix", "")))
    return {"AttachedPolicies": [rows.attached(policy) for policy in page]} | more
