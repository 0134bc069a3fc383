"""How gunicorn serves Policy Studio; the numbers come from the settings, so from the environment."""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "policystudio.settings")

from django.conf import settings

from policystudio.lib.metrics_folder import keep_counts_in

# Before the application is imported: what it counts stands there from the beginning.
keep_counts_in(settings.METRICS_FOLDER)

bind = f"{settings.HOST}:{settings.PORT}"
wsgi_app = "policystudio.wsgi:application"
workers = settings.WEB_WORKERS
threads = settings.WEB_THREADS
worker_class = "gthread"
# All inputs of the simulator stand in its address, policies to try among them: as long as gunicorn can read.
limit_request_line = 8190
# Last of all: each analysis has its limits, and all of a request's together have ANALYSIS_SECONDS.
timeout = max(60, 3 * settings.ANALYSIS_SECONDS)
graceful_timeout = 20
# A worker that has served for long makes room for a fresh one; the jitter keeps them from doing so all at once.
max_requests = 10_000
max_requests_jitter = 1_000
# The header X-Forwarded-Proto is judged by Django, which knows whether a proxy is trusted (TRUSTED_PROXIES).
forwarded_allow_ips = ""
control_socket_disable = True
# One line a request is written by policystudio.lib.request_log, in the format of LOG_FORMAT.
accesslog = None
loglevel = "warning"
logconfig_dict = settings.LOGGING


def post_worker_init(_worker: Any) -> None:
    """What a worker has loaded by now stays for good, too (`policystudio/apps.py`); from now on it is watched."""
    from policystudio.lib import watchdog

    gc.collect()
    gc.freeze()
    # gunicorn's own timeout sees a worker that hangs as a whole, and not a thread of it.
    watchdog.start(timeout)


def child_exit(_server: Any, worker: Any) -> None:
    """What a worker has counted stays when it ends."""
    from policystudio.lib.metrics import absorb

    absorb(settings.METRICS_FOLDER, worker.pid)
