"""What stands in an account now where an edit wants to write: the base of the edit, or what the base became."""

from collections.abc import Callable
from typing import Any

from policystudio.accounts.models import Account, OrganizationPolicy, OrganizationPolicyTarget
from policystudio.changes.models import Edit
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import ManagedPolicy, PolicyVersion

Json = dict[str, Any]
Kind = Edit.Kind

#: What is there, where no more is to be said about it.
EXISTS: Json = {"exists": True}
#: Begins the target of an organization policy that the change makes; its name follows.
NEW = "new:"


def present(account: Account, kind: str, target: str, name: str = "", other: str = "") -> Json | None:
    """What stands there now; None where nothing does. Two answers are equal exactly where nothing changed between."""
    return _READERS[Kind(kind)](account, target, name, other)


def is_organization_kind(kind: str) -> bool:
    """Whether edits of this kind change the organization, and so every account of it."""
    return kind.startswith("organization-")


def organization_policy_of(account: Account, policy_id: str) -> OrganizationPolicy | None:
    """The policy with this id of the organization that the account stands in."""
    organization = account.organization
    if organization is None or policy_id.startswith(NEW):
        return None
    return OrganizationPolicy.objects.filter(organization=organization, policy_id=policy_id).first()


def _managed_policy(account: Account, target: str, _name: str, _other: str) -> Json | None:
    policy = ManagedPolicy.objects.filter(account=account, arn=target).first()
    if policy is None:
        return None
    texts = PolicyVersion.objects.filter(policy=policy, is_default=True).values_list("document__text", flat=True)
    text = texts.first()
    return EXISTS if text is None else {"text": text}


def _managed_policy_delete(account: Account, target: str, _name: str, _other: str) -> Json | None:
    standing = _managed_policy(account, target, "", "")
    policy = ManagedPolicy.objects.filter(account=account, arn=target).first()
    if standing is None or policy is None:
        return None
    return {**standing, "description": policy.description, "tags": policy.tags}


def _inline_policy(account: Account, target: str, name: str, _other: str) -> Json | None:
    found = InlinePolicy.objects.filter(identity__account=account, identity__arn=target, name=name)
    text = found.values_list("document__text", flat=True).first()
    return None if text is None else {"text": text}


def _trust_policy(account: Account, target: str, _name: str, _other: str) -> Json | None:
    found = Identity.objects.filter(account=account, arn=target, trust_document__isnull=False)
    text = found.values_list("trust_document__text", flat=True).first()
    return None if text is None else {"text": text}


def _boundary(account: Account, target: str, _name: str, _other: str) -> Json | None:
    found = Identity.objects.filter(account=account, arn=target, boundary__isnull=False)
    arn = found.values_list("boundary__arn", flat=True).first()
    return None if arn is None else {"policy": arn}


def _attachment(account: Account, target: str, _name: str, other: str) -> Json | None:
    found = PolicyAttachment.objects.filter(identity__account=account, identity__arn=target, policy__arn=other)
    return EXISTS if found.exists() else None


def _membership(account: Account, target: str, _name: str, other: str) -> Json | None:
    found = GroupMembership.objects.filter(user__account=account, user__arn=target, group__arn=other)
    return EXISTS if found.exists() else None


def _tags(account: Account, target: str, _name: str, _other: str) -> Json | None:
    row = Identity.objects.filter(account=account, arn=target).first()
    row = row or ManagedPolicy.objects.filter(account=account, arn=target).first()  # type: ignore[assignment]  # both have tags
    return None if row is None else {"tags": row.tags}


def _identity(account: Account, target: str, _name: str, _other: str) -> Json | None:
    return EXISTS if Identity.objects.filter(account=account, arn=target).exists() else None


def _identity_delete(account: Account, target: str, _name: str, _other: str) -> Json | None:
    """All that goes with the identity, so that nothing is removed which its author did not see."""
    identity = Identity.objects.filter(account=account, arn=target).select_related("boundary", "trust_document").first()
    if identity is None:
        return None
    inline = identity.inline_policies.values_list("name", "document__text")
    return {
        "tags": identity.tags,
        "boundary": identity.boundary.arn if identity.boundary else "",
        "trust": identity.trust_document.text if identity.trust_document else "",
        "inline": dict(inline),
        "attached": sorted(identity.managed_policies.values_list("arn", flat=True)),
        "groups": sorted(identity.groups.values_list("arn", flat=True)),
        "members": sorted(identity.members.values_list("arn", flat=True)),
    }


def _organization_policy(account: Account, target: str, _name: str, _other: str) -> Json | None:
    policy = organization_policy_of(account, target)
    if policy is None:
        return None
    return {"text": policy.text, "name": policy.name, "description": policy.description}


def _organization_policy_delete(account: Account, target: str, _name: str, _other: str) -> Json | None:
    policy = organization_policy_of(account, target)
    if policy is None:
        return None
    return {"text": policy.text, "name": policy.name, "description": policy.description, "kind": policy.kind}


def _organization_target(account: Account, target: str, _name: str, other: str) -> Json | None:
    policy = organization_policy_of(account, target)
    if policy is None:
        return None
    key = "account__number" if other.isdigit() else "unit__unit_id"
    return EXISTS if OrganizationPolicyTarget.objects.filter(policy=policy, **{key: other}).exists() else None


_READERS: dict[str, Callable[[Account, str, str, str], Json | None]] = {
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
    Kind.IDENTITY: _identity,
    Kind.IDENTITY_DELETE: _identity_delete,
    Kind.ORGANIZATION_POLICY: _organization_policy,
    Kind.ORGANIZATION_POLICY_DELETE: _organization_policy_delete,
    Kind.ORGANIZATION_ATTACH: _organization_target,
    Kind.ORGANIZATION_DETACH: _organization_target,
}
