"""Reads of API clients, of their access keys and of tokens, and the secret that belongs to a key."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Q, QuerySet

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.accounts.selectors import AnyUser
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from policystudio.lib import derived_secret

#: What secrets are derived for; they are of 240 bits, which base64 writes as 40 characters, as long as AWS's.
KEY_PURPOSE = "policystudio.clients.access_key"


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """An API client, how many keys and tokens let it in, and when one last did."""

    client: ServiceClient
    keys: int
    tokens: int
    last_used_at: datetime | None


def clients_of(account: Account, *, by: AbstractBaseUser | None) -> QuerySet[ServiceClient]:
    """The API clients of an account, by name, with their memberships.

    ``PermissionDenied`` unless ``by`` is one of its administrators, or the command line (None).
    """
    if by is not None and not accounts.may(by, account, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the account see its API clients")
    found = ServiceClient.objects.filter(account=account).select_related("account", "user")
    return found.prefetch_related("user__memberships").order_by("name")


def with_facts(clients: Sequence[ServiceClient], *, now: datetime) -> list[ClientFacts]:
    """The clients with what is told of each in a list, in two queries."""
    keys = (
        AccessKey.objects.filter(client__in=clients)
        .order_by()
        .values_list("client")
        .annotate(living=Count("pk", filter=Q(revoked_at=None, expires_at__gt=now)), last=Max("last_used_at"))
    )
    tokens = (
        ApiToken.objects.filter(user__service_client__in=clients)
        .order_by()
        .values_list("user__service_client")
        .annotate(living=Count("pk", filter=Q(expiry__gt=now)), last=Max("last_used_at"))
    )
    of_keys = {client: (living, last) for client, living, last in keys}
    of_tokens = {client: (living, last) for client, living, last in tokens}
    found = []
    for client in clients:
        (key_count, by_key), (token_count, by_token) = (rows.get(client.pk, (0, None)) for rows in (of_keys, of_tokens))
        found.append(ClientFacts(client, key_count, token_count, max(filter(None, (by_key, by_token)), default=None)))
    return found


def client_state(client: ServiceClient) -> str:
    """What tells one state of a client from another: its role, description and whether it is disabled, as a digest."""
    role = client.role
    content = [role.value if role else None, client.description, client.disabled_at is not None]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def access_keys_of(client: ServiceClient) -> QuerySet[AccessKey]:
    """All access keys that were ever issued to a client, the newest first."""
    return client.access_keys.order_by("-created_at", "-id")


def living_keys_of(client: ServiceClient, *, now: datetime) -> QuerySet[AccessKey]:
    """Those of them that are neither revoked nor expired."""
    return client.access_keys.filter(revoked_at=None, expires_at__gt=now)


def newest_key_of(client: ServiceClient) -> str:
    """The id of the access key that was issued last, "" where there is none."""
    return access_keys_of(client).values_list("key_id", flat=True).first() or ""


def live_tokens(user: AnyUser, *, now: datetime) -> QuerySet[ApiToken]:
    """The tokens of REST of the user that have not ended, the newest first."""
    return ApiToken.objects.filter(user=user.pk, expiry__gt=now).select_related("account")


def newest_token_of(user: AnyUser) -> str:
    """The id of the token that was made last, "" where there is none."""
    newest = ApiToken.objects.filter(user=user.pk).order_by("-created").values_list("token_key", flat=True).first()
    return newest or ""


def find_access_key(key_id: str) -> AccessKey | None:
    """The access key of this id with its client, account and user; also one that is revoked or expired."""
    return AccessKey.objects.select_related("client__account", "client__user").filter(key_id=key_id).first()


def lets_in(key: AccessKey, *, now: datetime) -> bool:
    """Whether requests signed with the key are answered: it lives, and so do its client and the client's user."""
    lives = key.revoked_at is None and key.expires_at > now
    return lives and key.client.disabled_at is None and key.client.user.is_active


def secret_of(key: AccessKey) -> str | None:
    """The secret of a key; None where it was issued under a SECRET_KEY that the installation does not have any more."""
    return derived_secret.secret_of(KEY_PURPOSE, key.salt, key.digest)
