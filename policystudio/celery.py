"""The Celery app: `celery --app policystudio.celery worker` runs what `tasks.py` of every app holds."""

import os

from celery import Celery
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policystudio.settings")

app = Celery("policystudio", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """A connected receiver stops Celery from replacing the logging that the settings configure."""
