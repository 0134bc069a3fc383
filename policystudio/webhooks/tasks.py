"""What the worker does for webhooks; each task looks up nothing itself and calls one service."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from policystudio.webhooks import services


@shared_task
def delivery_run(delivery_id: str) -> None:
    """Make one attempt to deliver."""
    services.delivery_run(delivery_id=UUID(delivery_id))


@shared_task
def deliveries_reap() -> None:
    """Send what is due or was lost; the worker's beat sends this every few seconds."""
    services.deliveries_reap(now=timezone.now())
