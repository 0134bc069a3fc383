"""Managed policies of one account: the rows are made to say what the export says."""

from collections.abc import Iterator

from policystudio.accounts.models import Account
from policystudio.awssync.services import rows
from policystudio.awssync.snapshot import Change, Changes
from policystudio.awssync.snapshot.records import AccountRecord, PolicyRecord, VersionRecord
from policystudio.policies.models import ManagedPolicy, PolicyVersion


class PolicyWriter:
    """Writes the managed policies and their versions. ``dropped`` are the digests of documents that lost a bearer."""

    def __init__(self, account: Account, record: AccountRecord, changes: Changes, *, keep_missing: bool) -> None:
        self.account = account
        self.record = record
        self.changes = changes
        self.keep_missing = keep_missing
        self.stored = {row.arn: row for row in ManagedPolicy.objects.filter(account=account)}
        self.dropped: set[str] = set()
        self._what: dict[str, list[str]] = {}

    def write(self) -> dict[str, ManagedPolicy]:
        """Add and update; answers with the rows by ARN. ``remove_missing`` comes last, when nothing refers to them."""
        new, updated, fields = [], [], set()
        for policy in self._told():
            values = _values(policy)
            row = self.stored.get(policy.arn)
            if row is None:
                row = self.stored[policy.arn] = ManagedPolicy(account=self.account, arn=policy.arn, **values)
                new.append(row)
                self.changes.add(Change.ADDED, "policy", policy.arn)
            elif what := rows.assign(row, values):
                updated.append(row)
                fields |= set(what)
                self._what[policy.arn] = [name.replace("_", " ") for name in what]
        rows.create(ManagedPolicy, new)
        rows.update(ManagedPolicy, updated, fields)
        self._write_versions({row.arn for row in new})
        return self.stored

    def remove_missing(self) -> None:
        """Remove the policies that the export does not have."""
        if self.keep_missing:
            return
        gone = [row for arn, row in self.stored.items() if arn not in self.record.policies]
        rows.delete(ManagedPolicy, [row.pk for row in gone])
        for row in gone:
            self.changes.add(Change.REMOVED, "policy", row.arn)

    def _told(self) -> Iterator[PolicyRecord]:
        """The policies that the export describes; of a truncated one, those only named may be described further on."""
        for policy in self.record.policies.values():
            if not (self.keep_missing and not policy.versions and policy.arn in self.stored):
                yield policy

    def _write_versions(self, new: set[str]) -> None:
        old: dict[int, dict[str, PolicyVersion]] = {}
        for version in PolicyVersion.objects.filter(policy__account=self.account):
            old.setdefault(version.policy_id, {})[version.version_id] = version
        created: list[PolicyVersion] = []
        updated: list[PolicyVersion] = []
        removed: list[PolicyVersion] = []
        for policy in self._told():
            row = self.stored[policy.arn]
            before = len(created) + len(updated) + len(removed)
            self._compare(row, policy.versions, old.pop(row.pk, {}), created, updated, removed)
            if before != len(created) + len(updated) + len(removed):
                self._what.setdefault(policy.arn, []).append("versions")
            self._tell(policy.arn, new)
        if not self.keep_missing:
            self.dropped |= {version.document_id for versions in old.values() for version in versions.values()}
        rows.delete(PolicyVersion, [version.pk for version in removed])
        # One version at most is the default at any moment, so the old one steps down before the new one takes over.
        for batch in rows.batches(version.pk for version in updated if not version.is_default):
            PolicyVersion.objects.filter(pk__in=batch).update(is_default=False)
        rows.update(PolicyVersion, updated, ("document", "is_default", "created_at"))
        rows.create(PolicyVersion, created)

    def _compare(
        self,
        row: ManagedPolicy,
        told: list[VersionRecord],
        old: dict[str, PolicyVersion],
        created: list[PolicyVersion],
        updated: list[PolicyVersion],
        removed: list[PolicyVersion],
    ) -> None:
        for version in told:
            values = {
                "document_id": version.digest,
                "is_default": version.is_default,
                "created_at": version.created_at,
            }
            stored = old.pop(version.version_id, None)
            if stored is None:
                created.append(PolicyVersion(policy=row, version_id=version.version_id, **values))
                continue
            digest = stored.document_id
            if what := rows.assign(stored, values):
                updated.append(stored)
            if "document_id" in what:
                self.dropped.add(digest)
        removed += old.values()
        self.dropped |= {version.document_id for version in old.values()}

    def _tell(self, arn: str, new: set[str]) -> None:
        if arn in new:
            return
        if what := self._what.get(arn):
            self.changes.add(Change.UPDATED, "policy", arn, what)
        else:
            self.changes.add_unchanged("policy")


def _values(policy: PolicyRecord) -> dict[str, object]:
    return {
        "name": policy.name,
        "path": policy.path,
        "policy_id": policy.policy_id,
        "description": policy.description,
        "is_aws_managed": policy.is_aws_managed,
        "is_attachable": policy.is_attachable,
        "attachments_beyond": policy.attachments_beyond,
        "boundary_uses_beyond": policy.boundary_uses_beyond,
        "tags": policy.tags,
        "created_at": policy.created_at,
        "updated_at": policy.updated_at,
    }
