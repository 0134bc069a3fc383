"""Waivers: who answers for a finding, why, and until when."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.findings.checks.codes import known_codes
from policystudio.findings.models import Finding, Waiver
from policystudio.lib.said import Absent, Contrary

#: A waiver ends after a year at the latest, so that somebody looks again.
LONGEST = timedelta(days=366)
_MOST_REASON = 1000


class WaiverError(ValueError):
    """A waiver cannot be as asked. ``problems`` gives for each field what is wrong and what to write instead."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{name}: {text}" for name, text in self.problems.items()))


@transaction.atomic
def waiver_grant(
    *,
    by: AbstractBaseUser | None,
    account: Account,
    finding: Finding | None,
    code: str = "",
    reason: str,
    owner: AbstractBaseUser | None,
    until: date,
    now: datetime,
) -> Waiver:
    """Waive a finding, or without one every finding of ``code`` in the account; an earlier waiver of it is replaced.

    ``by`` is an author of the account, or None for the command line. ``until`` is the last day. Raises
    ``PermissionDenied``, or ``WaiverError`` naming every field that is not as it must be.
    """
    _check_author(by, account)
    code = finding.code if finding else code
    problems = _problems(account, reason, owner, until, now.date())
    if code not in known_codes():
        problems["code"] = Absent(f"there is no code `{code}`: write it as the findings have it")
    if finding is not None and finding.account_id != account.pk:
        problems["finding"] = Absent(f"it is none of account {account.number}")
    if problems or owner is None:
        raise WaiverError(problems)
    place = (finding.target, finding.name, finding.place) if finding else ("", "", "")
    identity = dict(zip(("target", "name", "place"), place, strict=True))
    before = Waiver.objects.filter(account=account, code=code, **identity).first()
    if before is not None:
        return _changed(by, before, reason, owner, until, now)
    waiver = Waiver.objects.create(
        account=account,
        code=code,
        **identity,
        reason=reason.strip(),
        owner_id=owner.pk,
        owner_name=owner.get_username(),
        until=until,
        created_by_name=audit.actor_name(by),
        created_at=now,
        updated_at=now,
    )
    attach_waivers(account, [code])
    audit.record(
        actor=by,
        action="waiver.granted",
        target=account.number,
        account=account.number,
        details=_details(waiver),
        at=now,
    )
    return waiver


@transaction.atomic
def waiver_change(
    *,
    by: AbstractBaseUser | None,
    waiver: Waiver,
    reason: str,
    owner: AbstractBaseUser | None,
    until: date,
    now: datetime,
    seen: str = "",
) -> Waiver:
    """Give a waiver another reason, owner or end; raises as ``waiver_grant`` does.

    ``seen`` is the ``stamp`` of the waiver that was shown: where somebody changed it since, nothing is written.
    """
    _check_author(by, waiver.account)
    waiver = Waiver.objects.select_for_update().select_related("account").get(pk=waiver.pk)
    problems = _problems(waiver.account, reason, owner, until, now.date())
    if seen and seen != waiver.stamp:
        problems["waiver"] = (
            f"somebody changed it meanwhile: {waiver.reason} ({waiver.owner_name}, until {waiver.until})"
        )
    if problems or owner is None:
        raise WaiverError(problems)
    return _changed(by, waiver, reason, owner, until, now)


@transaction.atomic
def waiver_remove(*, by: AbstractBaseUser | None, waiver: Waiver, now: datetime) -> None:
    """End a waiver at once: what it was about counts again. Raises ``PermissionDenied``."""
    _check_author(by, waiver.account)
    account, code, details = waiver.account, waiver.code, _details(waiver)
    waiver.delete()
    attach_waivers(account, [code])
    audit.record(
        actor=by, action="waiver.removed", target=account.number, account=account.number, details=details, at=now
    )


def attach_waivers(account: Account, codes: Iterable[str] | None = None) -> None:
    """Let each finding of the account, or of some codes, have its waiver: of two that fit the one that ends later."""
    waivers = Waiver.objects.filter(account=account)
    found = Finding.objects.filter(account=account)
    if codes is not None:
        waivers, found = waivers.filter(code__in=list(codes)), found.filter(code__in=list(codes))
    best: dict[tuple[str, ...], Waiver] = {(one.code, one.target, one.name, one.place): one for one in waivers}
    told = {key[0] for key in best}
    found.exclude(waiver=None).exclude(code__in=told).update(waiver=None)
    changed = []
    for row in found.filter(code__in=told).only("code", "target", "name", "place", "waiver"):
        fitting = [best.get((row.code, row.target, row.name, row.place)), best.get((row.code, "", "", ""))]
        waiver = max((one for one in fitting if one), key=lambda one: one.until, default=None)
        if row.waiver_id != (waiver.pk if waiver else None):
            row.waiver = waiver
            changed.append(row)
    Finding.objects.bulk_update(changed, ["waiver"], batch_size=500)


def _changed(
    by: AbstractBaseUser | None, waiver: Waiver, reason: str, owner: AbstractBaseUser, until: date, now: datetime
) -> Waiver:
    before = _details(waiver)
    waiver.reason, waiver.owner_id, waiver.owner_name = reason.strip(), owner.pk, owner.get_username()
    waiver.until, waiver.updated_at = until, now
    waiver.save()
    attach_waivers(waiver.account, [waiver.code])
    details = {**_details(waiver), "before": {name: before[name] for name in ("reason", "owner", "until")}}
    audit.record(
        actor=by,
        action="waiver.changed",
        target=waiver.account.number,
        account=waiver.account.number,
        details=details,
        at=now,
    )
    return waiver


def _check_author(by: AbstractBaseUser | None, account: Account) -> None:
    if by is not None and not accounts.may(by, account, Role.AUTHOR):
        raise PermissionDenied(f"waiving a finding needs the role {Role.AUTHOR.label} in {account.name}")


def _problems(
    account: Account, reason: str, owner: AbstractBaseUser | None, until: date, today: date
) -> dict[str, str]:
    problems: dict[str, str] = {}
    if not reason.strip() or "\0" in reason:
        problems["reason"] = "is missing: write why the finding may stay"
    elif len(reason.strip()) > _MOST_REASON:
        problems["reason"] = f"is too long: at most {_MOST_REASON:,} characters"
    if owner is None:
        problems["owner"] = "is missing: name the person who answers for it"
    elif not accounts.may(owner, account, Role.VIEWER):
        problems["owner"] = Absent(f"`{owner.get_username()}` has no role in {account.name}: name one of its members")
    if until < today:
        problems["until"] = Contrary(f"has passed: write a day from {today.isoformat()} on")
    elif until > today + LONGEST:
        problems["until"] = Contrary(
            f"is too far: a waiver lasts a year at most, until {(today + LONGEST).isoformat()}"
        )
    return problems


def _details(waiver: Waiver) -> dict[str, str]:
    return {
        "code": waiver.code,
        "target": waiver.target,
        "name": waiver.name,
        "reason": waiver.reason,
        "owner": waiver.owner_name,
        "until": waiver.until.isoformat(),
    }
