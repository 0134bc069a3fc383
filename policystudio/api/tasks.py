"""What the worker does for REST; each task calls one service."""

from celery import shared_task
from django.utils import timezone

from policystudio.api.idempotency import forget_answers


@shared_task
def answers_forget() -> None:
    """Remove answers that were kept for their time; the worker's beat sends this now and then."""
    forget_answers(timezone.now())
