"""InstanceProfileList of a RoleDetail -> ProfileRecord.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html
"""

import re

from policystudio.awssync.snapshot.item import Item
from policystudio.awssync.snapshot.records import ProfileRecord
from policystudio.awssync.snapshot.report import Code
from policystudio.lib import iam_names
from policystudio.lib.stand_in_ids import without_stand_in

_KEYS = frozenset({"Path", "InstanceProfileName", "InstanceProfileId", "Arn", "CreateDate", "Roles", "Tags"})
_arn = re.compile(r"arn:(aws(?:-[a-z0-9]+)*):iam::([0-9]{12}):instance-profile(/(?:[!-~]+/)?)([^/\s]+)", re.ASCII)


def read_profiles(role: Item) -> list[ProfileRecord]:
    """The instance profiles that a role is in; what is none is reported and left out."""
    found: dict[str, ProfileRecord] = {}
    for part in role.parts("InstanceProfileList"):
        profile = _profile(part, role.subject)
        if profile is None:
            continue
        if found.setdefault(profile.name.lower(), profile) is not profile:
            part.tell(Code.ITEM_TWICE, f"instance profile `{profile.name}` stands twice: the first one was kept")
        part.check_keys(_KEYS, "InstanceProfileList")
    return list(found.values())


def _profile(part: Item, role: str) -> ProfileRecord | None:
    """What the ARN says; it belongs to the account of the role. What the answer says of the role again is not read."""
    arn = part.text("Arn")
    match = _arn.fullmatch(arn)
    if match is None or len(arn) > iam_names.ARN_LENGTH or match[2] != role.split(":", 5)[4]:
        wrong = f"`{arn[:200]}` is not the ARN of an instance profile of the account" if arn else "there is no `Arn`"
        part.tell(Code.ARN_MALFORMED, f"{wrong}: it was left out", "Arn" if arn else "")
        return None
    _, _, path, name = match.groups()
    if not iam_names.fits(iam_names.LONG_NAME, name) or len(path) > iam_names.PATH_LENGTH:
        message = f"AWS gives no instance profile the name or path of `{arn[:200]}`: it was left out"
        part.tell(Code.NAME_MALFORMED, message)
        return None
    unique_id = without_stand_in(part.text("InstanceProfileId", longest=128), arn)
    return ProfileRecord(arn, name, path, part.place, unique_id, part.tags(), part.date("CreateDate"))
