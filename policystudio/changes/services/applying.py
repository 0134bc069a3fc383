"""One edit applied to what it touches, in memory; what cannot be is refused with the fix."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from policystudio.changes.models import Edit
from policystudio.changes.selectors import iam_name
from policystudio.changes.selectors.present import NEW
from policystudio.changes.selectors.words import short_name
from policystudio.changes.services.states import IdentityState, OrganizationPolicyState, PolicyState, World
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy

Kind = Edit.Kind
SERVICE_ROLES = "/aws-service-role/"


class Named(Protocol):
    """A row or a state that has a name and a path."""

    name: Any
    path: Any


class ApplyError(ValueError):
    """An edit cannot be applied to what is there; the text says why and what to do."""


def apply(world: World, edit: Edit) -> None:
    """Make the world what the edit says; raises ``ApplyError``."""
    _APPLIERS[Kind(edit.kind)](world, edit)


def in_order(edits: list[Edit]) -> list[Edit]:
    """The edits in the order in which they can be applied: what is made comes first, what is removed last."""
    rank = {kind: at for at, kind in enumerate(_APPLIERS)}
    return sorted(edits, key=lambda edit: (rank[Kind(edit.kind)], edit.position, edit.pk or 0))


def _identity(world: World, arn: str) -> IdentityState:
    found = world.identities.get(arn)
    if found is None:
        raise ApplyError(
            f"`{short_name(arn)}` is not in {world.account.name}: create it in this change, or take this out"
        )
    if found.service_linked:
        raise ApplyError(f"`{short_name(arn)}` is a service-linked role: its service alone changes it")
    return found


def _policy(world: World, arn: str) -> PolicyState:
    found = world.policies.get(arn)
    if found is None:
        managed = arn.split(":")[4] == "aws"
        hint = "the account's export does not tell it" if managed else "create it in this change, or name another one"
        raise ApplyError(f"the policy `{arn}` is not in {world.account.name}: {hint}")
    return found


def _managed_policy(world: World, edit: Edit) -> None:
    found = world.policies.get(edit.target)
    if found is not None:
        found.text = edit.text
        return
    name = iam_name(edit.target, world.account, "policy")
    rows = ManagedPolicy.objects.filter(account=world.account, name__iexact=name.name, is_aws_managed=False)
    others = [one for one in world.policies.after.values() if one and one.name.lower() == name.name.lower()]
    _check_free("policy", rows.first() or next(iter(others), None))
    state = PolicyState(edit.target, name.name, name.path, str(edit.data.get("description", "")), {}, edit.text)
    world.policies.put(edit.target, state)


def _new_identity(world: World, edit: Edit) -> None:
    if world.identities.get(edit.target) is not None:
        raise ApplyError(f"`{short_name(edit.target)}` is there already: edit it instead")
    name = iam_name(edit.target, world.account, "user", "group", "role")
    rows = Identity.objects.filter(account=world.account, kind=name.kind, name__iexact=name.name)
    alike = (name.kind, name.name.lower())
    others = [one for one in world.identities.after.values() if one and (one.kind, one.name.lower()) == alike]
    _check_free(name.kind, rows.first() or next(iter(others), None))
    if name.path.startswith(SERVICE_ROLES):
        raise ApplyError(f"a service alone creates roles in {SERVICE_ROLES}: choose another path")
    tags = dict(edit.data.get("tags") or {})
    if tags and name.kind == "group":
        raise ApplyError("a group has no tags: leave them out")
    state = IdentityState(edit.target, name.kind, name.name, name.path, tags, trust=edit.text)
    world.identities.put(edit.target, state)


def _check_free(kind: str, same: Named | None) -> None:
    """IAM tells names of a kind apart by their letters, whatever their case and path."""
    if same is not None:
        raise ApplyError(f"the path {same.path} has a {kind} called `{same.name}` already: choose another name")


def _trust_policy(world: World, edit: Edit) -> None:
    _identity(world, edit.target).trust = edit.text


def _tags(world: World, edit: Edit) -> None:
    holder = _policy(world, edit.target) if ":policy/" in edit.target else _identity(world, edit.target)
    holder.tags = dict(edit.data["tags"])


def _inline_policy(world: World, edit: Edit) -> None:
    _identity(world, edit.target).inline[edit.name] = edit.text


def _inline_policy_delete(world: World, edit: Edit) -> None:
    found = _identity(world, edit.target)
    if found.inline.pop(edit.name, None) is None:
        raise ApplyError(f"`{short_name(edit.target)}` has no inline policy `{edit.name}`: take this out")


def _boundary(world: World, edit: Edit) -> None:
    found = _identity(world, edit.target)
    if edit.other:
        _policy(world, edit.other)
    found.boundary = edit.other


def _attach(world: World, edit: Edit) -> None:
    found = _identity(world, edit.target)
    _policy(world, edit.other)
    _join(found.attached, edit.other, f"`{short_name(edit.target)}` has `{short_name(edit.other)}` already")


def _detach(world: World, edit: Edit) -> None:
    found = _identity(world, edit.target)
    _part(found.attached, edit.other, f"`{short_name(edit.target)}` does not have `{short_name(edit.other)}`")


def _join_group(world: World, edit: Edit) -> None:
    user, group = _identity(world, edit.target), _identity(world, edit.other)
    _join(user.groups, edit.other, f"`{short_name(edit.target)}` is in `{short_name(edit.other)}` already")
    group.members.add(edit.target)


def _leave_group(world: World, edit: Edit) -> None:
    user, group = _identity(world, edit.target), _identity(world, edit.other)
    _part(user.groups, edit.other, f"`{short_name(edit.target)}` is not in `{short_name(edit.other)}`")
    group.members.discard(edit.target)


def _identity_delete(world: World, edit: Edit) -> None:
    _identity(world, edit.target)
    world.identities.put(edit.target, None)
    for state in world.identities.after.values():
        if state is not None:
            state.groups.discard(edit.target)
            state.members.discard(edit.target)


def _managed_policy_delete(world: World, edit: Edit) -> None:
    _policy(world, edit.target)
    touched = world.identities.after
    rows = Identity.objects.filter(account=world.account).order_by("kind", "name")
    bearers = [
        *rows.filter(attachments__policy__arn=edit.target).values_list("arn", flat=True),
        *rows.filter(boundary__arn=edit.target).values_list("arn", flat=True),
    ]
    left = [arn for arn in bearers if arn not in touched]
    left += [arn for arn, one in touched.items() if one and edit.target in (*one.attached, one.boundary)]
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        raise ApplyError(
            f"it is still attached to, or the boundary of, `{short_name(left[0])}`{more}: take it off first"
        )
    world.policies.put(edit.target, None)


def _organization(world: World, policy_id: str) -> OrganizationPolicyState:
    found = world.organization_policies.get(policy_id)
    if found is None:
        hint = "create it in this change" if policy_id.startswith(NEW) else "take this out"
        raise ApplyError(f"the organization has no policy `{policy_id}`: {hint}")
    return found


def _organization_policy(world: World, edit: Edit) -> None:
    found = world.organization_policies.get(edit.target)
    if found is None and not edit.target.startswith(NEW):
        raise ApplyError(f"the organization has no policy `{edit.target}`: name a new one as new:NAME")
    kind = str(edit.data.get("kind") or (found.kind if found else "scp"))
    if found is not None and kind != found.kind:
        raise ApplyError(f"a policy of kind {found.kind} cannot become one of kind {kind}: create another one")
    named = found or OrganizationPolicyState(edit.target, kind, edit.target.removeprefix(NEW))
    named.name = str(edit.data.get("name") or named.name)
    named.description = str(edit.data.get("description", named.description))[:512]
    named.text = edit.text
    world.organization_policies.put(edit.target, named)


def _organization_policy_delete(world: World, edit: Edit) -> None:
    found = _organization(world, edit.target)
    if found.targets:
        raise ApplyError(f"it is still attached to {', '.join(sorted(found.targets))}: detach it first")
    world.organization_policies.put(edit.target, None)


def _organization_attach(world: World, edit: Edit) -> None:
    found = _organization(world, edit.target)
    _join(found.targets, edit.other, f"`{edit.other}` has `{found.name}` already")


def _organization_detach(world: World, edit: Edit) -> None:
    found = _organization(world, edit.target)
    _part(found.targets, edit.other, f"`{edit.other}` does not have `{found.name}`")


def _join(joined: set[str], other: str, problem: str) -> None:
    if other in joined:
        raise ApplyError(f"{problem}: take this out")
    joined.add(other)


def _part(joined: set[str], other: str, problem: str) -> None:
    if other not in joined:
        raise ApplyError(f"{problem}: take this out")
    joined.discard(other)


#: In the order in which edits are applied.
_APPLIERS: Mapping[Kind, Callable[[World, Edit], None]] = {
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.MANAGED_POLICY: _managed_policy,
    Kind.IDENTITY: _new_identity,
    Kind.TRUST_POLICY: _trust_policy,
    Kind.TAGS: _tags,
    Kind.INLINE_POLICY: _inline_policy,
    Kind.INLINE_POLICY_DELETE: _inline_policy_delete,
    Kind.LEAVE_GROUP: _leave_group,
    Kind.DETACH: _detach,
    Kind.ORGANIZATION_DETACH: _organization_detach,
    Kind.BOUNDARY: _boundary,
    Kind.JOIN_GROUP: _join_group,
    Kind.ATTACH: _attach,
    Kind.ORGANIZATION_ATTACH: _organization_attach,
    Kind.IDENTITY_DELETE: _identity_delete,
    Kind.MANAGED_POLICY_DELETE: _managed_policy_delete,
    Kind.ORGANIZATION_POLICY_DELETE: _organization_policy_delete,
}
