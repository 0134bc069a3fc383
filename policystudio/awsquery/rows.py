"""What the studio keeps of users, groups, roles and policies -> the members of AWS's answers, by their AWS names.

A member that is None is left out of the answer. What AWS has given no id yet has one that no other thing has.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from policystudio.identities.models import Identity, InlinePolicy, InstanceProfile
from policystudio.lib.stand_in_ids import stand_in_id
from policystudio.policies.models import ManagedPolicy, PolicyVersion

Members = dict[str, Any]


def named(identity: Identity) -> Members:
    """What every answer says of a user, group or role."""
    title = identity.kind.capitalize()
    return {
        "Path": identity.path,
        f"{title}Name": identity.name,
        f"{title}Id": unique_id(identity),
        "Arn": identity.arn,
        "CreateDate": identity.created_at,
    }


def unique_id(identity: Identity) -> str:
    """The id that AWS gave, as the account's export told it; what was made here has none yet."""
    return identity.unique_id or stand_in_id(identity.arn)


def listed(identity: Identity) -> Members:
    """What List operations say of a user, group or role: neither tags nor boundary nor last use, as in AWS."""
    members = named(identity) | _trust(identity)
    if identity.kind == Identity.Kind.ROLE:
        session = {"MaxSessionDuration": identity.max_session_duration}
        members |= {"Description": identity.description or None} | session
    return members | ({"PasswordLastUsed": identity.password_last_used} if identity.kind == Identity.Kind.USER else {})


def described(identity: Identity) -> Members:
    """What GetUser, GetGroup and GetRole say; there are tags and a boundary only where it has some."""
    members = listed(identity) | _boundary(identity) | last_used(identity)
    return members | ({"Tags": tags(identity.tags)} if identity.tags else {})


def detailed(identity: Identity) -> Members:
    """What GetAccountAuthorizationDetails says; its policies and groups are prefetched."""
    title = identity.kind.capitalize()
    members = named(identity) | {
        f"{title}PolicyList": [inline(policy) for policy in identity.inline_policies.all()],
        "AttachedManagedPolicies": [attached(policy) for policy in identity.managed_policies.all()],
    }
    if identity.kind == Identity.Kind.USER:
        members["GroupList"] = [group.name for group in identity.groups.all()]
    if identity.kind == Identity.Kind.ROLE:
        profiles = [profile(one, identity) for one in identity.instance_profiles.all()]
        members |= _trust(identity) | {"InstanceProfileList": profiles} | last_used(identity)
    if identity.kind != Identity.Kind.GROUP:
        members |= _boundary(identity) | {"Tags": tags(identity.tags)}
    return members


def profile(row: InstanceProfile, role: Identity) -> Members:
    """An instance profile as lists tell it, without tags, and of its role what the role is."""
    return {
        "Path": row.path,
        "InstanceProfileName": row.name,
        "InstanceProfileId": row.unique_id or stand_in_id(row.arn),
        "Arn": row.arn,
        "CreateDate": row.created_at,
        "Roles": [named(role) | _trust(role)],
    }


def last_used(role: Identity) -> Members:
    """When a role was used, as far as the account's export told; empty where it did not."""
    if role.kind != Identity.Kind.ROLE:
        return {}
    known = dict(role.last_used)
    if date := known.pop("LastUsedDate", None):
        known["LastUsedDate"] = datetime.fromisoformat(date)
    return {"RoleLastUsed": known}


def attached(policy: ManagedPolicy) -> Members:
    """A managed policy as something attached."""
    return {"PolicyName": policy.name, "PolicyArn": policy.arn}


def inline(policy: InlinePolicy) -> Members:
    """An inline policy with its document."""
    return {"PolicyName": policy.name, "PolicyDocument": encoded(policy.document.text)}


def managed(policy: ManagedPolicy, default_version: str | None, attachments: int, boundaries: int) -> Members:
    """What every answer says of a managed policy; one whose document nobody told has no default version.

    To the uses that are known here come those that AWS counted beyond what the export showed.
    """
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id or stand_in_id(policy.arn),
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": default_version,
        "AttachmentCount": max(attachments + policy.attachments_beyond, 0),
        "PermissionsBoundaryUsageCount": max(boundaries + policy.boundary_uses_beyond, 0),
        "IsAttachable": policy.is_attachable,
        "CreateDate": policy.created_at,
        "UpdateDate": policy.updated_at,
    }


def version(row: PolicyVersion, *, document: bool = True) -> Members:
    """A version of a managed policy, with its document or, in lists, without."""
    return {
        "Document": encoded(row.document.text) if document else None,
        "VersionId": row.version_id,
        "IsDefaultVersion": row.is_default,
        "CreateDate": row.created_at,
    }


def newest_first(versions: Iterable[PolicyVersion]) -> list[PolicyVersion]:
    """Versions in AWS's order."""
    return sorted(versions, key=lambda row: (version_number(row.version_id), row.version_id), reverse=True)


def version_number(version_id: str) -> int:
    """The number in the id of a version, 12 of ``v12``."""
    return int(version_id[1:].partition(".")[0])


def tags(pairs: Mapping[str, str]) -> list[Members]:
    """Tags as AWS writes them, by key."""
    return [tag(key, value) for key, value in sorted(pairs.items())]


def tag(key: str, value: str) -> Members:
    """One tag."""
    return {"Key": key, "Value": value}


def encoded(document: str) -> str:
    """A document as the API gives it: its exact text, percent-encoded by RFC 3986."""
    return quote(document, safe="")


def _trust(identity: Identity) -> Members:
    if identity.trust_document is None:
        return {}
    return {"AssumeRolePolicyDocument": encoded(identity.trust_document.text)}


def _boundary(identity: Identity) -> Members:
    if identity.boundary is None:
        return {}
    # What AWS writes, and its page on AttachedPermissionsBoundary says; the enumeration of its model has another word.
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": identity.boundary.arn}
    return {"PermissionsBoundary": boundary}
