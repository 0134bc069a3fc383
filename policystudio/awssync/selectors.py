"""Reads of import jobs."""

import json
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from policystudio.awssync.models import ImportJob


def imports_visible_to(user: AbstractBaseUser | AnonymousUser) -> QuerySet[ImportJob]:
    """The imports that ``user`` asked for, newest first; everybody's for a superuser."""
    jobs = ImportJob.objects.select_related("created_by")
    if not user.is_authenticated or not user.is_active:
        return jobs.none()
    return jobs if getattr(user, "is_superuser", False) else jobs.filter(created_by=user.pk)


def import_get(user: AbstractBaseUser | AnonymousUser, job_id: UUID) -> ImportJob:
    """An import with its progress as of now; raises ``ImportJob.DoesNotExist`` where ``user`` may not see it, too."""
    return with_progress(imports_visible_to(user).get(pk=job_id))


def with_progress(job: ImportJob) -> ImportJob:
    """The job with ``progress_done`` of this moment: while it writes, a file knows more than the row."""
    if job.state == ImportJob.State.RUNNING and job.phase == ImportJob.Phase.WRITING:
        try:
            said = json.loads(progress_file(job.pk).read_text())
            job.progress_done, job.progress_total = int(said["done"]), int(said["total"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not written yet, or just removed: the row is right
    return job


def imports_by_state() -> dict[tuple[str, ...], float]:
    """How many imports are in each state."""
    found = dict(ImportJob.objects.order_by().values_list("state").annotate(Count("pk")))
    return {(state,): float(found.get(state, 0)) for state in ImportJob.State.values}


def longest_wait() -> dict[tuple[str, ...], float]:
    """Seconds since the oldest import that waits was asked for; 0 where none waits."""
    oldest = ImportJob.objects.filter(state=ImportJob.State.QUEUED).aggregate(at=Min("created_at"))["at"]
    return {(): max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0}


def progress_file(job_id: UUID) -> Path:
    """The file in which a writing job tells how far it is."""
    return Path(settings.MEDIA_ROOT) / "imports" / f"{job_id}.progress"


def cancel_file(job_id: UUID) -> Path:
    """The file that asks a writing job to stop."""
    return Path(settings.MEDIA_ROOT) / "imports" / f"{job_id}.cancel"
