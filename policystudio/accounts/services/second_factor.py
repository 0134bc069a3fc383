"""Writes of second factors: setting one up, checking its codes, taking it away."""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django_otp.util import random_hex

from policystudio.accounts import selectors
from policystudio.accounts.models import RecoveryCode, SecondFactor, digest_of
from policystudio.accounts.services.sessions import sessions_end
from policystudio.audit import services as audit

_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY_CODE = re.compile(r"[a-z2-7]{16}", re.ASCII)
_RECOVERY_CODES = 10


class SecondFactorError(ValueError):
    """A second factor cannot be set up as asked; the text says why to a person."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a code was right; ``wait`` seconds until another is looked at, after failures."""

    right: bool
    wait: int = 0


@transaction.atomic
def second_factor_begin(*, by: AbstractBaseUser) -> SecondFactor:
    """Set up a second factor, in the place of one that was not confirmed; it counts once a code confirms it."""
    _lock(by)
    if selectors.second_factor_of(by):
        raise SecondFactorError("there is a second factor already: remove it first")
    SecondFactor.objects.filter(user=by.pk).delete()
    made = SecondFactor(user_id=by.pk, confirmed=False, key=random_hex(20))
    made.name = digest_of(made.secrets()[0])
    made.save()
    audit.record(actor=by, action="second_factor.begun", target=by.get_username())
    return made


@transaction.atomic
def second_factor_confirm(*, by: AbstractBaseUser, code: str, keep: str | None) -> list[str]:
    """Confirm the second factor by a code of it; from now on signing in asks for one.

    Answers with the recovery codes, which are shown this once, and ends the user's other sessions. Raises
    ``SecondFactorError`` where the code is not right.
    """
    _lock(by)
    begun = selectors.second_factor_begun(by)
    if begun is None:
        raise SecondFactorError("there is no second factor to confirm: set one up first")
    # Whoever confirms is signed in and holds the secret: there is nothing to guess.
    begun.throttle_reset(commit=False)
    if begun.secret() is None or not _CODE.fullmatch(_plain(code)) or not begun.verify_token(_plain(code)):
        raise SecondFactorError("the code is not right: enter the one that the app shows now")
    begun.confirmed = True
    begun.save()
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(_RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=by.pk).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user_id=by.pk, digest=digest_of(one.encode())) for one in codes)
    audit.record(actor=by, action="second_factor.added", target=by.get_username())
    sessions_end(by=by, user=by, keep=keep)
    return ["-".join(one[start : start + 4] for start in range(0, 16, 4)) for one in codes]


@transaction.atomic
def second_factor_check(*, user: AbstractBaseUser, code: str, now: datetime | None = None) -> Checked:
    """Check a code of the second factor, or a recovery code, which is good once.

    A code is good once, too, also for two who send it at the same moment. After each failure the next code is looked
    at later.
    """
    found = SecondFactor.objects.select_for_update().filter(user=user.pk, confirmed=True).first()
    if found is None:
        return Checked(right=False)
    allowed, why = found.verify_is_allowed()
    if not allowed:
        left = (why["locked_until"] - (now or timezone.now())).total_seconds()
        return Checked(right=False, wait=max(1, round(left)))
    text = _plain(code)
    if _CODE.fullmatch(text) and found.secret() is not None:
        return Checked(right=bool(found.verify_token(text)))
    if _RECOVERY_CODE.fullmatch(text):
        used, _ = RecoveryCode.objects.filter(user=user.pk, digest=digest_of(text.encode())).delete()
        if used:
            found.throttle_reset(commit=True)
            left = RecoveryCode.objects.filter(user=user.pk).count()
            details = {"left": left}
            audit.record(actor=user, action="recovery_code.used", target=user.get_username(), details=details)
            return Checked(right=True)
    found.throttle_increment(commit=True)
    return Checked(right=False)


@transaction.atomic
def second_factor_remove(*, by: AbstractBaseUser | None, user: AbstractBaseUser, keep: str | None = None) -> bool:
    """Take the second factor and its recovery codes away, and end the user's other sessions; whether there was one.

    ``by`` is the user, who has just given the password again, or None for the command line.
    """
    _lock(user)
    removed = selectors.second_factor_of(user) is not None
    SecondFactor.objects.filter(user=user.pk).delete()
    RecoveryCode.objects.filter(user=user.pk).delete()
    if removed:
        audit.record(actor=by, action="second_factor.removed", target=user.get_username())
        sessions_end(by=by, user=user, keep=keep)
    return removed


def _lock(user: AbstractBaseUser) -> None:
    get_user_model().objects.select_for_update().get(pk=user.pk)


def _plain(code: str) -> str:
    """Without the spaces and hyphens that people and apps put in."""
    return re.sub(r"[\s-]", "", code[:64]).lower()
