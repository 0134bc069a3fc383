"""The request that asked for a job stands in every line that the job logs; how long jobs take is counted."""

import time
from typing import Any

import structlog
from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

from policystudio.lib import metrics
from policystudio.lib.request_log import current_request_id

logger = structlog.get_logger("policystudio.job")

#: The header of a message that carries the id of the request.
HEADER = "request_id"
_started: dict[str, float] = {}


@before_task_publish.connect
def pass_request_id_on(headers: dict[str, Any] | None = None, **_signal: object) -> None:
    """Write the id of the request that is being answered into the message."""
    request_id = current_request_id()
    if headers is not None and request_id:
        headers[HEADER] = request_id


@task_prerun.connect
def begin(task_id: str, task: Task, **_signal: object) -> None:
    """Bind the id to every line, and look at the clock."""
    structlog.contextvars.bind_contextvars(task=task.name)
    if request_id := (task.request.get(HEADER) or (task.request.headers or {}).get(HEADER)):
        structlog.contextvars.bind_contextvars(request_id=str(request_id))
    _started[task_id] = time.perf_counter()


@task_postrun.connect
def end(task_id: str, task: Task, state: str | None = None, **_signal: object) -> None:
    """Log and count how it ended; a reaper, which comes every few seconds, is only counted."""
    seconds = time.perf_counter() - _started.pop(task_id, time.perf_counter())
    metrics.WORK.labels(task.name.rpartition(".")[2], (state or "unknown").lower()).observe(seconds)
    if not task.name.endswith("_reap"):
        logger.info("job", state=state, milliseconds=round(seconds * 1000))
    structlog.contextvars.unbind_contextvars("task", "request_id")
