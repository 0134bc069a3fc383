"""The rows are made to say what a plan says; only what differs is written."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from policystudio.accounts.models import Account, OrganizationalUnit, OrganizationPolicy, OrganizationPolicyTarget
from policystudio.changes.selectors.present import NEW
from policystudio.changes.services.states import IdentityState, OrganizationPolicyState, PolicyState, World
from policystudio.engine.document import PolicyKind
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, PolicyAttachment
from policystudio.lib import quotas
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.policies.services import document_put, documents_prune, read_document


class Writer:
    """Writes what a world changes. ``outcomes`` tells, by ARN or id, what came of it: a version, an id."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world = world
        self.account = world.account
        self.now = now
        self.outcomes: dict[str, dict[str, Any]] = {}
        self._dropped: set[str] = set()

    def write(self) -> None:
        """Policies before who has them, links after both, and what is removed last."""
        policies, identities = list(self.world.policies.changed()), list(self.world.identities.changed())
        for _, before, after in policies:
            if after is not None:
                self._policy(before, after)
        for _, was, identity in identities:
            if identity is not None:
                self._identity(was, identity)
        for _, was, identity in identities:
            if identity is not None:
                self._links(was, identity)
        for arn, was, identity in identities:
            if identity is None and was is not None:
                self._remove_identity(arn)
        for arn, before, after in policies:
            if after is None and before is not None:
                self._remove_policy(arn)
        for _, old, new in list(self.world.organization_policies.changed()):
            self._organization_policy(old, new)
        documents_prune(self._dropped)

    # Managed policies.

    def _policy(self, before: PolicyState | None, after: PolicyState) -> None:
        if before is None:
            row = ManagedPolicy.objects.create(
                account=self.account,
                arn=after.arn,
                name=after.name,
                path=after.path,
                description=after.description,
                tags=after.tags,
                created_at=self.now,
                updated_at=self.now,
            )
        else:
            row = ManagedPolicy.objects.get(account=self.account, arn=after.arn)
            row.tags = after.tags
            row.save(update_fields=["tags"])
        if after.text is not None and (before is None or before.text != after.text):
            self._version(row, after.text)

    def _version(self, policy: ManagedPolicy, text: str) -> None:
        """A new default version. Of five that are kept, the oldest that is not in force makes room, as AWS asks for."""
        versions = list(policy.versions.all())
        number = 1 + max((_number(one.version_id) for one in versions), default=0)
        spare = sorted((one for one in versions if not one.is_default), key=lambda one: _number(one.version_id))
        dropped = spare[: max(len(versions) - quotas.POLICY_VERSIONS + 1, 0)]
        for one in dropped:
            self._dropped.add(one.document_id)
            one.delete()
        policy.versions.update(is_default=False)
        document = document_put(kind=PolicyKind.IDENTITY, text=text)
        PolicyVersion.objects.create(
            policy=policy, version_id=f"v{number}", document=document, is_default=True, created_at=self.now
        )
        policy.updated_at = self.now
        policy.save(update_fields=["updated_at"])
        outcome: dict[str, Any] = {"version": f"v{number}"}
        if dropped:
            outcome["dropped"] = [one.version_id for one in dropped]
        self.outcomes[policy.arn] = outcome

    def _remove_policy(self, arn: str) -> None:
        row = ManagedPolicy.objects.get(account=self.account, arn=arn)
        self._dropped |= set(row.versions.values_list("document_id", flat=True))
        row.delete()

    # Identities.

    def _identity(self, before: IdentityState | None, after: IdentityState) -> None:
        boundary = self._policy_row(after.boundary).pk if after.boundary else None
        trust = document_put(kind=PolicyKind.TRUST, text=after.trust).pk if after.kind == "role" else None
        values = {"tags": after.tags, "boundary_id": boundary, "trust_document_id": trust}
        if before is None:
            key = {"arn": after.arn, "kind": after.kind, "path": after.path, "name": after.name}
            Identity.objects.create(account=self.account, created_at=self.now, **key, **values)
            return
        row = self._identity_row(after.arn)
        if row.trust_document_id and row.trust_document_id != trust:
            self._dropped.add(row.trust_document_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=["tags", "boundary", "trust_document"])

    def _links(self, before: IdentityState | None, after: IdentityState) -> None:
        row = self._identity_row(after.arn)
        old = before or IdentityState(after.arn, after.kind, after.name, after.path)
        for name in old.inline.keys() | after.inline.keys():
            if old.inline.get(name) != after.inline.get(name):
                self._inline(row, name, after.inline.get(name))
        PolicyAttachment.objects.filter(identity=row, policy__arn__in=old.attached - after.attached).delete()
        for arn in sorted(after.attached - old.attached):
            PolicyAttachment.objects.create(identity=row, policy=self._policy_row(arn))
        GroupMembership.objects.filter(user=row, group__arn__in=old.groups - after.groups).delete()
        for arn in sorted(after.groups - old.groups):
            GroupMembership.objects.create(user=row, group=self._identity_row(arn))

    def _inline(self, row: Identity, name: str, text: str | None) -> None:
        stored = InlinePolicy.objects.filter(identity=row, name=name).first()
        if stored is not None:
            self._dropped.add(stored.document_id)
        if text is None:
            if stored is not None:
                stored.delete()
            return
        document = document_put(kind=PolicyKind.IDENTITY, text=text)
        InlinePolicy.objects.update_or_create(identity=row, name=name, defaults={"document": document})

    def _remove_identity(self, arn: str) -> None:
        row = self._identity_row(arn)
        self._dropped |= set(row.inline_policies.values_list("document_id", flat=True))
        if row.trust_document_id:
            self._dropped.add(row.trust_document_id)
        row.delete()

    def _identity_row(self, arn: str) -> Identity:
        return Identity.objects.get(account=self.account, arn=arn)

    def _policy_row(self, arn: str) -> ManagedPolicy:
        return ManagedPolicy.objects.get(account=self.account, arn=arn)

    # The organization.

    def _organization_policy(
        self, before: OrganizationPolicyState | None, after: OrganizationPolicyState | None
    ) -> None:
        policies = OrganizationPolicy.objects.filter(organization=self.account.organization)
        if after is None:
            if before is not None:
                policies.get(policy_id=before.policy_id).delete()
            return
        values = {
            "kind": after.kind,
            "name": after.name,
            "description": after.description,
            "text": after.text,
            "digest": hashlib.sha256(after.text.encode()).hexdigest(),
            "problems": read_document(after.text, PolicyKind(after.kind))[0],
        }
        if before is None:
            row = OrganizationPolicy(organization=self.account.organization, policy_id=f"p-{secrets.token_hex(5)}")
            self.outcomes[f"{NEW}{after.policy_id.removeprefix(NEW)}"] = {"policy_id": row.policy_id}
        else:
            row = policies.get(policy_id=after.policy_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        self._targets(row, before.targets if before else set(), after.targets)

    def _targets(self, row: OrganizationPolicy, before: set[str], after: set[str]) -> None:
        for target in before - after:
            key = "account__number" if target.isdigit() else "unit__unit_id"
            row.targets.filter(**{key: target}).delete()
        for target in sorted(after - before):
            if target.isdigit():
                OrganizationPolicyTarget.objects.create(policy=row, account=Account.objects.get(number=target))
            else:
                OrganizationPolicyTarget.objects.create(policy=row, unit=OrganizationalUnit.objects.get(unit_id=target))


def _number(version_id: str) -> int:
    """`v12` is 12; also where an ending of AWS's own follows."""
    digits = version_id.removeprefix("v").partition(".")[0]
    return int(digits) if digits.isdecimal() else 0
