"""Secrets that we must know to check or make a signature: derived from SECRET_KEY each time, never stored."""

import base64
import hashlib
import secrets
from collections.abc import Iterator

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac


def new_salt() -> str:
    """256 random bits, of which a secret is made; who has them and not SECRET_KEY has nothing."""
    return secrets.token_hex(32)


def secrets_from(purpose: str, salt: str, size: int = 30) -> Iterator[str]:
    """What a salt gives under SECRET_KEY, then under each of SECRET_KEY_FALLBACKS: so many bytes in base64."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        made = salted_hmac(purpose, salt, secret=key, algorithm="sha256").digest()
        yield base64.b64encode(made[:size]).decode()


def secret_of(purpose: str, salt: str, digest: str, size: int = 30) -> str | None:
    """The secret with this digest; None where it was made under a SECRET_KEY that is not there any more."""
    for secret in secrets_from(purpose, salt, size):
        if constant_time_compare(digest_of(secret), digest):
            return secret
    return None


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret. Of 240 random bits, so there is nothing to guess and nothing to slow down."""
    return hashlib.sha256(secret.encode()).hexdigest()
