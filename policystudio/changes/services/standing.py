"""What stands where an edit wants to write, from what was read at once: the same as ``selectors.present`` says."""

from collections.abc import Callable, Mapping
from typing import Any

from policystudio.changes.models import Edit
from policystudio.changes.selectors.present import EXISTS
from policystudio.changes.services.states import IdentityState, PolicyState, World

Kind = Edit.Kind
Json = dict[str, Any]


def standing(world: World, edit: Edit) -> Json | None:
    """What stood there before any edit was applied; None where nothing did."""
    return _READERS[Kind(edit.kind)](world, edit)


def _identity(world: World, arn: str) -> IdentityState | None:
    world.identities.get(arn)
    return world.identities.before[arn]


def _policy(world: World, arn: str) -> PolicyState | None:
    world.policies.get(arn)
    return world.policies.before[arn]


def _managed_policy(world: World, edit: Edit) -> Json | None:
    found = _policy(world, edit.target)
    if found is None:
        return None
    return EXISTS if found.text is None else {"text": found.text}


def _managed_policy_delete(world: World, edit: Edit) -> Json | None:
    found = _policy(world, edit.target)
    there = _managed_policy(world, edit)
    return None if found is None or there is None else {**there, "description": found.description, "tags": found.tags}


def _inline_policy(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    text = found.inline.get(edit.name) if found else None
    return None if text is None else {"text": text}


def _trust_policy(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    return {"text": found.trust} if found is not None and found.kind == "role" else None


def _boundary(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    return {"policy": found.boundary} if found is not None and found.boundary else None


def _attachment(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    return EXISTS if found is not None and edit.other in found.attached else None


def _membership(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    return EXISTS if found is not None and edit.other in found.groups else None


def _tags(world: World, edit: Edit) -> Json | None:
    found = _policy(world, edit.target) if ":policy/" in edit.target else _identity(world, edit.target)
    return None if found is None else {"tags": found.tags}


def _new_identity(world: World, edit: Edit) -> Json | None:
    return EXISTS if _identity(world, edit.target) is not None else None


def _identity_delete(world: World, edit: Edit) -> Json | None:
    found = _identity(world, edit.target)
    if found is None:
        return None
    return {
        "tags": found.tags,
        "boundary": found.boundary,
        "trust": found.trust,
        "inline": found.inline,
        "attached": sorted(found.attached),
        "groups": sorted(found.groups),
        "members": sorted(found.members),
    }


def _organization_policy(world: World, edit: Edit) -> Json | None:
    world.organization_policies.get(edit.target)
    found = world.organization_policies.before[edit.target]
    return None if found is None else {"text": found.text, "name": found.name, "description": found.description}


def _organization_policy_delete(world: World, edit: Edit) -> Json | None:
    there = _organization_policy(world, edit)
    found = world.organization_policies.before[edit.target]
    return None if found is None or there is None else {**there, "kind": found.kind}


def _organization_target(world: World, edit: Edit) -> Json | None:
    world.organization_policies.get(edit.target)
    found = world.organization_policies.before[edit.target]
    return EXISTS if found is not None and edit.other in found.targets else None


_READERS: Mapping[Kind, Callable[[World, Edit], Json | None]] = {
    Kind.MANAGED_POLICY: _managed_policy,
    Kind.MANAGED_POLICY_DELETE: _managed_policy_delete,
    Kind.INLINE_POLICY: _inline_policy,
    Kind.INLINE_POLICY_DELETE: _inline_policy,
    Kind.TRUST_POLICY: _trust_policy,
    Kind.BOUNDARY: _boundary,
    Kind.ATTACH: _attachment,
    Kind.DETACH: _attachment,
    Kind.JOIN_GROUP: _membership,
    Kind.LEAVE_GROUP: _membership,
    Kind.TAGS: _tags,
    Kind.IDENTITY: _new_identity,
    Kind.IDENTITY_DELETE: _identity_delete,
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.ORGANIZATION_POLICY_DELETE: _organization_policy_delete,
    Kind.ORGANIZATION_ATTACH: _organization_target,
    Kind.ORGANIZATION_DETACH: _organization_target,
}
