"""The request of a page, as its middleware leaves it."""

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """Somebody is signed in (LoginRequiredMiddleware), and ``htmx`` tells a fragment from a page."""

    user: User
    htmx: HtmxDetails


def searched(request: PageRequest, name: str = "q") -> str:
    """What somebody looks for: at most as long as an ARN, and without NUL, which databases refuse to compare with."""
    return request.GET.get(name, "").replace("\0", "").strip()[:2048]
