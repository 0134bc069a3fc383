"""How many requests of a client are answered: as many as over REST, together with those."""

from django.http import HttpRequest

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.errors import throttling
from policystudio.lib.rate_limit import client_of, take
from policystudio.lib.rate_limit_pages import REQUESTS, UNSIGNED


def admit(request: HttpRequest, caller: Caller) -> None:
    """Raise ``errors.throttling()`` where the client has asked for more than is its share, with whichever key."""
    if take(REQUESTS, client_of(caller.user, request)) is not None:
        raise throttling()


def admit_stranger(request: HttpRequest) -> None:
    """The same for an address from which requests come that nobody known has signed."""
    if take(UNSIGNED, client_of(None, request)) is not None:
        raise throttling()
