"""The progress of an import job, seen from other processes while its transaction is open.

The row cannot tell: nobody sees what a transaction writes before it ends, and on SQLite nobody else can write
meanwhile. So a writing job keeps a small file beside its upload, and a file there asks it to stop.
"""

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from policystudio.awssync.models import ImportJob
from policystudio.awssync.selectors import cancel_file, progress_file
from policystudio.awssync.services.progress import ImportCancelledError, Progress

#: Seconds between two looks at the row and the files.
INTERVAL = 0.5
#: How long a job may be silent before it counts as lost: while it reads, and while it writes, when only the end of its
#: transaction can renew the lease. The second grows with the rows to write.
READING_LEASE = timedelta(seconds=30)
WRITING_LEASE = timedelta(seconds=120)
WRITING_LEASE_EACH = timedelta(milliseconds=1)


class LeaseLostError(Exception):
    """Another attempt runs the job, or it came to an end: this one must leave everything as it is."""


class JobProgress(Progress):
    """Notes in the row how much was read and renews the lease; while writing, in the file."""

    def __init__(self, job: ImportJob, lease: UUID, clock: Callable[[], datetime]) -> None:
        self.job = job
        self.lease = lease
        self.clock = clock
        self._next = 0.0

    def reading(self, done: int) -> None:
        if self._is_due():
            self._note(self.clock() + READING_LEASE, progress_done=done)

    def ready(self, total: int) -> None:
        until = self.clock() + WRITING_LEASE + WRITING_LEASE_EACH * total
        self._note(until, phase=ImportJob.Phase.WRITING, progress_done=0, progress_total=total)

    def writing(self, done: int, total: int) -> None:
        if not self._is_due():
            return
        _replace(progress_file(self.job.pk), json.dumps({"done": done, "total": total}))
        self.check_cancelled()

    def check_cancelled(self) -> None:
        """Raise ``ImportCancelledError`` where somebody asked to stop."""
        if cancel_file(self.job.pk).exists() or self._cancel_requested():
            raise ImportCancelledError

    def _is_due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + INTERVAL
        return True

    def _note(self, until: datetime, **values: object) -> None:
        mine = ImportJob.objects.filter(pk=self.job.pk, lease=self.lease)
        if mine.filter(cancel_requested=False).update(lease_until=until, **values):
            return
        if mine.exists():
            raise ImportCancelledError
        raise LeaseLostError

    def _cancel_requested(self) -> bool:
        """On PostgreSQL a transaction sees what others committed meanwhile."""
        return ImportJob.objects.filter(pk=self.job.pk, cancel_requested=True).exists()


def ask_to_stop(job_id: UUID) -> None:
    """Leave the file that a writing job looks for."""
    file = cancel_file(job_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def clean_up(job_id: UUID) -> None:
    """Remove both files."""
    for file in (progress_file(job_id), cancel_file(job_id)):
        file.unlink(missing_ok=True)


def _replace(file: Path, text: str) -> None:
    draft = file.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(file)
