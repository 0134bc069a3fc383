"""How often a client may call: its user, whichever token or session it uses, and its address where nobody signed in."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from policystudio.lib.rate_limit import client_of, take
from policystudio.lib.rate_limit_pages import REQUESTS, UNSIGNED


class ClientThrottle(BaseThrottle):
    """Counts every call, and those of a view's own ``throttle_scope`` apart."""

    def __init__(self) -> None:
        self._seconds: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether it may go on."""
        client = client_of(request.user, request._request)
        scopes = [REQUESTS, getattr(view, "throttle_scope", None)]
        waits = [wait for scope in scopes if scope and (wait := take(scope, client)) is not None]
        self._seconds = max(waits, default=None)
        return self._seconds is None

    def wait(self) -> float | None:
        """Seconds until it should be tried again."""
        return self._seconds


def unsigned_wait(request: Request) -> int | None:
    """Count a call of nobody; the seconds to wait where its address made too many."""
    return take(UNSIGNED, client_of(None, request._request))
