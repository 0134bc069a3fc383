"""The Celery app: `celery --app policystudio.celery worker` runs what `tasks.py` of every app holds."""

import os
import sys
import warnings

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import setup_logging
from django.conf import settings

from policystudio.lib.metrics_folder import keep_counts_in

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policystudio.settings")

# Celery warns root because of pickled messages. We accept JSON alone, and in a container root is the usual user.
warnings.filterwarnings("ignore", category=SecurityWarning)

if "worker" in sys.argv[1:]:
    # Its processes count together with those of the web server, which shows what they counted.
    keep_counts_in(settings.METRICS_FOLDER)

app = Celery("policystudio", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """A connected receiver stops Celery from replacing the logging that the settings configure."""
