"""Notes which sessions are used, for the list of one's sessions."""

from collections.abc import Callable

from django.core.cache import caches
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from policystudio.accounts import services
from policystudio.lib.client_address import client_address
from policystudio.lib.rate_limit import OWN
from policystudio.lib.session_store import stored_key


class SessionSeenMiddleware:
    """Asks the database at most once a minute for each session; stands behind the middleware of sign-ins."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        session = request.session
        # What touched no session, such as a static file, must not begin to.
        if session.accessed and session.session_key and request.user.is_authenticated:
            name = f"session-seen:{stored_key(session.session_key)}"
            # Each process knows for itself, so that nothing can be away; the service writes once a minute in any case.
            if caches[OWN].add(name, 1, timeout=services.BETWEEN_NOTES.total_seconds()):
                services.session_seen(
                    session_key=session.session_key,
                    user=request.user,
                    address=client_address(request),
                    user_agent=request.headers.get("User-Agent", ""),
                    now=timezone.now(),
                )
        return response
