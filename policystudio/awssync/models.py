"""Imports of account exports. The row is the record of the job; the broker only carries its id."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

#: After so many attempts a job that never came to an end has failed.
MAX_ATTEMPTS = 3


def upload_name(job: "ImportJob", _filename: str) -> str:
    """Where an upload is kept below MEDIA_ROOT: named by the job, never by the user."""
    return f"imports/{job.id}.upload"


class ImportJob(models.Model):
    """One import that was asked for in the browser or over REST.

    queued → running → succeeded | failed | cancelled; running → queued again where the worker was lost.
    ``lease`` names the attempt that runs now and ``lease_until`` is when it counts as lost. ``report`` is that of
    ``services.ImportReport.as_json()``; ``error`` is the sentence for a person where the job failed. ``upload`` is
    removed when the job ends; ``input_digest`` (SHA-256) and ``filename`` stay.
    """

    class State(models.TextChoices):
        """The states of a job."""

        QUEUED = "queued", "queued"
        RUNNING = "running", "running"
        SUCCEEDED = "succeeded", "succeeded"
        FAILED = "failed", "failed"
        CANCELLED = "cancelled", "cancelled"

    class Phase(models.TextChoices):
        """What a running job does."""

        WAITING = "", "waiting"
        READING = "reading", "reading the file"
        WRITING = "writing", "writing to the database"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="import_jobs"
    )
    name = models.CharField(max_length=128, blank=True)
    organization = models.CharField(max_length=34, blank=True)
    filename = models.CharField(max_length=255, blank=True)
    upload = models.FileField(upload_to=upload_name, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    input_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    phase = models.CharField(max_length=7, choices=Phase, default=Phase.WAITING, blank=True)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "lease_until"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "succeeded", "failed", "cancelled"]),
                name="import_job_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(lease=None, lease_until=None)),
                name="import_job_leased_exactly_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at=None),
                name="import_job_finished_at_its_end",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=MAX_ATTEMPTS), name="import_job_few_attempts"),
        ]

    def __str__(self) -> str:
        return f"import {self.id} ({self.state})"

    @property
    def is_finished(self) -> bool:
        """Whether the job came to an end."""
        return self.finished_at is not None
