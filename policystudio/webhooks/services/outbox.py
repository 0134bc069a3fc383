"""What is to be sent: written in the transaction of the entry that it tells, so that neither is there alone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.urls import reverse

from policystudio.audit.models import AuditEntry
from policystudio.audit.services import actor_name
from policystudio.lib import queue
from policystudio.webhooks.models import Delivery, Webhook
from policystudio.webhooks.selectors import listens
from policystudio.webhooks.services.webhooks import check_administrator, webhook_record

TASK = "policystudio.webhooks.tasks.delivery_run"
PING = "ping"


def deliveries_create(*, entry: AuditEntry, **_signal: object) -> None:
    """Put an entry into the outbox of every webhook of its account that listens to it."""
    # Asked of entries without an account, too: how long a refusal takes must not tell whether a key is somebody's.
    for webhook in Webhook.objects.filter(account__number=entry.account, active=True):
        if listens(webhook.events, entry.action):
            page = reverse("web:record-entry", args=[entry.account, entry.sequence])
            payload = {
                "id": f"entry-{entry.sequence}",
                "type": entry.action,
                "at": entry.at.isoformat(timespec="microseconds"),
                "account": entry.account,
                "actor": entry.actor,
                "target": entry.target,
                "text": _sentence(entry),
                "link": settings.STUDIO_URL + page,
                "hash": entry.hash,
            }
            _put(webhook, entry.action, payload, entry.at, entry.sequence)


@transaction.atomic
def webhook_ping(*, by: AbstractBaseUser, webhook: Webhook, now: datetime) -> Delivery:
    """Send a test, whatever the webhook listens to. Raises ``PermissionDenied``."""
    check_administrator(by, webhook.account)
    webhook_record(by, webhook, "webhook.tested", {}, now)
    number = webhook.account.number
    page = reverse("web:webhook", args=[number, webhook.pk])
    payload = {
        "id": f"ping-{webhook.pk}-{int(now.timestamp() * 1000)}",
        "type": PING,
        "at": now.isoformat(timespec="microseconds"),
        "account": number,
        "actor": actor_name(by),
        "target": str(webhook.pk),
        "text": f"Policy Studio: {actor_name(by)} tests this webhook of account {number}.",
        "link": settings.STUDIO_URL + page,
        "hash": "",
    }
    Webhook.objects.filter(pk=webhook.pk).update(not_before=None)
    return _put(webhook, PING, payload, now, None)


@transaction.atomic
def delivery_redeliver(*, by: AbstractBaseUser, delivery: Delivery, now: datetime) -> Delivery:
    """Send a delivery again that came to an end, with the same id; one that still waits goes at once.

    Raises ``PermissionDenied``.
    """
    webhook = delivery.webhook
    check_administrator(by, webhook.account)
    webhook_record(by, webhook, "webhook.redelivered", {"delivery": str(delivery.pk), "event": delivery.event}, now)
    Delivery.objects.filter(pk=delivery.pk, lease=None).update(
        state=Delivery.State.QUEUED, attempts=0, next_at=now, sent_at=None
    )
    Webhook.objects.filter(pk=webhook.pk).update(not_before=None)
    transaction.on_commit(lambda: delivery_send(delivery.pk, now))
    delivery.refresh_from_db()
    return delivery


def _put(webhook: Webhook, event: str, payload: dict[str, Any], now: datetime, sequence: int | None) -> Delivery:
    delivery = Delivery.objects.create(
        webhook=webhook, sequence=sequence, event=event, payload=payload, created_at=now, next_at=now
    )
    transaction.on_commit(lambda: delivery_send(delivery.pk, now))
    return delivery


def delivery_send(pk: UUID, now: datetime) -> bool:
    """Hand a delivery to the broker; False where that cannot be reached: the reaper comes to it."""
    if not queue.send(TASK, str(pk)):
        return False
    Delivery.objects.filter(pk=pk, state=Delivery.State.QUEUED).update(sent_at=now)
    return True


def _sentence(entry: AuditEntry) -> str:
    """For chat: one line."""
    about = f" ({entry.target})" if entry.target and entry.target != entry.account else ""
    return f"Policy Studio: {entry.actor or 'nobody'} {entry.action}{about} in account {entry.account}."
