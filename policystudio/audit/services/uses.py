"""What happens too often for an entry each time: uses of keys, and failures, which anybody may cause without end.

Each entry waits for the one before it, so one for every request would make all requests wait in a line.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from policystudio.audit.models import AuditTally
from policystudio.audit.services.recording import Actor, actor_name, record
from policystudio.lib.origin import current_address

#: So many failures of one name in an hour may have an entry each, whatever the addresses; then each that doubles them.
MOST_FAILURES = 1000


def record_export(
    *, actor: Actor, action: str, target: str, account: str = "", details: Mapping[str, Any] | None = None
) -> None:
    """Tell that somebody takes data out as a file: ``policy.exported``. Opens the transaction."""
    with transaction.atomic():
        record(actor=actor, action=action, target=target, account=account, details=details)


def record_use(
    *,
    actor: Actor,
    action: str,
    target: str,
    account: str = "",
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> bool:
    """Tell that a token or key is used, once for each, each address and hour; whether this was the first time.

    Opens the transaction. ``target`` names the token or key, never its secret.
    """
    at = at or timezone.now()
    key = _key(at, action, actor_name(actor), target, current_address())
    if AuditTally.objects.filter(key=key).exists():
        return False
    with transaction.atomic():
        _, is_first = AuditTally.objects.get_or_create(key=key, defaults={"hour": _hour(at)})
        if is_first:
            _forget_before(at)
            record(actor=actor, action=action, target=target, account=account, details=details, at=at)
    return is_first


def record_failure(*, action: str, target: str, account: str = "", at: datetime | None = None) -> bool:
    """Tell that somebody failed to prove who they are; whether an entry was written.

    Of one target and address (of IPv6 the first 64 bits) each failure has an entry until the setting
    SIGN_IN_FAILURE_LIMIT, then each that doubles their number in the hour, which ``details`` tell. Opens the
    transaction. ``target`` is a name that exists or "": what was typed may be a password.
    """
    at = at or timezone.now()
    with transaction.atomic():
        here = _count(at, action, target, _network(current_address()))
        everywhere = _count(at, action, target, "everywhere")
        told = _is_told(here, settings.AXES_FAILURE_LIMIT) and _is_told(everywhere, MOST_FAILURES)
        if told:
            details = {"failures_this_hour": here, "from_any_address": everywhere} if everywhere > 1 else {}
            record(actor="", action=action, target=target, account=account, details=details, at=at)
    return told


def _is_told(count: int, each: int) -> bool:
    """The first ``each``, and then those that double them."""
    doubled, rest = divmod(count, each)
    return count <= each or (rest == 0 and doubled & (doubled - 1) == 0)


def _count(at: datetime, *parts: str) -> int:
    key = _key(at, *parts)
    tally, is_first = AuditTally.objects.get_or_create(key=key, defaults={"hour": _hour(at)})
    if is_first:
        _forget_before(at)
        return 1
    AuditTally.objects.filter(key=key).update(count=F("count") + 1)
    tally.refresh_from_db()
    return tally.count


def _forget_before(at: datetime) -> None:
    AuditTally.objects.filter(hour__lt=at - timedelta(hours=2)).delete()


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _key(at: datetime, *parts: str) -> str:
    text = "\0".join((_hour(at).isoformat(), *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _network(address: str) -> str:
    """Who has one IPv6 address usually has 2⁶⁴ of them."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))
