"""Counts sign-ins that failed, and what was locked because of them."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_login_failed

from policystudio.lib import metrics


def _failed(**_signal: object) -> None:
    metrics.SIGN_IN_FAILURES.inc()


def _locked(**_signal: object) -> None:
    metrics.LOCKOUTS.inc()


user_login_failed.connect(_failed, dispatch_uid="metrics.sign_in_failed")
user_locked_out.connect(_locked, dispatch_uid="metrics.sign_in_locked")
