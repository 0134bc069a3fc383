"""What the worker does for imports; each task looks up nothing itself and calls one service."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from policystudio.awssync import services


@shared_task
def import_run(job_id: str) -> None:
    """Run one import."""
    services.import_run(job_id=UUID(job_id))


@shared_task
def jobs_reap() -> None:
    """Mend what was lost; the worker's beat sends this every few seconds."""
    services.jobs_reap(now=timezone.now())
