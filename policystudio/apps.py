"""Loads the Celery app when Django starts, so that `policystudio/__init__.py` can stay empty."""

from django.apps import AppConfig


class PolicyStudioConfig(AppConfig):
    """The project itself, as an app without models."""

    name = "policystudio"
    verbose_name = "Policy Studio"

    def ready(self) -> None:
        from policystudio.celery import app

        app.set_default()
