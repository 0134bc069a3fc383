"""What an account export or a download says in everything that the studio keeps, to compare the two."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from policystudio.awssync.snapshot.dates import parse_date

KINDS = {"UserDetailList": "User", "GroupDetailList": "Group", "RoleDetailList": "Role"}


def modelled(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The items of an export by ARN, in one form, whatever wrote it."""
    found = {}
    for key, title in KINDS.items():
        found |= {item["Arn"]: _identity(item, title) for item in content[key]}
    return found | {item["Arn"]: _policy(item) for item in content["Policies"]}


def _identity(item: dict[str, Any], title: str) -> dict[str, Any]:
    used = item.get("RoleLastUsed", {})
    return {
        "name": (item["Path"], item[f"{title}Name"], item[f"{title}Id"]),
        "created": _date(item.get("CreateDate")),
        "groups": sorted(item.get("GroupList", [])),
        "attached": sorted((one["PolicyName"], one["PolicyArn"]) for one in item["AttachedManagedPolicies"]),
        "inline": {one["PolicyName"]: _document(one["PolicyDocument"]) for one in item.get(f"{title}PolicyList", [])},
        "boundary": item.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "tags": {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])},
        "trust": _document(item.get("AssumeRolePolicyDocument")),
        "used": (_date(used.get("LastUsedDate")), used.get("Region")),
        "profiles": {one["Arn"]: _profile(one) for one in item.get("InstanceProfileList", [])},
    }


def _profile(item: dict[str, Any]) -> Any:
    """With what stands in it of its role."""
    roles = [
        (one["Path"], one["RoleName"], one["RoleId"], one["Arn"], _date(one["CreateDate"]),
         _document(one["AssumeRolePolicyDocument"]))
        for one in item["Roles"]
    ]  # fmt: skip
    return item["Path"], item["InstanceProfileName"], item["InstanceProfileId"], _date(item["CreateDate"]), roles


def _policy(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": (item["Path"], item["PolicyName"], item["PolicyId"]),
        "default": item.get("DefaultVersionId"),
        "description": item.get("Description"),
        "attachable": item["IsAttachable"],
        "dates": (_date(item.get("CreateDate")), _date(item.get("UpdateDate"))),
        "versions": {
            one["VersionId"]: (_document(one["Document"]), one["IsDefaultVersion"], _date(one["CreateDate"]))
            for one in item["PolicyVersionList"]
        },
    }


def _document(written: Any) -> Any:
    """A document as an object; one that is no JSON as its text."""
    if not isinstance(written, str):
        return written
    text = written if written.lstrip().startswith("{") else unquote(written)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _date(written: Any) -> datetime | None:
    return written if isinstance(written, datetime) else parse_date(written)
