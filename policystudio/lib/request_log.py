"""One log line and one observation a request, and a request id that every line logged meanwhile carries."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import LazyObject, empty

from policystudio.lib import metrics
from policystudio.lib.client_address import client_address

logger = structlog.get_logger("policystudio.request")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_QUIET_PATHS = ("/healthz", "/readyz", "/metrics", "/static/")


def current_request_id() -> str:
    """The id of the request that is being answered, or of that which asked for the job; "" outside of both."""
    found: str = structlog.contextvars.get_contextvars().get("request_id", "")
    return found


class RequestLogMiddleware:
    """Binds `request_id` (that of a trusted proxy's X-Request-ID, or a new one), answers with it, logs the outcome.

    The query string is left out: it may hold policies and context that are nobody's business in a log.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = _request_id(request)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            response.headers["X-Request-ID"] = request_id
            method = metrics.method_label(request.method)
            metrics.REQUESTS.labels(route_of(request), method, str(response.status_code)).observe(seconds)
            if not request.path.startswith(_QUIET_PATHS):
                logger.info(
                    "request",
                    method=request.method,
                    path=_path_of(request),
                    status=response.status_code,
                    milliseconds=round(seconds * 1000),
                    user=_user_name(request),
                    address=client_address(request),
                )
        return response


def _path_of(request: HttpRequest) -> str:
    """The path; of a view that says so (``hides_path``) only its route, because the rest is a secret."""
    match = request.resolver_match
    return f"/{match.route}" if match is not None and getattr(match.func, "hides_path", False) else request.path


def route_of(request: HttpRequest) -> str:
    """The name of the route that answers: one of as many as there are, whatever the path says."""
    if request.resolver_match is not None:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith("/static/") else "none"


def _request_id(request: HttpRequest) -> str:
    """Ids that clients make up would let them write into the trail of others: only a proxy's is taken."""
    given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _user_name(request: HttpRequest) -> str:
    """The name of who is signed in, without asking the database for a session that nobody else needed."""
    user = request.__dict__.get("user")
    if user is None or (isinstance(user, LazyObject) and user.__dict__.get("_wrapped", empty) is empty):
        return ""
    return str(user.get_username())
