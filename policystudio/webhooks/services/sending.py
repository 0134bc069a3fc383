"""Sending deliveries: at least once, again and again for a day, one at a time to each webhook.

A message of the broker may come twice or never: whoever takes a delivery up claims it by one conditional UPDATE, and
what has no message any more is sent again by the reaper.
"""

import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from policystudio.lib import metrics
from policystudio.lib.egress import Answer, EgressError, post
from policystudio.webhooks import selectors
from policystudio.webhooks.models import Delivery, Webhook
from policystudio.webhooks.services.outbox import delivery_send
from policystudio.webhooks.services.webhooks import webhook_record

logger = structlog.get_logger(__name__)
State = Delivery.State

#: Minutes after each attempt that failed; after the last one of MOST_ATTEMPTS the delivery has failed.
WAITS = (1, 5, 20, 60, 180, 420, 720)
MOST_ATTEMPTS = len(WAITS) + 1
#: Waits are longer or shorter by as much, so that what failed together does not come back together.
JITTER = 0.2
#: How long an attempt may take before it counts as lost; more than lib.egress lets it take for name, host and answer.
LEASE = timedelta(seconds=90)
#: A delivery that waits longer is sent again: its message may have been lost.
RESEND_AFTER = timedelta(seconds=60)
#: After a failure nothing else is sent to a webhook for so long: a dead one must not occupy the workers.
PAUSE = timedelta(seconds=30)
#: A webhook to which nothing got through for so long is switched off when a delivery has failed.
GIVE_UP_AFTER = timedelta(days=3)
#: Deliveries that came to an end are kept so long.
KEPT = timedelta(days=30)
MOST_SENT = 500
WORKER = "worker"
GONE = 410


def delivery_run(
    *, delivery_id: UUID, clock: Callable[[], datetime] = timezone.now, jitter: Callable[[], float] = random.random
) -> bool:
    """Make one attempt, unless the delivery has ended, is not due, or another worker is at it; whether it did."""
    lease, now = uuid.uuid4(), clock()
    if not _claim(delivery_id, lease, now):
        return False
    delivery = Delivery.objects.select_related("webhook__account").get(pk=delivery_id)
    begun = time.monotonic()
    answer: Answer | None = None
    error = ""
    try:
        answer = _post(delivery, clock())
    except EgressError as refused:
        error = str(refused)
    except Exception:  # whatever it is, the delivery is tried again
        logger.exception("webhook delivery failed", delivery=str(delivery_id))
        connection.close()  # it may be what is broken
        error = "the studio itself met an error: its log has more"
    values = {
        "milliseconds": int((time.monotonic() - begun) * 1000),
        "status": answer.status if answer else None,
        "answer": answer.text if answer else "",
        "error": error,
    }
    _finish(delivery, lease, values, clock(), jitter())
    outcome = "failed" if answer is None else "arrived" if _has_arrived(answer.status) else "refused"
    metrics.DELIVERIES.labels(outcome).inc()
    return True


def deliveries_reap(*, now: datetime) -> int:
    """Send what is due and has no message; forget what ended long ago. Answers with how many were sent."""
    Delivery.objects.filter(lease_until__lt=now).update(lease=None, lease_until=None)
    waiting = Delivery.objects.filter(state=State.QUEUED, next_at__lte=now, lease=None, webhook__active=True)
    waiting = waiting.filter(Q(webhook__not_before=None) | Q(webhook__not_before__lte=now))
    due = waiting.filter(Q(sent_at=None) | Q(sent_at__lt=now - RESEND_AFTER)).order_by("next_at")
    sent = sum(delivery_send(pk, now) for pk in due.values_list("pk", flat=True)[:MOST_SENT])
    Delivery.objects.filter(created_at__lt=now - KEPT).exclude(state=State.QUEUED).delete()
    return sent


def _claim(delivery_id: UUID, lease: UUID, now: datetime) -> bool:
    """One attempt at a time to each webhook, which is on and not paused."""
    webhook = Webhook.objects.filter(deliveries=delivery_id).first()
    if webhook is None or not webhook.active:
        return False
    if webhook.not_before is not None and webhook.not_before > now:
        return False
    busy = Delivery.objects.filter(webhook=webhook, lease_until__gt=now).exclude(pk=delivery_id)
    free = Delivery.objects.filter(Q(lease=None) | Q(lease_until__lt=now), pk=delivery_id, state=State.QUEUED)
    with transaction.atomic():
        Webhook.objects.select_for_update().get(pk=webhook.pk)
        if busy.exists():
            # It waits its turn: the reaper sends it again.
            free.update(sent_at=None)
            return False
        values = {"lease": lease, "lease_until": now + LEASE, "attempts": F("attempts") + 1}
        return bool(free.filter(next_at__lte=now).update(**values))


def _post(delivery: Delivery, now: datetime) -> Answer:
    secrets = selectors.secrets_of(delivery.webhook, now)
    if not secrets:
        raise EgressError("SECRET_KEY was changed since the secret was made: rotate the secret of the webhook")
    body = body_of(delivery)
    at = int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "PolicyStudio",
        "PolicyStudio-Event": delivery.event,
        "PolicyStudio-Delivery": str(delivery.pk),
        "PolicyStudio-Attempt": str(delivery.attempts),
        "PolicyStudio-Signature": selectors.signature(secrets, at, body),
    }
    return post(delivery.webhook.url, body, headers, selectors.rules())


def body_of(delivery: Delivery) -> bytes:
    """The bytes that are sent; of a delivery that is sent again they are the same."""
    return json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _has_arrived(status: int) -> bool:
    return 200 <= status < 300


@transaction.atomic
def _finish(delivery: Delivery, lease: UUID, values: Mapping[str, object], now: datetime, jitter: float) -> None:
    status = values["status"]
    arrived = isinstance(status, int) and _has_arrived(status)
    ended = {**values, "lease": None, "lease_until": None, "last_at": now}
    failed_for_good = not arrived and (delivery.attempts >= MOST_ATTEMPTS or status == GONE)
    if arrived:
        ended["state"] = State.SUCCEEDED
    elif failed_for_good:
        ended["state"] = State.FAILED
    else:
        wait = WAITS[delivery.attempts - 1] * 60 * (1 + JITTER * (2 * jitter - 1))
        ended |= {"next_at": now + timedelta(seconds=wait), "sent_at": None}
    if not Delivery.objects.filter(pk=delivery.pk, lease=lease).update(**ended):
        return  # the lease was lost, and another attempt has the delivery
    webhook = Webhook.objects.select_for_update().select_related("account").get(pk=delivery.webhook_id)
    if arrived:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=None, not_before=None)
        return
    since = webhook.failing_since or now
    Webhook.objects.filter(pk=webhook.pk).update(failing_since=since, not_before=now + PAUSE)
    if status == GONE:
        _stop(webhook, "it answered 410 Gone", now)
    elif failed_for_good and since <= now - GIVE_UP_AFTER:
        _stop(webhook, f"nothing has arrived there since {since:%Y-%m-%d %H:%M} UTC", now)


def _stop(webhook: Webhook, why: str, now: datetime) -> None:
    """Switch a webhook off; its administrators see why."""
    if Webhook.objects.filter(pk=webhook.pk, active=True).update(active=False, stopped=why, version=F("version") + 1):
        webhook_record(WORKER, webhook, "webhook.stopped", {"why": why}, now)
