"""`/metrics` for Prometheus: for whoever has the token, or asks from a network that may."""

import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from policystudio.lib.client_address import client_address
from policystudio.lib.metrics import exposition


@login_not_required
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics; 404 for everybody else, who learns not even that they are there."""
    if not (_has_token(request) or _is_near(request)):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


metrics.counts_clients = True  # type: ignore[attr-defined]  # functions may bear attributes


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    token: str = settings.METRICS_TOKEN
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given.strip(), token)


def _is_near(request: HttpRequest) -> bool:
    address = client_address(request)
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(network) for network in settings.METRICS_NETWORKS
    )
