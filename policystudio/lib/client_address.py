"""The address that a request came from, also behind proxies that we trust."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The client's IP address, "" where it is unknown (a Unix socket without a proxy).

    Each of the TRUSTED_PROXIES proxies in front of us appended the address it saw to X-Forwarded-For, so the client is
    that many places from the right; what stands further left was written by the client and proves nothing.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    trusted: int = settings.TRUSTED_PROXIES
    if not trusted:
        return _normal(peer)
    hops = [hop.strip() for hop in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")]
    return _normal(hops[-trusted]) if len(hops) >= trusted else _normal(peer)


def _normal(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
