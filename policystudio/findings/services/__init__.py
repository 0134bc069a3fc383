"""Writes: findings worked out, at once and in the background, and waivers."""

from policystudio.findings.services.jobs import account_changed, findings_reap, findings_work, findings_work_now
from policystudio.findings.services.waivers import (
    LONGEST,
    WaiverError,
    waiver_change,
    waiver_grant,
    waiver_remove,
)

__all__ = [
    "LONGEST",
    "WaiverError",
    "account_changed",
    "findings_reap",
    "findings_work",
    "findings_work_now",
    "waiver_change",
    "waiver_grant",
    "waiver_remove",
]
