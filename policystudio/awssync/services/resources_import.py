"""Reading in which SageMaker resources exist, with their tags and who created them."""

from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from policystudio.accounts.models import Account
from policystudio.accounts.services import content_changed
from policystudio.audit import services as audit
from policystudio.awssync.services import rows
from policystudio.awssync.services.account_import import ImportRefusedError
from policystudio.awssync.snapshot import Change, Changes, Code, ExportError, Report
from policystudio.awssync.snapshot.resources import ResourceRecord, read_resources
from policystudio.identities.models import Identity
from policystudio.lib.locks import lock_until_commit
from policystudio.resources.models import Resource


def resources_import(*, file: BinaryIO, now: datetime, by: AbstractBaseUser | None = None) -> Report:
    """Make the resources of every account and Region that the file names say what the file says.

    AWS answers for one Region at a time, so resources in other Regions, and other accounts, stay as they are. Resources
    of accounts that are not known here are reported. For the command line and superusers: it does not ask who may do
    what in the accounts. Raises ``ImportRefusedError``.
    """
    report = Report()
    try:
        records = read_resources(file, report, limit=settings.IMPORT_LIMIT)
    except ExportError as error:
        raise ImportRefusedError(str(error)) from None
    with transaction.atomic():
        lock_until_commit("account import")
        numbers = {record.number for record in records.values()}
        accounts = {row.number: row for row in Account.objects.filter(number__in=numbers)}
        for number in sorted(numbers):
            told = [record for record in records.values() if record.number == number]
            if number not in accounts:
                message = f"account {number} is not known here: its {len(told)} resources were left out"
                report.add(Code.IDENTITY_UNKNOWN, message, told[0].place, number)
                continue
            changes = _write(accounts[number], told, report)
            content_changed(accounts[number])
            report.accounts.append(changes)
            details = {"counts": changes.counts}
            audit.record(actor=by, action="resources.imported", target=number, account=number, details=details, at=now)
    return report


def _write(account: Account, told: list[ResourceRecord], report: Report) -> Changes:
    changes = Changes(account.number, account.name)
    regions = {record.region for record in told}
    stored = {row.arn: row for row in Resource.objects.filter(account=account, region__in=regions)}
    creators = _creators(told, report)
    new: list[Resource] = []
    updated: list[Resource] = []
    for record in told:
        values = {
            "type": record.type,
            "region": record.region,
            "name": record.name,
            "tags": record.tags,
            "creator_id": creators.get(record.creator),
            "created_at": record.created_at,
        }
        row = stored.pop(record.arn, None)
        if row is None:
            new.append(Resource(account=account, arn=record.arn, **values))
            changes.add(Change.ADDED, "resource", record.arn)
        elif what := rows.assign(row, values):
            updated.append(row)
            changes.add(Change.UPDATED, "resource", record.arn, [name.removesuffix("_id") for name in what])
        else:
            changes.add_unchanged("resource")
    rows.delete(Resource, [row.pk for row in stored.values()])
    for arn in stored:
        changes.add(Change.REMOVED, "resource", arn)
    rows.create(Resource, new)
    rows.update(Resource, updated, ("type", "region", "name", "tags", "creator", "created_at"))
    return changes


def _creators(told: list[ResourceRecord], report: Report) -> dict[str, int]:
    """The primary keys of the identities that created something, by ARN; those that are not known are reported."""
    named = sorted({record.creator for record in told if record.creator})
    known: dict[str, int] = {}
    for batch in rows.batches(named):
        known |= dict(Identity.objects.filter(arn__in=batch).values_list("arn", "pk"))
    for record in told:
        if record.creator and record.creator not in known:
            message = f"`CreatedBy` `{record.creator[:200]}` is no user or role that is known here: nobody was noted"
            report.add(Code.IDENTITY_UNKNOWN, message, record.place.at("CreatedBy"), record.arn)
    return known
