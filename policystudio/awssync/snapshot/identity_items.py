"""UserDetail, GroupDetail and RoleDetail of an export -> IdentityRecord.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

import re
from collections.abc import Callable

from policystudio.awssync.snapshot.documents import Documents
from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.profile_items import read_profiles
from policystudio.awssync.snapshot.records import IdentityRecord
from policystudio.awssync.snapshot.report import Code
from policystudio.engine.document import PolicyKind
from policystudio.lib import iam_names, quotas
from policystudio.lib.stand_in_ids import without_stand_in

_COMMON_KEYS = {"Path", "Arn", "CreateDate", "AttachedManagedPolicies", "Tags"}
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
LONGEST_DESCRIPTION = 1000
#: The keys that AWS writes, those of its List and Get answers among them, which say nothing about permissions.
_KEYS = {
    "user": frozenset(
        _COMMON_KEYS | {"UserName", "UserId", "UserPolicyList", "GroupList", "PermissionsBoundary", "PasswordLastUsed"}
    ),
    "group": frozenset(_COMMON_KEYS | {"GroupName", "GroupId", "GroupPolicyList"}),
    "role": frozenset(
        _COMMON_KEYS
        | {"RoleName", "RoleId", "AssumeRolePolicyDocument", "InstanceProfileList", "RolePolicyList"}
        | {"PermissionsBoundary", "RoleLastUsed", "Description", "MaxSessionDuration"}
    ),
}
_arn = re.compile(r"arn:(aws(?:-[a-z0-9]+)*):iam::([0-9]{12}):(user|group|role)(/(?:[!-~]+/)?)([^/\s]+)", re.ASCII)


def read_identity(item: Item, kind: str, documents: Documents) -> IdentityRecord | None:
    """The record; None where the item names no identity of this kind, which is reported."""
    record = _named(item, kind)
    if record is None:
        return None
    title = kind.capitalize()
    record.unique_id = without_stand_in(item.text(f"{title}Id", longest=128), record.arn)
    record.tags = item.tags()
    record.created_at = item.date("CreateDate")
    record.attached = _attached(item)
    record.inline = _inline(item, f"{title}PolicyList", documents)
    if kind == "user":
        record.groups = list(dict.fromkeys(item.texts("GroupList")))
        record.password_last_used = item.date("PasswordLastUsed")
    if kind != "group":
        record.boundary = _boundary(item)
    if kind == "role":
        place = item.place.at("AssumeRolePolicyDocument")
        record.trust = documents.add(item.raw("AssumeRolePolicyDocument"), PolicyKind.TRUST, place, record.arn)
        record.last_used = _last_used(item)
        record.description = item.text("Description", longest=LONGEST_DESCRIPTION)
        record.max_session_duration = item.number("MaxSessionDuration")
        record.profiles = read_profiles(item.aside())
    item.check_keys(_KEYS[kind], f"{title}DetailList")
    record.gaps = item.gaps
    _check_quotas(item, record, documents)
    return record


def _named(item: Item, kind: str) -> IdentityRecord | None:
    """What the ARN says; names and paths beside it must agree."""
    arn = item.text("Arn")
    match = _arn.fullmatch(arn)
    if match is None or match[3] != kind or len(arn) > iam_names.ARN_LENGTH:
        wrong = f"`{arn[:200]}` is not the ARN of a {kind}" if arn else f"the {kind} has no `Arn`"
        item.tell(Code.ARN_MALFORMED, f"{wrong}: it was left out", "Arn" if arn else "")
        return None
    item.subject = arn
    _, number, _, path, name = match.groups()
    pattern = iam_names.LONG_NAME if kind == "group" else iam_names.SHORT_NAME
    if not iam_names.fits(pattern, name) or not iam_names.fits(iam_names.PATH, path) or len(path) > 512:
        item.tell(Code.NAME_MALFORMED, f"AWS gives no {kind} the name or path of `{arn[:200]}`: it was left out")
        return None
    for key, expected in ((f"{kind.capitalize()}Name", name), ("Path", path)):
        if (said := item.text(key)) and said != expected:
            message = f"`{key}` is `{said[:100]}`, but its ARN says `{expected}`: the ARN counts"
            item.tell(Code.FIELD_MALFORMED, message, key)
    return IdentityRecord(kind, arn, number, name, path, item.place)


def partition_of(arn: str) -> str:
    """The partition in an ARN."""
    return arn.split(":", 2)[1]


def _attached(item: Item) -> list[str]:
    arns = []
    for part in item.parts("AttachedManagedPolicies"):
        arn = part.text("PolicyArn")
        if arn:
            arns.append(arn)
        else:
            item.tell(Code.FIELD_MALFORMED, "an attached policy has no `PolicyArn`", "AttachedManagedPolicies")
            item.gaps.append("an attached policy has no ARN in the export")
    return list(dict.fromkeys(arns))


def _inline(item: Item, key: str, documents: Documents) -> dict[str, str]:
    inline: dict[str, str] = {}
    for part in item.parts(key):
        name = part.text("PolicyName")
        if not iam_names.fits(iam_names.INLINE_POLICY_NAME, name):
            wrong = f"AWS gives no inline policy the name `{name[:100]}`" if name else "an inline policy has no name"
            part.tell(Code.NAME_MALFORMED, f"{wrong}: it was left out")
            item.gaps.append(f"{wrong}: what it says was left out")
        elif name in inline:
            part.tell(Code.ITEM_TWICE, f"inline policy `{name}` stands twice: the first one was kept")
            item.gaps.append(f"the export has two inline policies named {name}")
        else:
            raw, place = part.raw("PolicyDocument"), part.place.at("PolicyDocument")
            inline[name] = documents.add(raw, PolicyKind.IDENTITY, place, item.subject)
        part.check_keys(frozenset({"PolicyName", "PolicyDocument"}), key)
    return inline


def _boundary(item: Item) -> str:
    part = item.part("PermissionsBoundary")
    if part is None:
        return ""
    arn = part.text("PermissionsBoundaryArn")
    if not arn:
        part.tell(Code.FIELD_MALFORMED, "the permissions boundary has no `PermissionsBoundaryArn`")
        item.gaps.append("its permissions boundary has no ARN in the export")
    return arn


def _last_used(item: Item) -> dict[str, str]:
    part = item.part("RoleLastUsed")
    if part is None:
        return {}
    moment, region = part.date("LastUsedDate"), part.text("Region", longest=32)
    return ({"LastUsedDate": moment.isoformat()} if moment else {}) | ({"Region": region} if region else {})


def _check_quotas(item: Item, record: IdentityRecord, documents: Documents) -> None:
    kind = record.kind
    size: Callable[[str], int] = lambda digest: quotas.policy_size(documents.by_digest[digest].text)  # noqa: E731 -- a name for one expression
    counts = [
        (len(record.attached), quotas.MANAGED_POLICIES_ATTACHED[kind], "managed policies attached"),
        (len(record.groups), quotas.GROUPS_PER_USER, "groups"),
        (sum(map(size, record.inline.values())), quotas.INLINE_POLICIES_SIZE[kind], "characters of inline policies"),
        (size(record.trust) if record.trust else 0, quotas.TRUST_POLICY_SIZE, "characters of trust policy"),
    ]
    for found, allowed, what in counts:
        if found > allowed:
            item.tell(Code.QUOTA_EXCEEDED, f"has {found:,} {what}, AWS allows {allowed:,}")
