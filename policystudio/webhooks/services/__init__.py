"""Writes of webhooks, the outbox that entries of the audit record go into, and sending."""

from policystudio.webhooks.services.outbox import deliveries_create, delivery_redeliver, webhook_ping
from policystudio.webhooks.services.sending import deliveries_reap, delivery_run
from policystudio.webhooks.services.webhooks import (
    StaleWebhookError,
    WebhookError,
    secret_rotate,
    webhook_create,
    webhook_remove,
    webhook_update,
)

__all__ = [
    "StaleWebhookError",
    "WebhookError",
    "deliveries_create",
    "deliveries_reap",
    "delivery_redeliver",
    "delivery_run",
    "secret_rotate",
    "webhook_create",
    "webhook_ping",
    "webhook_remove",
    "webhook_update",
]
