"""Users, groups and roles of one account: the rows are made to say what the export says."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import models

from policystudio.accounts.models import Account
from policystudio.awssync.services import rows
from policystudio.awssync.services.write_profiles import write_profiles
from policystudio.awssync.snapshot import Change, Changes
from policystudio.awssync.snapshot.records import AccountRecord, IdentityRecord
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.policies.models import ManagedPolicy

#: A name for each part in the words of the report.
_WORDS = {"trust_document_id": "trust policy", "boundary_id": "permissions boundary", "gaps": "what is unknown"}


class IdentityWriter:
    """Writes identities and what hangs on them. ``dropped`` are the digests of documents that lost a bearer."""

    def __init__(
        self,
        account: Account,
        record: AccountRecord,
        policies: dict[str, ManagedPolicy],
        changes: Changes,
        *,
        keep_missing: bool,
        step: Callable[[int], None],
    ) -> None:
        self.account = account
        self.told = {identity.arn: identity for identity in record.identities.values()}
        self.policies = policies
        self.changes = changes
        self.keep_missing = keep_missing
        self.step = step
        self.stored = {row.arn: row for row in Identity.objects.filter(account=account)}
        self.dropped: set[str] = set()
        self._what: dict[int, list[str]] = {}

    def write(self) -> None:
        """Remove, update and add identities, their inline policies, attachments and groups."""
        self._remove_missing()
        new = self._write_identities()
        self._write_inline_policies()
        self._write_links(PolicyAttachment, "identity_id", "policy_id", self._attachments(), "attached policies")
        self._write_links(GroupMembership, "user_id", "group_id", self._memberships(), "groups")
        told = list(self.told.values())
        changed = write_profiles(self.account, told, self.stored, keep_missing=self.keep_missing)
        self._note("instance profiles", changed)
        for arn, identity in self.told.items():
            if arn in new:
                continue
            if what := self._what.get(self.stored[arn].pk):
                self.changes.add(Change.UPDATED, identity.kind, arn, what)
            else:
                self.changes.add_unchanged(identity.kind)

    def _remove_missing(self) -> None:
        """First of all: a new identity may have the name of one that is gone, in another path or letter case."""
        gone = [row for arn, row in self.stored.items() if arn not in self.told]
        if self.keep_missing:
            names = {(identity.kind, identity.name.lower()) for identity in self.told.values()}
            gone = [row for row in gone if (row.kind, row.name.lower()) in names]
        inline = InlinePolicy.objects.filter(identity__account=self.account)
        for batch in rows.batches(row.pk for row in gone):
            self.dropped |= set(inline.filter(identity__in=batch).values_list("document_id", flat=True))
            self._note("groups", GroupMembership.objects.filter(group__in=batch).values_list("user_id", flat=True))
        self.dropped |= {row.trust_document_id for row in gone if row.trust_document_id}
        rows.delete(Identity, [row.pk for row in gone])
        for row in gone:
            del self.stored[row.arn]
            self.changes.add(Change.REMOVED, row.kind, row.arn)

    def _write_identities(self) -> set[str]:
        new: list[Identity] = []
        updated: list[Identity] = []
        fields: set[str] = set()
        for arn, identity in self.told.items():
            values = self._values(identity)
            row = self.stored.get(arn)
            if row is None:
                row = self.stored[arn] = Identity(account=self.account, arn=arn, **values)
                new.append(row)
                self.changes.add(Change.ADDED, identity.kind, arn)
                continue
            trust = row.trust_document_id
            what = rows.assign(row, values)
            if what:
                updated.append(row)
                fields |= {name.removesuffix("_id") if name != "unique_id" else name for name in what}
                self._what[row.pk] = [_WORDS.get(name, name.replace("_", " ")) for name in what]
            if "trust_document_id" in what and trust:
                self.dropped.add(trust)
        for batch in rows.batches(new):
            rows.create(Identity, batch)
            self.step(len(batch))
        rows.update(Identity, updated, fields)
        return {row.arn for row in new}

    def _values(self, identity: IdentityRecord) -> dict[str, Any]:
        return {
            "kind": identity.kind,
            "path": identity.path,
            "name": identity.name,
            "unique_id": identity.unique_id,
            "tags": identity.tags,
            "boundary_id": self.policies[identity.boundary].pk if identity.boundary else None,
            "trust_document_id": identity.trust or None,
            "service_linked": identity.service_linked,
            "gaps": identity.gaps,
            "created_at": identity.created_at,
            "last_used": identity.last_used,
            "description": identity.description,
            "max_session_duration": identity.max_session_duration,
            "password_last_used": identity.password_last_used,
        }

    def _write_inline_policies(self) -> None:
        old = {(row.identity_id, row.name): row for row in InlinePolicy.objects.filter(identity__account=self.account)}
        new: list[InlinePolicy] = []
        updated: list[InlinePolicy] = []
        for identity in self.told.values():
            pk = self.stored[identity.arn].pk
            for name, digest in identity.inline.items():
                row = old.pop((pk, name), None)
                if row is None:
                    new.append(InlinePolicy(identity_id=pk, name=name, document_id=digest))
                elif row.document_id != digest:
                    self.dropped.add(row.document_id)
                    row.document_id = digest
                    updated.append(row)
        gone = self._of_told(old.values(), "identity_id")
        self.dropped |= {row.document_id for row in gone}
        rows.delete(InlinePolicy, [row.pk for row in gone])
        rows.update(InlinePolicy, updated, ("document",))
        self._create_in_steps(InlinePolicy, new)
        self._note("inline policies", (row.identity_id for row in (*new, *updated, *gone)))

    def _attachments(self) -> set[tuple[int, int]]:
        return {
            (self.stored[identity.arn].pk, self.policies[arn].pk)
            for identity in self.told.values()
            for arn in identity.attached
        }

    def _memberships(self) -> set[tuple[int, int]]:
        groups = {row.name.lower(): row.pk for row in self.stored.values() if row.kind == "group"}
        return {
            (self.stored[identity.arn].pk, groups[name.lower()])
            for identity in self.told.values()
            for name in identity.groups
        }

    def _write_links(
        self, model: type[models.Model], left: str, right: str, told: set[tuple[int, int]], words: str
    ) -> None:
        """Rows that only join two others, the left one being the identity that they belong to."""
        owner = f"{left.removesuffix('_id')}__account"
        stored = model._default_manager.filter(**{owner: self.account}).order_by().values_list(left, right, "pk")
        old = {(one, other): pk for one, other, pk in stored}
        told_keys = {self.stored[arn].pk for arn in self.told}
        gone = [pair for pair in old if pair not in told and pair[0] in told_keys]
        new = sorted(told - old.keys())
        rows.delete(model, [old[pair] for pair in gone])
        self._create_in_steps(model, [model(**{left: one, right: other}) for one, other in new])
        self._note(words, (one for one, _ in (*new, *gone)))

    def _create_in_steps(self, model: type[models.Model], new: list[Any]) -> None:
        for batch in rows.batches(new):
            rows.create(model, batch)
            self.step(len(batch))

    def _of_told(self, candidates: Iterable[Any], key: str) -> list[Any]:
        """Those that belong to an identity which the export describes."""
        told_keys = {self.stored[arn].pk for arn in self.told}
        return [row for row in candidates if getattr(row, key) in told_keys]

    def _note(self, words: str, keys: Iterable[int]) -> None:
        for pk in set(keys):
            what = self._what.setdefault(pk, [])
            if words not in what:
                what.append(words)
