"""The values with which a production installation refuses to start."""

from collections.abc import Mapping
from typing import Any

SHORTEST_SECRET_KEY = 50
FEWEST_CHARACTERS = 5
SHORTEST_TOKEN = 20


def unsafe_values(settings: Mapping[str, Any]) -> list[str]:
    """A sentence for each setting that is unsafe in production; each begins with the variable's name."""
    return [
        *_secret_key(settings["SECRET_KEY"]),
        *_former_keys(settings["SECRET_KEY_FALLBACKS"]),
        *_hosts(settings["ALLOWED_HOSTS"]),
        *_origins(settings["CSRF_TRUSTED_ORIGINS"]),
        *_services(settings),
        *_transport(settings),
        *_metrics(settings),
    ]


def _secret_key(key: str) -> list[str]:
    if not key:
        return ["SECRET_KEY is missing: production needs one of its own, at least 50 random characters"]
    if key.startswith("django-insecure-"):
        return ["SECRET_KEY begins with `django-insecure-`: make a random one"]
    if len(key) < SHORTEST_SECRET_KEY or len(set(key)) < FEWEST_CHARACTERS:
        return [f"SECRET_KEY is too weak: it needs at least {SHORTEST_SECRET_KEY} random characters"]
    return []


def _former_keys(keys: list[str]) -> list[str]:
    """A weak one among them lets in whoever guesses it, as a weak SECRET_KEY would; it is not repeated."""
    if any(_secret_key(key) for key in keys):
        return [f"SECRET_KEY_FALLBACKS holds a weak key: each needs at least {SHORTEST_SECRET_KEY} random characters"]
    return []


def _hosts(hosts: list[str]) -> list[str]:
    if not hosts:
        return ["ALLOWED_HOSTS is missing: name the host names that browsers use, with commas between them"]
    return [f"ALLOWED_HOSTS holds `{host}`, which lets any host in: name each" for host in hosts if "*" in host]


def _origins(origins: list[str]) -> list[str]:
    return [
        f"CSRF_TRUSTED_ORIGINS holds `{origin}`: production trusts https:// origins alone, without wildcards"
        for origin in origins
        if not origin.startswith("https://") or "*" in origin
    ]


def _services(settings: Mapping[str, Any]) -> list[str]:
    problems = []
    if not settings["DATABASE_IS_NAMED"]:
        problems.append("DATABASE_URL is missing: name the database, postgres://user:password@host/name")
    if not settings["BROKER_IS_NAMED"]:
        problems.append("CELERY_BROKER_URL is missing: name the broker, redis://host/0 or amqp://user:password@host//")
    elif settings["CELERY_BROKER_URL"].startswith("memory:"):
        problems.append("CELERY_BROKER_URL is memory://, which no worker can read: name Redis or RabbitMQ")
    return problems


def _transport(settings: Mapping[str, Any]) -> list[str]:
    problems = []
    if settings["DEBUG"]:
        problems.append("DEBUG is true: error pages would show settings and source, set it to false")
    if not settings["SECURE_SSL_REDIRECT"] and not settings["TRUSTED_PROXIES"]:
        problems.append("SSL_REDIRECT is false and TRUSTED_PROXIES is 0: nothing would keep sign-ins off plain HTTP")
    if not settings["SECURE_HSTS_SECONDS"]:
        problems.append("HSTS_SECONDS is 0: browsers would accept plain HTTP, leave it out or give it a value")
    return problems


def _metrics(settings: Mapping[str, Any]) -> list[str]:
    if 0 < len(settings["METRICS_TOKEN"]) < SHORTEST_TOKEN:
        return [f"METRICS_TOKEN is too weak: it needs at least {SHORTEST_TOKEN} random characters"]
    return [
        f"METRICS_NETWORKS holds `{network}`, which lets everybody in: name the networks of your monitoring"
        for network in settings["METRICS_NETWORKS"]
        if network.endswith("/0")
    ]
