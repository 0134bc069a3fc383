"""Logging: one JSON object a line in production, coloured lines on a console, structlog and stdlib alike."""

import logging.config
import re
import sys
import traceback
from typing import Any, TextIO

import structlog

_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
# Tracebacks without local variables, which hold passwords and tokens; structlog would print them by default.
_FRAMES = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
#: What databases add to an error: the row that was refused, which may hold a policy or a name.
_ROWS = re.compile(r"^\s*(?:DETAIL|CONTEXT|QUERY|STATEMENT|PARAMETERS):")
_LONGEST_LINE = 500
_QUERY = re.compile(r"\?[^\s'\"]*")
#: Libraries that, asked for everything, tell headers, signatures and addresses with secrets in them.
_TALKATIVE = ("botocore", "urllib3", "kombu", "amqp", "asyncio", "requests_oauthlib", "oauthlib", "allauth")


def without_rows(text: str) -> str:
    """The text of an error without the row that a database shows, and without what makes a line endless."""
    lines = (line for line in text.splitlines() if not _ROWS.match(line))
    return "\n".join(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…" for line in lines)


def _as_frames(exc_info: Any) -> list[dict[str, Any]]:
    found = _FRAMES(exc_info)
    for error in found:
        error["exc_value"] = without_rows(error["exc_value"])
    return found


def _as_text(stream: TextIO, exc_info: Any) -> None:
    stream.write(without_rows("".join(traceback.format_exception(*exc_info))))


def _without_query(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """gunicorn names the whole address of a request that failed, and the query may hold policies."""
    if str(event.get("logger", "")).startswith("gunicorn"):
        event["event"] = _QUERY.sub("?…", str(event["event"]))
    return event


def logging_config(*, level: str, log_format: str) -> dict[str, Any]:
    """The dictionary for `logging.config.dictConfig`; `log_format` is `json` or `console`."""
    renderer: list[structlog.typing.Processor] = (
        [structlog.processors.ExceptionRenderer(_as_frames), structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_as_text)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                # Of what Django adds to a line, the request would be shown with its query: only the status is kept.
                "foreign_pre_chain": [*_SHARED, structlog.stdlib.ExtraAdder(allow=["status_code"]), _without_query],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # One line a request is written by RequestLogMiddleware; Django would add another for every 4xx.
            "django.request": {"level": "ERROR"},
            # Celery tells of every task that comes and goes, the reaper's every ten seconds among them.
            **{f"celery.{name}": {"level": "WARNING"} for name in ("beat", "worker.strategy", "app.trace")},
            # gunicorn remarks that Django writes a body for HEAD, which it drops as it should.
            "gunicorn.http.wsgi": {"level": "ERROR"},
            # The file-system broker has no host, which kombu remarks at every connection.
            "kombu.connection": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            **{name: {"level": "WARNING"} for name in _TALKATIVE},
        },
    }


def configure_logging(config: dict[str, Any]) -> None:
    """Django calls this with LOGGING; structlog's own loggers hand over to the same handlers."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            # Errors are shown by the handler's formatter, which knows what must not be seen of them.
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
