"""Health: `/healthz` says that the process answers, `/readyz` that it can do its work."""

from collections.abc import Callable

import structlog
from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = structlog.get_logger(__name__)

BROKER_SECONDS = 3


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers requests; it asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 when database, migrations and broker are in order, else 503; the body names each: `{"database": "ok", …}`.

    It says no more than that to whoever asks, the reasons are in the log.
    """
    checks: dict[str, Callable[[], str]] = {"database": _database, "broker": _broker}
    answers = {name: check() for name, check in checks.items()}
    return JsonResponse(answers, status=200 if set(answers.values()) == {"ok"} else 503)


for _probe in (healthz, readyz):
    # Whoever watches is never told to wait.
    _probe.counts_clients = True  # type: ignore[attr-defined]  # functions may bear attributes


def _database() -> str:
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        logger.warning("database cannot be reached", error=str(error))
        return "cannot be reached"
    return f"{len(pending)} migrations wait for manage.py migrate" if pending else "ok"


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except Exception as error:  # noqa: BLE001 -- every transport raises its own
        logger.warning("broker cannot be reached", error=str(error))
        return "cannot be reached"
    return "ok"
