"""Imports as jobs: asked for by a person, run by a worker, watched, cancelled, and mended when a worker is lost.

Every change of state is one conditional UPDATE, so that of two who try only one succeeds.
"""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files import File
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from policystudio.audit import services as audit
from policystudio.awssync import selectors
from policystudio.awssync.models import MAX_ATTEMPTS, ImportJob
from policystudio.awssync.services.account_import import (
    ImportRefusedError,
    account_import,
    checked_name,
    checked_organization,
)
from policystudio.awssync.services.job_progress import (
    READING_LEASE,
    JobProgress,
    LeaseLostError,
    ask_to_stop,
    clean_up,
)
from policystudio.awssync.services.progress import ImportCancelledError
from policystudio.awssync.snapshot import Report
from policystudio.lib import queue

logger = structlog.get_logger(__name__)

RUN_TASK = "policystudio.awssync.tasks.import_run"
#: A job that waits longer is sent again: its message may have been lost with a worker or a broker.
RESEND_AFTER = timedelta(seconds=60)
LOST = "the worker that ran the import was lost, {} times: look for the reason in its log, then import the file again"
OUR_ERROR = "the import met an error of Policy Studio itself, nothing was changed: the log of the worker has more"

State = ImportJob.State


def import_create(
    *,
    user: AbstractBaseUser,
    file: "File[bytes]",
    now: datetime,
    name: str = "",
    organization: str = "",
) -> ImportJob:
    """Keep the file, and ask for its import as soon as the caller's transaction is committed.

    ``name`` and ``organization`` as for ``account_import``. Raises ``ImportRefusedError`` where the file is empty or
    larger than the setting UPLOAD_LIMIT, or the name is none.
    """
    name, organization = checked_name(name), checked_organization(organization)
    if not file.size or file.size > settings.UPLOAD_LIMIT:
        allowed = f"at most {settings.UPLOAD_LIMIT >> 20:,} MB are taken"
        raise ImportRefusedError(f"the file is too large: {allowed}" if file.size else "the file is empty")
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    job = ImportJob(
        created_by_id=user.pk,
        name=name,
        organization=organization,
        filename="".join(filter(str.isprintable, (file.name or "").rpartition("/")[2]))[-255:],
        size=file.size,
        progress_total=file.size,
        input_digest=digest.hexdigest(),
        created_at=now,
    )
    file.seek(0)
    job.upload.save("upload", file, save=False)
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            details = {"filename": job.filename, "size": job.size, "sha256": job.input_digest}
            audit.record(actor=user, action="import.requested", target=str(job.pk), details=details, at=now)
    except BaseException:
        job.upload.delete(save=False)
        raise
    transaction.on_commit(lambda: _send(job.pk, now))
    return job


def import_cancel(*, by: AbstractBaseUser, job: ImportJob, now: datetime) -> ImportJob:
    """Stop a job: at once while it waits, at its next step while it runs; answers with its state afterwards.

    A job that came to an end stays as it is.
    """
    # The file first: on SQLite no row can be written before the transaction of a running job has ended.
    ask_to_stop(job.pk)
    with transaction.atomic():
        ended = _move(job.pk, [State.QUEUED], _ended(State.CANCELLED, now))
        if ended or _move(job.pk, [State.RUNNING], {"cancel_requested": True}):
            audit.record(actor=by, action="import.cancelled", target=str(job.pk), at=now)
    if ended:
        _remove_upload(job.pk)
    fresh = ImportJob.objects.select_related("created_by").get(pk=job.pk)
    if fresh.is_finished:
        clean_up(job.pk)
    return selectors.with_progress(fresh)


def import_run(*, job_id: UUID, clock: Callable[[], datetime] = timezone.now) -> None:
    """Run a job to its end, unless it has ended or another worker runs it: messages may come twice.

    Never raises for what is wrong with the file; the row tells. What else goes wrong is tried again, thrice at most.
    """
    lease = uuid.uuid4()
    if not _claim(job_id, lease, clock()):
        return
    job = ImportJob.objects.select_related("created_by").get(pk=job_id)
    try:
        _run(job, lease, clock)
    except ImportRefusedError as error:
        _release(job_id, lease, _ended(State.FAILED, clock(), error=str(error)))
    except ImportCancelledError:
        _release(job_id, lease, _ended(State.CANCELLED, clock()))
    except LeaseLostError:
        logger.warning("import lost its lease", job=str(job_id))
        return
    except Exception:
        logger.exception("import failed", job=str(job_id))
        connection.close()  # it may be what is broken
        _release(job_id, lease, _given_back(clock()))
    _tidy(job_id)


