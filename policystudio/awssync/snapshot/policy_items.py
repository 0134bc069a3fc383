"""ManagedPolicyDetail of an export -> PolicyRecord."""

import re

from policystudio.awssync.snapshot.documents import Documents
from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.records import PolicyRecord, VersionRecord
from policystudio.awssync.snapshot.report import Code, Place
from policystudio.engine.document import PolicyKind
from policystudio.lib import iam_names, quotas
from policystudio.lib.stand_in_ids import without_stand_in

_KEYS = frozenset(
    {"PolicyName", "PolicyId", "Arn", "Path", "DefaultVersionId", "AttachmentCount", "Description", "Tags"}
    | {"PermissionsBoundaryUsageCount", "IsAttachable", "CreateDate", "UpdateDate", "PolicyVersionList"}
)
_VERSION_KEYS = frozenset({"Document", "VersionId", "IsDefaultVersion", "CreateDate"})
_arn = re.compile(
    r"arn:(aws(?:-[a-z0-9]+)*):iam::([0-9]{12}|aws):policy((?:/[A-Za-z0-9.,+@=_-]+)*/)([A-Za-z0-9_+=,.@-]{1,128})",
    re.ASCII,
)


def policy_named_by(arn: str, place: Place) -> PolicyRecord | None:
    """A policy of which nothing but its ARN is known; None where that is no ARN of a managed policy."""
    match = _arn.fullmatch(arn)
    if match is None or len(match[3]) > iam_names.PATH_LENGTH:
        return None
    return PolicyRecord(arn, match[4], match[3], place, is_aws_managed=match[2] == "aws")


def owner_of(arn: str) -> str:
    """The account number in the ARN of a managed policy, ``aws`` for one of AWS's own."""
    return arn.split(":", 5)[4]


def read_policy(item: Item, documents: Documents) -> PolicyRecord | None:
    """The record; None where the item names no managed policy, which is reported."""
    arn = item.text("Arn")
    record = policy_named_by(arn, item.place)
    if record is None:
        wrong = f"`{arn[:200]}` is not the ARN of a managed policy" if arn else "the policy has no `Arn`"
        item.tell(Code.ARN_MALFORMED, f"{wrong}: it was left out", "Arn" if arn else "")
        return None
    item.subject = arn
    for key, expected in (("PolicyName", record.name), ("Path", record.path)):
        if (said := item.text(key)) and said != expected:
            message = f"`{key}` is `{said[:100]}`, but its ARN says `{expected}`: the ARN counts"
            item.tell(Code.FIELD_MALFORMED, message, key)
    record.policy_id = without_stand_in(item.text("PolicyId", longest=128), record.arn)
    record.description = item.text("Description")
    record.tags = item.tags()
    record.created_at, record.updated_at = item.date("CreateDate"), item.date("UpdateDate")
    record.is_attachable = item.flag("IsAttachable") is not False
    record.attachment_count = item.number("AttachmentCount")
    record.boundary_count = item.number("PermissionsBoundaryUsageCount")
    record.versions = _versions(item, record, documents)
    item.check_keys(_KEYS, "Policies")
    return record


def _versions(item: Item, record: PolicyRecord, documents: Documents) -> list[VersionRecord]:
    found: dict[str, VersionRecord] = {}
    for part in item.parts("PolicyVersionList"):
        version_id = part.text("VersionId")
        if not iam_names.fits(iam_names.VERSION_ID, version_id) or len(version_id) > 64:
            part.tell(Code.NAME_MALFORMED, f"`{version_id[:64]}` is no version id such as v1: it was left out")
            continue
        if version_id in found:
            part.tell(Code.ITEM_TWICE, f"version {version_id} stands twice: the first one was kept")
            continue
        digest = documents.add(part.raw("Document"), PolicyKind.IDENTITY, part.place.at("Document"), record.arn)
        created_at = part.date("CreateDate")
        found[version_id] = VersionRecord(version_id, digest, part.flag("IsDefaultVersion") is True, created_at)
        part.check_keys(_VERSION_KEYS, "PolicyVersionList")
        _check_size(part, record, documents.by_digest[digest].text)
    _choose_default(item, found)
    return _at_most_five(item, list(found.values()))


def _choose_default(item: Item, found: dict[str, VersionRecord]) -> None:
    """Exactly one version is in force. Where the export contradicts itself none is, and the policy says nothing."""
    if not found:
        item.tell(Code.DOCUMENT_MISSING, "has no version, so that what it says is unknown", "PolicyVersionList")
        return
    named = item.text("DefaultVersionId")
    flagged = {version.version_id for version in found.values() if version.is_default}
    if flagged == ({named} if named else flagged) and len(flagged) == 1:
        return
    # Where nothing is said, the only version there is must be the one in force.
    candidates = {named} & found.keys() if named else flagged or set(found)
    chosen = candidates if len(candidates) == 1 and flagged <= candidates else set()
    for version in found.values():
        version.is_default = version.version_id in chosen
    if not chosen:
        what = f"`DefaultVersionId` is `{named[:64]}`, " if named else "`DefaultVersionId` is missing, "
        what += f"and the versions that say they are the default: {', '.join(sorted(flagged)) or 'none'}"
        item.tell(Code.DEFAULT_VERSION_UNCLEAR, f"{what}. Which version is in force is unknown")


def _at_most_five(item: Item, versions: list[VersionRecord]) -> list[VersionRecord]:
    if len(versions) <= quotas.POLICY_VERSIONS:
        return versions
    newest = sorted(versions, key=lambda one: (one.is_default, _number_of(one.version_id)), reverse=True)
    kept = newest[: quotas.POLICY_VERSIONS]
    left_out = ", ".join(one.version_id for one in newest[quotas.POLICY_VERSIONS :])
    message = f"has {len(versions)} versions, AWS keeps {quotas.POLICY_VERSIONS}: {left_out[:200]} were left out"
    item.tell(Code.TOO_MANY_VERSIONS, message, "PolicyVersionList")
    return [one for one in versions if one in kept]


def _number_of(version_id: str) -> int:
    return int(re.match(r"v(\d{1,60})", version_id)[1])  # type: ignore[index]  # the id fits the pattern


def _check_size(part: Item, record: PolicyRecord, text: str) -> None:
    size = quotas.policy_size(text)
    if not record.is_aws_managed and size > quotas.MANAGED_POLICY_SIZE:
        allowed = f"AWS allows {quotas.MANAGED_POLICY_SIZE:,} without white space"
        part.tell(Code.QUOTA_EXCEEDED, f"the document has {size:,} characters, {allowed}")
