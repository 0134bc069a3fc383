"""Copying account exports in: all of a file or nothing, and only what differs is written."""

from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from policystudio.accounts.models import Account, Membership, Organization, OrganizationalUnit, Role
from policystudio.accounts.selectors import accounts_visible_to, may, organizations_visible_to
from policystudio.accounts.services import content_changed, membership_grant
from policystudio.audit import services as audit
from policystudio.awssync.services import rows
from policystudio.awssync.services.progress import Progress
from policystudio.awssync.services.write_identities import IdentityWriter
from policystudio.awssync.services.write_policies import PolicyWriter
from policystudio.awssync.snapshot import Changes, Export, ExportError, Report, link_export, read_export
from policystudio.awssync.snapshot.records import AccountRecord
from policystudio.history import services as history
from policystudio.lib.iam_names import NAME_LENGTH, ORGANIZATION_ID, fits
from policystudio.lib.locks import lock_until_commit
from policystudio.policies.services import documents_prune


class ImportRefusedError(ValueError):
    """The import as a whole is refused, nothing was changed. The message says to a person why, where and what to do."""


def account_import(
    *,
    file: BinaryIO,
    by: AbstractBaseUser | None,
    now: datetime,
    name: str = "",
    organization: str = "",
    owner: AbstractBaseUser | None = None,
    progress: Progress | None = None,
    finish: Callable[[Report], None] | None = None,
) -> Report:
    """Make the accounts that an export names say what the export says; answers with what changed and what was odd.

    ``file`` can seek; it is read before the transaction begins. ``by`` is who imports (None: the command line), becomes
    administrator of accounts that are new, and must be administrator of the others. ``owner`` becomes administrator of
    all of them. ``name`` names the account, where the file is of one. ``organization`` is the id of an organization
    that the accounts join at its root, unless they are in it already; ``by`` must see an account of it. ``finish`` is
    called with the report at the end of the transaction, to be undone with it. Raises ``ImportRefusedError``; what
    ``progress`` raises undoes everything, too.
    """
    name, organization = checked_name(name), checked_organization(organization)
    progress = progress or Progress()
    report = Report()
    try:
        export = read_export(file, report, limit=settings.IMPORT_LIMIT, on_progress=progress.reading)
    except ExportError as error:
        raise ImportRefusedError(str(error)) from None
    link_export(export, report)
    if name and len(export.accounts) > 1:
        raise ImportRefusedError(f"a name is for one account, this file has {len(export.accounts)}: leave it out")
    writer = _Import(export, report, by, now, progress)
    progress.ready(writer.total)
    with transaction.atomic():
        writer.write(name, organization, owner)
        if finish is not None:
            finish(report)
    return report


def checked_name(name: str) -> str:
    """The name of an account without space around it; raises ``ImportRefusedError`` where it cannot be one."""
    name = name.strip()
    if len(name) > NAME_LENGTH or not name.isprintable():
        raise ImportRefusedError(f"the name of an account is one line of at most {NAME_LENGTH} characters")
    return name


def checked_organization(organization: str) -> str:
    """The id of an organization, or ""; raises ``ImportRefusedError`` where it cannot be one."""
    organization = organization.strip()
    if organization and not fits(ORGANIZATION_ID, organization):
        raise ImportRefusedError(f"`{organization[:40]}` is not the id of an organization, such as o-a1b2c3d4e5")
    return organization


class _Import:
    """The writing half: one transaction, the accounts in the order of their numbers."""

    def __init__(
        self, export: Export, report: Report, by: AbstractBaseUser | None, now: datetime, progress: Progress
    ) -> None:
        self.export = export
        self.report = report
        self.by = by
        self.now = now
        self.progress = progress
        self.done = 0
        self.total = sum(account.rows for account in export.accounts.values())

    def write(self, name: str, organization: str, owner: AbstractBaseUser | None) -> None:
        lock_until_commit("account import")
        root = self._root_of(organization) if organization else None
        stored = {row.number: row for row in Account.objects.filter(number__in=list(self.export.accounts))}
        self._check_roles(list(stored.values()))
        rows.documents_create(self.export.documents.by_digest.values())
        self._step(0)
        dropped: set[str] = set()
        for number, record in sorted(self.export.accounts.items()):
            changes = Changes(number, name, created=number not in stored)
            account = stored.get(number) or self._create(record)
            history.record_first(account=account, at=self.now)
            self._update(account, record, name, root, changes)
            if owner is not None:
                membership_grant(by=None, user=owner, account=account, role=Role.ADMINISTRATOR)
            dropped |= self._write_account(account, record, changes)
            content_changed(account)
            history.record(account=account, at=self.now)
            self.report.accounts.append(changes)
            self._audit(changes)
        documents_prune(dropped - self.export.documents.by_digest.keys())

    def _check_roles(self, stored: list[Account]) -> None:
        """The sentence is the same for every account that is not theirs, and says nothing about it."""
        for account in stored:
            if self.by is not None and not may(self.by, account, Role.ADMINISTRATOR):
                raise ImportRefusedError(
                    f"account {account.number} cannot be imported with your sign-in: "
                    "ask an administrator of the account"
                )

    def _create(self, record: AccountRecord) -> Account:
        account = Account.objects.create(number=record.number, name=record.number, partition=record.partition)
        if self.by is not None:
            Membership.objects.create(user_id=self.by.pk, account=account, role=Role.ADMINISTRATOR)
        return account

    def _update(
        self, account: Account, record: AccountRecord, name: str, root: OrganizationalUnit | None, changes: Changes
    ) -> None:
        changes.renamed = not changes.created and bool(name) and account.name != name
        if root is not None and account.organization != root.organization:
            changes.moved = not changes.created
            account.unit = root
            account.is_management = root.organization.master_account_number == record.number
        account.name = changes.name = name or account.name
        account.partition = record.partition
        account.read_at, account.read_by = self.now, audit.actor_name(self.by)
        account.save()

    def _root_of(self, organization: str) -> OrganizationalUnit:
        """The sentence is the same for an organization of others: joining it would show its policies."""
        found = Organization.objects.filter(org_id=organization).first()
        seen = self.by is None or (
            accounts_visible_to(self.by).filter(unit__organization=found).exists()
            or organizations_visible_to(self.by).filter(org_id=organization).exists()
        )
        if found is None or not seen:
            known = f"`{organization[:40]}` is not an organization that is known here"
            raise ImportRefusedError(f"{known}: read it in first, with manage.py import_organization")
        return found.units.select_related("organization").get(parent=None)

    def _write_account(self, account: Account, record: AccountRecord, changes: Changes) -> set[str]:
        keep = self.export.truncated
        policies = PolicyWriter(account, record, changes, keep_missing=keep)
        policies_by_arn = policies.write()
        self._step(0)
        identities = IdentityWriter(account, record, policies_by_arn, changes, keep_missing=keep, step=self._step)
        identities.write()
        policies.remove_missing()
        return policies.dropped | identities.dropped

    def _step(self, written: int) -> None:
        self.done += written
        self.progress.writing(self.done, self.total)

    def _audit(self, changes: Changes) -> None:
        details = {"created": changes.created, "name": changes.name, "counts": changes.counts}
        audit.record(
            actor=self.by,
            action="account.imported",
            target=changes.number,
            account=changes.number,
            details=details,
            at=self.now,
        )
