"""What the worker does for the audit record; the task calls one service."""

from celery import shared_task

from policystudio.audit import services

#: Who acts where no person does.
WORKER = "worker"


@shared_task
def record_verify() -> None:
    """Read the whole record and keep what came of it; the beat sends this once a day."""
    services.verification_run(by=WORKER)
