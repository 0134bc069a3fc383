"""Writes: imports of account exports, at once and as jobs; organizations; resources; the demonstration."""

from policystudio.awssync.services.account_import import ImportRefusedError, account_import
from policystudio.awssync.services.jobs import import_cancel, import_create, import_run, jobs_reap
from policystudio.awssync.services.progress import ImportCancelledError, Progress

__all__ = [
    "ImportCancelledError",
    "ImportRefusedError",
    "Progress",
    "account_import",
    "import_cancel",
    "import_create",
    "import_run",
    "jobs_reap",
]
