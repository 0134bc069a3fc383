"""Reading an organization in: its tree, which account stands where, its policies and what they are attached to."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction

from policystudio.accounts.models import (
    Account,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
    Role,
)
from policystudio.accounts.services import content_changed, membership_grant
from policystudio.audit import services as audit
from policystudio.awssync.services import rows
from policystudio.awssync.services.account_import import ImportRefusedError
from policystudio.awssync.snapshot import Change, Changes, ExportError, Report
from policystudio.awssync.snapshot.organization import OrganizationRecord, read_organization
from policystudio.history import services as history
from policystudio.lib.locks import lock_until_commit


def organization_import(
    *, file: BinaryIO, now: datetime, by: AbstractBaseUser | None = None, owner: AbstractBaseUser | None = None
) -> Report:
    """Make an organization say what the file says; answers with what changed and which documents do not parse.

    Units, policies and attachments that the file does not have are removed; accounts that it does not have leave the
    organization but stay. ``owner`` becomes administrator of the accounts in it. For the command line and superusers:
    it does not ask who may do what in the accounts. Raises ``ImportRefusedError``.
    """
    report = Report()
    try:
        record = read_organization(file, report, limit=settings.IMPORT_LIMIT)
    except ExportError as error:
        raise ImportRefusedError(str(error)) from None
    changes = Changes(record.org_id, record.name)
    with transaction.atomic():
        lock_until_commit("account import")
        work = _Import(record, changes, owner)
        history.record_first_organization(organization=work.organization, at=now)
        for account in Account.objects.filter(number__in=record.accounts).select_related("unit__organization"):
            history.record_first(account=account, at=now)
        work.write()
        history.record_organization(organization=work.organization, at=now)
        for account in Account.objects.filter(number__in=work.left):
            history.record(account=account, at=now, touched=())
        audit.record(
            actor=by, action="organization.imported", target=record.org_id, details={"counts": changes.counts}, at=now
        )
    report.accounts.append(changes)
    return report


class _Import:
    def __init__(self, record: OrganizationRecord, changes: Changes, owner: AbstractBaseUser | None) -> None:
        self.record = record
        self.changes = changes
        self.owner = owner
        self.left: list[str] = []
        self.organization, self.changes.created = Organization.objects.get_or_create(org_id=record.org_id)

    def write(self) -> None:
        """Units from the root down, then who stands in them, then what is attached to them."""
        name, master = self.record.name or self.record.org_id, self.record.master
        self._save(self.organization, {"name": name, "master_account_number": master})
        self._check_units()
        units = self._units()
        accounts = self._accounts(units)
        policies = self._policies()
        self._targets(policies, units, accounts)
        self._remove(OrganizationPolicy.objects.exclude(policy_id__in=self.record.policies), "policy", "policy_id")
        self._remove(OrganizationalUnit.objects.exclude(unit_id__in=self.record.units), "unit", "unit_id")
        content_changed(self.organization)

    def _check_units(self) -> None:
        """Ids of units are unique over all of AWS; one root of the organization cannot become another."""
        foreign = OrganizationalUnit.objects.filter(unit_id__in=self.record.units).exclude(
            organization=self.organization
        )
        if unit := foreign.select_related("organization").first():
            raise ImportRefusedError(f"`{unit.unit_id}` belongs to another organization, {unit.organization.org_id}")
        old_roots = OrganizationalUnit.objects.filter(organization=self.organization, parent=None)
        if old_roots.exclude(unit_id__in=self.record.units).exists():
            Account.objects.filter(unit__organization=self.organization).update(unit=None, is_management=False)
            old_roots.delete()

    def _units(self) -> dict[str, OrganizationalUnit]:
        units = {unit.unit_id: unit for unit in OrganizationalUnit.objects.filter(organization=self.organization)}
        for told in self.record.units.values():
            unit = units.get(told.unit_id) or OrganizationalUnit(unit_id=told.unit_id)
            parent = units[told.parent].pk if told.parent else None
            values = {"organization_id": self.organization.pk, "name": told.name, "parent_id": parent}
            self._save(unit, values, "unit", told.unit_id)
            units[told.unit_id] = unit
        return units

    def _accounts(self, units: dict[str, OrganizationalUnit]) -> dict[str, Account]:
        accounts = {row.number: row for row in Account.objects.filter(number__in=self.record.accounts)}
        for number, (name, unit) in self.record.accounts.items():
            account = accounts.setdefault(number, Account(number=number))
            values = {"name": name, "unit_id": units[unit].pk, "is_management": number == self.record.master}
            self._save(account, values, "account", number)
            if self.owner is not None:
                membership_grant(by=None, user=self.owner, account=account, role=Role.ADMINISTRATOR)
        left = Account.objects.filter(unit__organization=self.organization).exclude(number__in=self.record.accounts)
        for account in left:
            self.left.append(account.number)
            self._save(account, {"unit_id": None, "is_management": False}, "account", account.number)
        return accounts

    def _policies(self) -> dict[str, OrganizationPolicy]:
        policies = {row.policy_id: row for row in OrganizationPolicy.objects.filter(organization=self.organization)}
        for policy_id, told in self.record.policies.items():
            policy = policies.setdefault(
                policy_id, OrganizationPolicy(organization=self.organization, policy_id=policy_id)
            )
            values = {
                "kind": told.kind,
                "name": told.name,
                "description": told.description,
                "text": told.text,
                "digest": hashlib.sha256(told.text.encode()).hexdigest(),
                "problems": told.problems,
            }
            self._save(policy, values, "policy", policy_id)
        return policies

    def _targets(
        self,
        policies: dict[str, OrganizationPolicy],
        units: dict[str, OrganizationalUnit],
        accounts: dict[str, Account],
    ) -> None:
        stored = OrganizationPolicyTarget.objects.filter(policy__organization=self.organization)
        old = {
            (row.policy.policy_id, row.unit.unit_id if row.unit else row.account.number if row.account else ""): row.pk
            for row in stored.select_related("policy", "unit", "account")
        }
        for policy_id, target in sorted(self.record.targets - old.keys()):
            key = {"unit": units[target]} if target in units else {"account": accounts[target]}
            OrganizationPolicyTarget.objects.create(policy=policies[policy_id], **key)
            self.changes.add(Change.ADDED, "attachment", f"{policy_id} {target}")
        gone = old.keys() - self.record.targets
        rows.delete(OrganizationPolicyTarget, [old[pair] for pair in gone])
        for policy_id, target in sorted(gone):
            self.changes.add(Change.REMOVED, "attachment", f"{policy_id} {target}")
        self.changes.add_unchanged("attachment", len(old) - len(gone))

    def _save(self, row: models.Model, values: Mapping[str, object], kind: str = "", subject: str = "") -> None:
        is_new = row.pk is None
        what = rows.assign(row, values)
        if is_new or what:
            row.save()
        if not kind:
            self.changes.renamed = bool(what)
        elif is_new:
            self.changes.add(Change.ADDED, kind, subject)
        elif what:
            self.changes.add(Change.UPDATED, kind, subject, [name.removesuffix("_id") for name in what])
        else:
            self.changes.add_unchanged(kind)

    def _remove(self, gone: models.QuerySet[Any], kind: str, key: str) -> None:
        for row in gone.filter(organization=self.organization):
            row.delete()
            self.changes.add(Change.REMOVED, kind, getattr(row, key))
