"""What is answered while the database cannot be asked: 503, so that clients and people come back."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

#: After so many seconds one may ask again.
RETRY_AFTER = 5


def is_database_away(error: BaseException | None) -> bool:
    """Whether the database was not reached, gave up or is busy, and not what was asked of it is wrong."""
    return isinstance(error, (OperationalError, InterfaceError))


def failed(request: HttpRequest) -> HttpResponse:
    """The page of what nobody foresaw; Django's handler of status 500, called where the error is handled."""
    if not is_database_away(sys.exc_info()[1]):
        return server_error(request)
    response = render(request, "503.html", status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
