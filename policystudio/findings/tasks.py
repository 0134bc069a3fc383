"""What the worker does for findings; each task looks up nothing itself and calls one service."""

from celery import shared_task
from django.utils import timezone

from policystudio.findings import services


@shared_task
def findings_work(account_id: str) -> None:
    """Work out the findings of one account."""
    services.findings_work(account_id=int(account_id))


@shared_task
def findings_reap() -> None:
    """Send what was lost; the worker's beat sends this now and then."""
    services.findings_reap(now=timezone.now())
