"""Exports for tests: each function writes one thing as AWS does, so that a test says only what is special."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from policystudio.awssync.services import account_import
from policystudio.awssync.snapshot import Export, Report, link_export, read_export

NUMBER = "111122223333"
OTHER = "444455556666"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REAL = Path(__file__).parents[1] / "awssync" / "data" / "authz-details-small.json"
CREATED = "2019-12-18T19:10:08+00:00"

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def arn(kind: str, name: str, number: str = NUMBER, path: str = "/") -> str:
    return f"arn:aws:iam::{number}:{kind}{path}{name}"


def _detail(kind: str, name: str, number: str, path: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "Path": path,
        f"{kind}Name": name,
        f"{kind}Id": f"ID{name.upper()}",
        "Arn": arn(kind.lower(), name, number, path),
        "CreateDate": CREATED,
        "AttachedManagedPolicies": [],
    } | fields


def attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": one.rpartition("/")[2], "PolicyArn": one} for one in arns]


def inline(**documents: Any) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": document} for name, document in documents.items()]


def user(name: str = "ann", *, number: str = NUMBER, path: str = "/", **fields: Any) -> dict[str, Any]:
    return _detail("User", name, number, path, {"GroupList": [], "Tags": []} | fields)


def group(name: str = "team", *, number: str = NUMBER, path: str = "/", **fields: Any) -> dict[str, Any]:
    return _detail("Group", name, number, path, {"GroupPolicyList": []} | fields)


def role(name: str = "job", *, number: str = NUMBER, path: str = "/", **fields: Any) -> dict[str, Any]:
    defaults = {"AssumeRolePolicyDocument": TRUST, "InstanceProfileList": [], "RolePolicyList": [], "RoleLastUsed": {}}
    return _detail("Role", name, number, path, defaults | fields)


def version(version_id: str = "v1", document: Any = ALLOW, *, default: bool = True) -> dict[str, Any]:
    return {"Document": document, "VersionId": version_id, "IsDefaultVersion": default, "CreateDate": CREATED}


def policy(name: str = "ml", *, number: str = NUMBER, document: Any = ALLOW, **fields: Any) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper()}",
        "Arn": arn("policy", name, number),
        "Path": "/",
        "DefaultVersionId": "v1",
        "IsAttachable": True,
        "CreateDate": CREATED,
        "UpdateDate": CREATED,
        "PolicyVersionList": [version(document=document)],
    } | fields


def export(*items: dict[str, Any], **page: Any) -> dict[str, Any]:
    """One page with these users, groups, roles and policies, each put into its list."""
    lists: dict[str, list[Any]] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    names = {"UserName": "UserDetailList", "GroupName": "GroupDetailList", "RoleName": "RoleDetailList"}
    for item in items:
        lists[next((where for key, where in names.items() if key in item), "Policies")].append(item)
    return lists | page


def full(*, number: str = NUMBER) -> dict[str, Any]:
    """An account with one of everything."""
    ml, edge = arn("policy", "ml", number), arn("policy", "edge", number)
    return export(
        user("ann", number=number, GroupList=["team"], UserPolicyList=inline(own=ALLOW),
             AttachedManagedPolicies=attached(ml), Tags=[{"Key": "team", "Value": "ml"}]),
        user("bob", number=number, PermissionsBoundary={"PermissionsBoundaryArn": edge}),
        group("team", number=number, AttachedManagedPolicies=attached(ml), GroupPolicyList=inline(shared=DENY)),
        role("job", number=number, RolePolicyList=inline(own=ALLOW, other=DENY)),
        policy("ml", number=number, PolicyVersionList=[version("v2", DENY), version("v1", ALLOW, default=False)],
               DefaultVersionId="v2"),
        policy("edge", number=number),
        policy("AmazonSageMakerReadOnly", number="aws"),
    )  # fmt: skip


def item(content: dict[str, Any], name: str) -> dict[str, Any]:
    """The item of an export with this name."""
    keys = ("UserName", "GroupName", "RoleName", "PolicyName")
    lists = [one for one in content.values() if isinstance(one, list)]
    (found,) = [one for items in lists for one in items if any(one.get(key) == name for key in keys)]
    return found


def as_file(content: Any) -> BinaryIO:
    """A file of these bytes, this text, or this value as JSON."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    return io.BytesIO((content if isinstance(content, str) else json.dumps(content, indent=4)).encode())


def read(content: Any, *, limit: int = 1 << 30) -> tuple[Export, Report]:
    """Read and linked, without any row."""
    report = Report()
    result = read_export(as_file(content), report, limit=limit)
    link_export(result, report)
    return result, report


def run(content: Any, **options: Any) -> Report:
    """Imported, by the command line where nothing else is said."""
    return account_import(file=as_file(content), **{"by": None, "now": NOW, **options})


def told(report: Report) -> list[tuple[str, str, str]]:
    """What a report found: code, path and subject."""
    return [(str(one.code), one.place.path, one.subject) for one in report.findings]


def changed(report: Report) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What a report says was changed."""
    return [
        (one["change"], one["kind"], one["arn"].rpartition("/")[2], tuple(one["what"]))
        for account in report.accounts
        for one in account.changes
    ]
