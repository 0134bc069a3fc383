"""Instance profiles of one account: the rows are made to say what the export says."""

from collections.abc import Iterable, Mapping
from typing import Any

from policystudio.accounts.models import Account
from policystudio.awssync.services import rows
from policystudio.awssync.snapshot.records import IdentityRecord, ProfileRecord
from policystudio.identities.models import Identity, InstanceProfile


def write_profiles(
    account: Account, told: Iterable[IdentityRecord], stored: Mapping[str, Identity], *, keep_missing: bool
) -> set[int]:
    """Remove, update and add; answers with the primary keys of the roles of which others were told.

    ``stored`` are the account's identities by ARN. ``keep_missing`` keeps those of roles that the export does not tell.
    """
    profiles = {profile.arn: (profile, stored[one.arn].pk) for one in told for profile in one.profiles}
    told_roles = {stored[one.arn].pk for one in told}
    names = {profile.name.lower() for profile, _ in profiles.values()}
    old = {row.arn: row for row in InstanceProfile.objects.filter(account=account)}
    gone = [
        row
        for arn, row in old.items()
        if arn not in profiles and (not keep_missing or row.role_id in told_roles or row.name.lower() in names)
    ]
    changed = {row.role_id for row in gone}
    rows.delete(InstanceProfile, [row.pk for row in gone])
    new: list[InstanceProfile] = []
    updated: list[InstanceProfile] = []
    for arn, (profile, role) in profiles.items():
        row = old.get(arn)
        if row is None:
            new.append(InstanceProfile(account=account, arn=arn, role_id=role, **_values(profile)))
            changed.add(role)
            continue
        before = row.role_id
        if rows.assign(row, {"role_id": role} | _values(profile)):
            updated.append(row)
            changed |= {before, role}
    rows.update(InstanceProfile, updated, ("role", "path", "name", "unique_id", "tags", "created_at"))
    rows.create(InstanceProfile, new)
    return changed


def _values(profile: ProfileRecord) -> dict[str, Any]:
    return {
        "path": profile.path,
        "name": profile.name,
        "unique_id": profile.unique_id,
        "tags": profile.tags,
        "created_at": profile.created_at,
    }
