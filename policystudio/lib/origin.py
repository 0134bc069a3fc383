"""Where the request that is being answered came from, for the audit record."""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

from policystudio.lib.client_address import client_address

_address: ContextVar[str] = ContextVar("address", default="")


def current_address() -> str:
    """The client's IP address; "" outside of a request (the command line, a job) and where it is unknown."""
    return _address.get()


class OriginMiddleware:
    """Notes the client's address for as long as its request is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _address.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            _address.reset(token)
