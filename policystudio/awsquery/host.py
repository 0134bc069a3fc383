"""A Host header that is refused at AWS's address is refused in AWS's XML: Django's own answer is a page."""

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from policystudio.awsquery.errors import AwsError
from policystudio.awsquery.views import Asked

_ADDRESSES = ("awsquery:query", "awsquery:query_root")


class HostMiddleware:
    """Stands before whatever else asks for the host. No view is known there yet, so the path tells AWS's clients."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            if request.path in map(reverse, _ADDRESSES):
                # Nothing of the header is repeated, which anybody may have written.
                return Asked(request).refuse(AwsError("InvalidRequest", "The Host header is none of this studio's."))
        return self.get_response(request)