def jobs_reap(*, now: datetime) -> int:
    """Mend what lost workers and brokers left behind; answers with how many jobs were sent again.

    Jobs whose lease ran out wait again, or have ended where they were cancelled or tried often enough. Jobs that wait
    for long are sent again. Files of jobs that have ended are removed.
    """
    lost = ImportJob.objects.filter(state=State.RUNNING, lease_until__lt=now)
    for job in lost:
        cancelled = job.cancel_requested
        values = _ended(State.CANCELLED, now) if cancelled else _given_back(now, LOST.format(job.attempts))
        _release(job.pk, job.lease, values)
    waiting = ImportJob.objects.filter(state=State.QUEUED)
    due = waiting.filter(Q(sent_at=None) | Q(sent_at__lt=now - RESEND_AFTER)).order_by("created_at")
    sent = sum(_send(pk, now) for pk in due.values_list("pk", flat=True))
    for pk in ImportJob.objects.exclude(finished_at=None).exclude(upload="").values_list("pk", flat=True):
        _remove_upload(pk)
    return sent


def _send(job_id: UUID, now: datetime) -> bool:
    if not queue.send(RUN_TASK, str(job_id)):
        return False
    ImportJob.objects.filter(pk=job_id, state=State.QUEUED).update(sent_at=now)
    return True


def _claim(job_id: UUID, lease: UUID, now: datetime) -> bool:
    values = {
        "state": State.RUNNING,
        "phase": ImportJob.Phase.READING,
        "progress_done": 0,
        "progress_total": F("size"),
        "attempts": F("attempts") + 1,
        "lease": lease,
        "lease_until": now + READING_LEASE,
        "started_at": now,
    }
    return _move(job_id, [State.QUEUED], values)


def _run(job: ImportJob, lease: UUID, clock: Callable[[], datetime]) -> None:
    if job.created_by is None or not job.created_by.is_active:
        raise ImportRefusedError("the person who asked for the import may not sign in any more")

    progress = JobProgress(job, lease, clock)

    def finish(report: Report) -> None:
        """In the transaction of the import, so that the job has succeeded exactly when its changes are kept."""
        progress.check_cancelled()
        values = _ended(State.SUCCEEDED, clock(), report=report.as_json(), progress_done=F("progress_total"))
        if not _release(job.pk, lease, values):
            raise LeaseLostError

    try:
        upload = job.upload.open("rb")
    except FileNotFoundError:
        raise ImportRefusedError("the uploaded file is gone: upload it again") from None
    with upload as file:
        account_import(
            file=cast("BinaryIO", file),
            by=job.created_by,
            now=clock(),
            name=job.name,
            organization=job.organization,
            progress=progress,
            finish=finish,
        )


def _move(job_id: UUID, states: list[State], values: dict[str, Any]) -> bool:
    return bool(ImportJob.objects.filter(pk=job_id, state__in=states).update(**values))


def _release(job_id: UUID, lease: UUID | None, values: dict[str, Any]) -> bool:
    return bool(ImportJob.objects.filter(pk=job_id, state=State.RUNNING, lease=lease).update(**values))


def _ended(state: State, now: datetime, **values: Any) -> dict[str, Any]:
    return {"state": state, "phase": "", "lease": None, "lease_until": None, "finished_at": now, **values}


def _given_back(now: datetime, error: str = OUR_ERROR) -> dict[str, Any]:
    """The job waits again; after the last attempt it has failed."""
    last = Q(attempts__gte=MAX_ATTEMPTS)
    return {
        "state": Case(When(last, then=Value(State.FAILED)), default=Value(State.QUEUED)),
        "finished_at": Case(When(last, then=Value(now)), default=None),
        "error": Case(When(last, then=Value(error)), default=Value("")),
        "phase": "",
        "lease": None,
        "lease_until": None,
        "sent_at": None,
    }


def _tidy(job_id: UUID) -> None:
    """A job that has ended needs its files no more; one that waits again is sent by the reaper."""
    if ImportJob.objects.filter(pk=job_id).exclude(finished_at=None).exists():
        _remove_upload(job_id)


def _remove_upload(job_id: UUID) -> None:
    job = ImportJob.objects.get(pk=job_id)
    clean_up(job_id)
    if job.upload.name:
        job.upload.storage.delete(job.upload.name)
        ImportJob.objects.filter(pk=job_id).update(upload="")
