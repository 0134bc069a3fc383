"""Sending tasks by name, so that services need not import the tasks that call them."""

import structlog
from celery import current_app

logger = structlog.get_logger(__name__)


def send(task: str, *arguments: str) -> bool:
    """Hand a task to the broker; False where that cannot be reached, which is logged.

    The row that the task is about is the record of what there is to do: what could not be sent now is sent later.
    """
    try:
        current_app.send_task(task, args=arguments)
    except Exception:  # every transport raises its own
        logger.exception("task could not be sent", task=task, arguments=arguments)
        return False
    return True
