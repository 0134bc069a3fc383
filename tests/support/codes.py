"""The app for one-time codes of somebody in the tests."""

import time

from django.contrib.auth.models import User as SignIn
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from policystudio.accounts import selectors, services


def code_of(user: SignIn, *, steps: int = 0) -> str:
    """What the app shows now, or so many steps of 30 seconds later."""
    factor = selectors.second_factor_of(user) or selectors.second_factor_begun(user)
    assert factor is not None
    totp = TOTP(factor.bin_key, factor.step, factor.t0, factor.digits)
    totp.time = time.time() + steps * factor.step
    return f"{totp.token():06}"


def enrol(user: SignIn) -> list[str]:
    """Give somebody a second factor; its recovery codes. The code that confirmed it counts as not used."""
    services.second_factor_begin(by=user)
    codes = services.second_factor_confirm(by=user, code=code_of(user), keep=None)
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return codes


def forget_failures(user: SignIn) -> None:
    """As after the seconds that somebody has to wait."""
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None)
