"""The Celery app: `celery --app policystudio.celery worker` runs what `tasks.py` of every app holds."""

import os
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policystudio.settings")

# Celery warns root because of pickled messages. We accept JSON alone, and in a container root is the usual user.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("policystudio", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """A connected receiver stops Celery from replacing the logging that the settings configure."""
