"""How often one client may ask: counted in Django's cache, which is Redis where there are several web servers."""

import ipaddress
import math
import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.http import HttpRequest

from policystudio.lib import metrics
from policystudio.lib.client_address import client_address

logger = structlog.get_logger(__name__)

#: The cache that every web worker shares, and what counts where that is away: the memory of one process.
SHARED, OWN = "default", "own"
_V6_NETWORK = 64


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests within so many seconds."""

    count: int
    seconds: int


def rate_of(scope: str) -> Rate:
    """The rate of a scope, as the settings have it (``RATE_LIMITS``)."""
    count, seconds = settings.RATE_LIMITS[scope]
    return Rate(count, seconds)


def client_of(user: AbstractBaseUser | AnonymousUser | None, request: HttpRequest) -> str:
    """Who is counted: the user, whichever token, key or session is used; else the address of whoever is not signed in.

    An address of version 6 stands for its network of 64 bits, which is what one subscriber has.
    """
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    address = client_address(request)
    if ":" in address:
        return f"address:{ipaddress.ip_network(f'{address}/{_V6_NETWORK}', strict=False)}"
    return f"address:{address}"


def take(scope: str, client: str) -> int | None:
    """Count one request of a client; None where it may go on, else the seconds after which it should ask again.

    A window slides over the last ``seconds``: what the fixed window before counted weighs as much as of it is still in
    the sliding one. What is refused does not count, so who waits as told is let in. Counting never fails: where the
    shared cache is away, each process counts for itself.
    """
    rate = rate_of(scope)
    try:
        wait = _taken(caches[SHARED], scope, client, rate)
    except Exception as error:  # noqa: BLE001 -- every cache raises its own
        logger.warning("the cache cannot be reached, each process counts requests for itself", error=str(error))
        wait = _taken(caches[OWN], scope, client, rate)
    if wait is not None:
        metrics.RATE_LIMITED.labels(scope).inc()
    return wait


def _taken(cache: BaseCache, scope: str, client: str, rate: Rate) -> int | None:
    most = rate.count if cache_is_shared(cache) else math.ceil(rate.count / settings.WEB_WORKERS)
    number, passed = divmod(time.time(), rate.seconds)
    name = f"rate:{scope}:{client}".replace(" ", "_")
    before = int(cache.get(f"{name}:{int(number) - 1}") or 0)
    here = _counted(cache, f"{name}:{int(number)}", 2 * rate.seconds)
    weight = 1 - passed / rate.seconds
    if before * weight + here <= most:
        return None
    cache.decr(f"{name}:{int(number)}")
    return _wait(before, here - 1, most, passed, rate.seconds)


def _counted(cache: BaseCache, name: str, seconds: int) -> int:
    """The count with this one; ``add`` sets it where it is not there, and does nothing where another was faster."""
    cache.add(name, 0, timeout=seconds)
    try:
        return int(cache.incr(name))
    except ValueError:  # it was thrown out between the two
        cache.set(name, 1, timeout=seconds)
        return 1


def _wait(before: int, here: int, most: int, passed: float, seconds: int) -> int:
    """After how many seconds one more would fit."""
    room = most - 1 - here
    if room >= 0 and before:
        free_at = seconds * (1 - room / before)
        return max(1, math.ceil(free_at - passed))
    # Not before the next window, in which this one is the one before.
    free_at = seconds * (1 - (most - 1) / here) if here else 0.0
    return max(1, math.ceil(seconds - passed + max(0.0, free_at)))


def cache_is_shared(cache: BaseCache) -> bool:
    """Whether all web workers count in it; else each has a share of the rate."""
    return not type(cache).__module__.endswith(".locmem")
