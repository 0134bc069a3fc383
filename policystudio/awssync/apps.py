"""Django's description of the app."""

from django.apps import AppConfig


class AwsSyncConfig(AppConfig):
    """AWS sync."""

    name = "policystudio.awssync"
    verbose_name = "AWS sync"

    def ready(self) -> None:
        """Tell whoever watches how imports do."""
        from policystudio.awssync import selectors
        from policystudio.lib.metrics import read_when_asked

        read_when_asked("policystudio_import_jobs", "Imports by state.", ("state",), selectors.imports_by_state)
        about = "For how long the oldest import that waits has waited."
        read_when_asked("policystudio_import_oldest_queued_seconds", about, (), selectors.longest_wait)
