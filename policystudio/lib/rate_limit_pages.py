"""Pages for clients that ask too often: 429. REST and AWS's protocol count their own clients, whom they know better."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from policystudio.lib.rate_limit import client_of, take

#: The scope of whoever is signed in, and of an address from which nobody is.
REQUESTS, UNSIGNED = "requests", "unsigned"


class RateLimitMiddleware:
    """Counts each request of a page by its user, or by its address where the page needs no sign-in.

    A view that counts by itself says so by ``counts_clients``; one that is costly to ask, or worth guessing at, names
    a ``rate_scope`` for its POST. Stands behind the middleware that knows who is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        holder = getattr(view, "cls", view)
        if getattr(holder, "counts_clients", False):
            return None
        client = client_of(getattr(request, "user", None), request)
        scopes = [REQUESTS if client.startswith("user:") else UNSIGNED]
        if request.method == "POST" and hasattr(view, "rate_scope"):
            scopes.append(view.rate_scope)
        waits = [wait for scope in scopes if (wait := take(scope, client)) is not None]
        return too_many(request, max(waits)) if waits else None


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 with the seconds to wait."""
    response = render(request, "429.html", {"seconds": wait}, status=429)
    response.headers["Retry-After"] = str(wait)
    return response
