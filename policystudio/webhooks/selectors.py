"""Reads of webhooks and deliveries, their secrets, and which events there are."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.lib import derived_secret
from policystudio.lib.egress import Rules
from policystudio.webhooks.models import Delivery, Webhook

PURPOSE = "policystudio.webhooks.secret"
SECRET_PREFIX = "whsec_"  # noqa: S105 -- what every secret begins with
#: `*`, `noun.*` or `noun.verb`.
EVENT = re.compile(r"\*|[a-z][a-z_]{0,31}\.(?:\*|[a-z][a-z_]{0,31})")
#: What is offered to choose from, with what it stands for; any other action of the record can be written.
EVENTS = (
    ("change.proposed", "a change waits for approval"),
    ("change.approved", "a change was approved"),
    ("change.rejected", "a change was sent back"),
    ("change.published", "a change was published"),
    ("change.*", "everything about changes"),
    ("waiver.*", "findings were waived"),
    ("account.imported", "the account was imported"),
    ("expectation.*", "expectations were changed"),
    ("membership.*", "members were changed"),
    ("*", "everything in the account's record"),
)


def rules() -> Rules:
    """Where webhooks may lead, by the settings."""
    networks = [ipaddress.ip_network(text, strict=False) for text in settings.WEBHOOK_ALLOWED_NETWORKS]
    return Rules(networks, settings.WEBHOOK_PORTS, settings.WEBHOOK_CA_FILE)


def webhooks_of(account: Account) -> QuerySet[Webhook]:
    """The webhooks of an account, in the order in which they were made."""
    return Webhook.objects.filter(account=account).order_by("id")


def webhook_get(account: Account, pk: int) -> Webhook:
    """A webhook of the account; raises ``Webhook.DoesNotExist``."""
    return Webhook.objects.select_related("account").get(account=account, pk=pk)


def deliveries_of(webhook: Webhook) -> QuerySet[Delivery]:
    """All that was or is to be sent, the newest first."""
    return Delivery.objects.filter(webhook=webhook).order_by("-created_at", "-id")


def deliveries_by_state() -> dict[tuple[str, ...], float]:
    """How many deliveries are in each state."""
    found = dict(Delivery.objects.order_by().values_list("state").annotate(Count("pk")))
    return {(state,): float(found.get(state, 0)) for state in Delivery.State.values}


def longest_wait() -> dict[tuple[str, ...], float]:
    """Seconds since the oldest delivery that waits was made; 0 where none waits."""
    oldest = Delivery.objects.filter(state=Delivery.State.QUEUED).aggregate(at=Min("created_at"))["at"]
    return {(): max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0}


def listens(events: Sequence[str], action: str) -> bool:
    """Whether a webhook with these events is told of an action."""
    noun = action.partition(".")[0]
    return any(event in ("*", action, f"{noun}.*") for event in events)


def secret_from(salt: str) -> str:
    """The secret that belongs to a new salt."""
    return SECRET_PREFIX + next(derived_secret.secrets_from(PURPOSE, salt))


def secrets_of(webhook: Webhook, now: datetime) -> list[str]:
    """What deliveries are signed with: the secret, and for a day after a rotation the one before. [] where SECRET_KEY
    was changed, and nobody kept the former one in SECRET_KEY_FALLBACKS.
    """
    pairs = [(webhook.salt, webhook.digest)]
    if webhook.previous_until is not None and webhook.previous_until > now:
        pairs.append((webhook.previous_salt, webhook.previous_digest))
    found = [derived_secret.secret_of(PURPOSE, salt, digest) for salt, digest in pairs]
    return [SECRET_PREFIX + secret for secret in found if secret is not None]


def signature(secrets: Sequence[str], at: int, body: bytes) -> str:
    """The header PolicyStudio-Signature: when it was made, and an HMAC-SHA256 with each of the secrets."""
    signed = f"{at}.".encode() + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])
