"""The demonstration's export files as policy stacks, read without the importer: the engine is asked about the files."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Levels, NamedPolicy, PolicyStack

DIRECTORY = Path(__file__).parents[2] / "policystudio" / "awssync" / "demo"
ACCOUNTS = {"research": "111122223333", "production": "444455556666", "shared-services": "777788889999"}
DETAILS = {"user": "UserDetailList", "group": "GroupDetailList", "role": "RoleDetailList"}
INLINE = {"user": "UserPolicyList", "group": "GroupPolicyList", "role": "RolePolicyList"}


@cache
def read(name: str) -> dict[str, Any]:
    """One of the files, by its name without `.json`."""
    document: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return document


def text_of(document: object) -> str:
    """A document's text: the API sends it URL-encoded, the command line as an object."""
    return unquote(document) if isinstance(document, str) else json.dumps(document, indent=2)


def parsed(document: object, kind: PolicyKind) -> Policy:
    """A document as the engine reads it."""
    return parse_policy(text_of(document), kind)


def documents() -> Iterable[tuple[str, object, PolicyKind]]:
    """Every policy document of every file, with its name."""
    for account in ACCOUNTS:
        export = read(account)
        for policy in export["Policies"]:
            for version in policy["PolicyVersionList"]:
                yield (
                    f"{account} {policy['PolicyName']} {version['VersionId']}",
                    version["Document"],
                    PolicyKind.IDENTITY,
                )
        for kind, details in DETAILS.items():
            for item in export[details]:
                for inline in item.get(INLINE[kind], []):
                    yield f"{item['Arn']} {inline['PolicyName']}", inline["PolicyDocument"], PolicyKind.IDENTITY
        for role in export["RoleDetailList"]:
            yield f"trust of {role['Arn']}", role["AssumeRolePolicyDocument"], PolicyKind.TRUST
    for policy in read("organization")["Policies"]:
        yield policy["Name"], policy["Content"], organization_kind(policy)


def organization_kind(policy: Mapping[str, Any]) -> PolicyKind:
    """Which kind of document an organization's policy is."""
    control = {
        "SERVICE_CONTROL_POLICY": PolicyKind.SERVICE_CONTROL,
        "RESOURCE_CONTROL_POLICY": PolicyKind.RESOURCE_CONTROL,
    }
    return control[policy["Type"]]


@dataclass(frozen=True)
class Identity:
    """A user or role of the files with the policies that it has."""

    arn: str
    tags: dict[str, str]
    policies: tuple[NamedPolicy, ...]
    boundary: NamedPolicy | None


@cache
def identity(arn: str) -> Identity | None:
    """A user or role by its ARN; None where the files have no such identity."""
    for account in ACCOUNTS:
        export = read(account)
        for kind in ("user", "role"):
            for item in export[DETAILS[kind]]:
                if item["Arn"] == arn:
                    return _identity(export, kind, item)
    return None


def trust_policy(role_arn: str) -> NamedPolicy:
    """The trust policy of a role of the files."""
    roles = (role for account in ACCOUNTS for role in read(account)["RoleDetailList"])
    document = next(role["AssumeRolePolicyDocument"] for role in roles if role["Arn"] == role_arn)
    return NamedPolicy("trust", parsed(document, PolicyKind.TRUST))


def levels(account: str, kind: PolicyKind) -> Levels:
    """The organization's policies of one kind for an account, root first."""
    organization = read("organization")
    parents = {item["Id"]: item["ParentId"] for item in organization["OrganizationalUnits"] + organization["Accounts"]}
    path = [account]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    policies = {item["Id"]: item for item in organization["Policies"] if organization_kind(item) is kind}
    attached = {place: [t["PolicyId"] for t in organization["Targets"] if t["TargetId"] == place] for place in path}
    return tuple(
        tuple(
            NamedPolicy(policies[key]["Name"], parsed(policies[key]["Content"], kind))
            for key in attached[place]
            if key in policies
        )
        for place in reversed(path)
    )


def stack(principal_account: str, who: Identity | None, resource_account: str, role: str | None) -> PolicyStack:
    """Everything that applies to a request of `who`; `role` is the role to be assumed, where that is asked."""
    boundary = who.boundary if who else None
    inside = principal_account in ACCOUNTS.values()
    return PolicyStack(
        identity_policies=who.policies if who else (),
        permissions_boundary=boundary,
        service_control_policies=levels(principal_account, PolicyKind.SERVICE_CONTROL) if inside else None,
        resource_control_policies=levels(resource_account, PolicyKind.RESOURCE_CONTROL),
        resource_policy=trust_policy(role) if role else None,
    )


def _identity(export: Mapping[str, Any], kind: str, item: Mapping[str, Any]) -> Identity:
    holders = [(kind, item)]
    groups = item.get("GroupList", [])
    holders += [("group", group) for group in export["GroupDetailList"] if group["GroupName"] in groups]
    found: list[NamedPolicy] = []
    for holder_kind, holder in holders:
        found += [
            NamedPolicy(inline["PolicyName"], parsed(inline["PolicyDocument"], PolicyKind.IDENTITY))
            for inline in holder.get(INLINE[holder_kind], [])
        ]
        found += [_managed(export, attached["PolicyArn"]) for attached in holder["AttachedManagedPolicies"]]
    boundary = item.get("PermissionsBoundary")
    return Identity(
        arn=item["Arn"],
        tags={tag["Key"]: tag["Value"] for tag in item["Tags"]},
        policies=tuple(found),
        boundary=_managed(export, boundary["PermissionsBoundaryArn"]) if boundary else None,
    )


def _managed(export: Mapping[str, Any], arn: str) -> NamedPolicy:
    policy = next(item for item in export["Policies"] if item["Arn"] == arn)
    version = next(item for item in policy["PolicyVersionList"] if item["IsDefaultVersion"])
    return NamedPolicy(policy["PolicyName"], parsed(version["Document"], PolicyKind.IDENTITY))
