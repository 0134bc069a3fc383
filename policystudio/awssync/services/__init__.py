"""Writes: imports of account exports, at once and as jobs; organizations; resources; the demonstration."""

from policystudio.awssync.services.account_import import ImportRefusedError, account_import
from policystudio.awssync.services.demo import demo_load
from policystudio.awssync.services.jobs import import_cancel, import_create, import_run, jobs_reap
from policystudio.awssync.services.organization_import import organization_import
from policystudio.awssync.services.progress import ImportCancelledError, Progress
from policystudio.awssync.services.resources_import import resources_import

__all__ = [
    "ImportCancelledError",
    "ImportRefusedError",
    "Progress",
    "account_import",
    "demo_load",
    "import_cancel",
    "import_create",
    "import_run",
    "jobs_reap",
    "organization_import",
    "resources_import",
]
