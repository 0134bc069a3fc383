"""One log line a request, and a request id that every line logged meanwhile carries."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

from policystudio.lib.client_address import client_address

logger = structlog.get_logger("policystudio.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_QUIET_PATHS = ("/healthz", "/readyz", "/static/")


class RequestLogMiddleware:
    """Binds `request_id` (the proxy's X-Request-ID where it is well formed), answers with it, and logs the outcome.

    The query string is left out: it may hold policies and context that are nobody's business in a log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            if not request.path.startswith(_QUIET_PATHS):
                logger.info(
                    "request",
                    method=request.method,
                    path=request.path,
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - started) * 1000),
                    user=_user_name(request),
                    address=client_address(request),
                )
        return response


def _user_name(request: HttpRequest) -> str:
    """The name of who is signed in, without asking the database for a session that nobody else needed."""
    cached = getattr(request, "_cached_user", None)
    return cached.get_username() if cached is not None else ""
