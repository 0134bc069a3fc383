"""What happens when Django starts: the Celery app is loaded, and the garbage collector told what it need not walk."""

import atexit
import gc

from django.apps import AppConfig
from django.db import connections


class PolicyStudioConfig(AppConfig):
    """The project itself, as an app without models."""

    name = "policystudio"
    verbose_name = "Policy Studio"

    def ready(self) -> None:
        from policystudio.celery import app
        from policystudio.lib import sign_in_metrics, task_log  # noqa: F401 -- they listen to signals

        app.set_default()
        spare_what_lives_long()
        # What is spared is not taken apart at the end either. A connection to SQLite left open would leave its last
        # changes in the log beside the file, and a copy of the file without them.
        atexit.register(connections.close_all)


def spare_what_lives_long() -> None:
    """Let the garbage collector look at what is new only.

    Modules and catalogues stay for good, and the answer about 10,000 identities is a million objects that live as long
    as it does. With Python's own thresholds all of them are walked again and again: a third of the time of an answer.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
