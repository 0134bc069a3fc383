"""Webhooks made, changed and removed by administrators of their account; each is an entry of the audit record."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.lib import derived_secret
from policystudio.lib.egress import EgressError, check_url
from policystudio.webhooks import selectors
from policystudio.webhooks.models import Webhook

#: Of one account.
MOST_WEBHOOKS = 20
MOST_EVENTS = 50
#: For so long deliveries are signed with the former secret as well.
OVERLAP = timedelta(days=1)


class WebhookError(ValueError):
    """A webhook cannot be as asked; ``problems`` has a sentence for each field that is wrong ("": none of them)."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


class StaleWebhookError(Exception):
    """Somebody else changed the webhook since it was read."""

    def __init__(self, webhook: Webhook) -> None:
        super().__init__(f"the webhook is at version {webhook.version}")
        self.webhook = webhook


@transaction.atomic
def webhook_create(
    *, by: AbstractBaseUser, account: Account, url: str, events: Sequence[str], now: datetime
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is kept nowhere: whoever asked is shown it this once.

    Raises ``PermissionDenied`` where ``by`` is no administrator of the account, and ``WebhookError``.
    """
    check_administrator(by, account)
    url, events = _checked(url, events)
    Account.objects.select_for_update().get(pk=account.pk)
    if Webhook.objects.filter(account=account).count() >= MOST_WEBHOOKS:
        raise WebhookError({"": f"an account has at most {MOST_WEBHOOKS} webhooks: remove one that is not needed"})
    salt = derived_secret.new_salt()
    secret = selectors.secret_from(salt)
    webhook = Webhook.objects.create(
        account=account,
        url=url,
        events=events,
        salt=salt,
        digest=_digest(secret),
        created_at=now,
        created_by_name=audit.actor_name(by),
    )
    webhook_record(by, webhook, "webhook.created", {"after": {"url": url, "events": events}}, now)
    return webhook, secret


@transaction.atomic
def webhook_update(
    *,
    by: AbstractBaseUser,
    webhook: Webhook,
    url: str,
    events: Sequence[str],
    active: bool,
    now: datetime,
    expected_version: int | None = None,
) -> Webhook:
    """Change where a webhook leads, what it is told and whether it is on.

    Raises as ``webhook_create`` does, and ``StaleWebhookError`` where it is not at ``expected_version`` any more.
    """
    check_administrator(by, webhook.account)
    url, events = _checked(url, events)
    found = Webhook.objects.select_for_update().select_related("account").get(pk=webhook.pk)
    if expected_version is not None and expected_version != found.version:
        raise StaleWebhookError(found)
    before = _values(found)
    found.url, found.events, found.active = url, events, active
    if _values(found) == before:
        return found
    if active and not before["active"]:
        found.stopped, found.failing_since, found.not_before = "", None, None
    found.version += 1
    found.save()
    webhook_record(by, found, "webhook.changed", {"before": before, "after": _values(found)}, now)
    return found


@transaction.atomic
def webhook_remove(*, by: AbstractBaseUser, webhook: Webhook, now: datetime) -> None:
    """Take a webhook away, with what was not delivered yet. Raises ``PermissionDenied``."""
    check_administrator(by, webhook.account)
    webhook_record(by, webhook, "webhook.removed", {"before": _values(webhook)}, now)
    webhook.delete()


@transaction.atomic
def secret_rotate(*, by: AbstractBaseUser, webhook: Webhook, now: datetime) -> str:
    """A new secret, shown this once; for a day deliveries are signed with the former one, too. ``PermissionDenied``."""
    check_administrator(by, webhook.account)
    found = Webhook.objects.select_for_update().get(pk=webhook.pk)
    found.previous_salt, found.previous_digest, found.previous_until = found.salt, found.digest, now + OVERLAP
    found.salt = derived_secret.new_salt()
    secret = selectors.secret_from(found.salt)
    found.digest = _digest(secret)
    found.save(update_fields=["salt", "digest", "previous_salt", "previous_digest", "previous_until"])
    webhook_record(by, webhook, "webhook.secret_rotated", {}, now)
    return secret


def check_administrator(by: AbstractBaseUser, account: Account) -> None:
    """Raise ``PermissionDenied`` where ``by`` is no administrator of the account."""
    if not accounts.may(by, account, Role.ADMINISTRATOR):
        raise PermissionDenied("only administrators of the account look after its webhooks")


def webhook_record(
    by: AbstractBaseUser | str, webhook: Webhook, action: str, details: dict[str, Any], now: datetime
) -> None:
    """Tell the audit record of it; the target is the webhook's number."""
    about = {"url": webhook.url, **details}
    audit.record(actor=by, action=action, target=str(webhook.pk), account=webhook.account.number, details=about, at=now)


def _values(webhook: Webhook) -> dict[str, Any]:
    return {"url": webhook.url, "events": webhook.events, "active": webhook.active}


def _digest(secret: str) -> str:
    return derived_secret.digest_of(secret.removeprefix(selectors.SECRET_PREFIX))


def _checked(url: str, events: Sequence[str]) -> tuple[str, list[str]]:
    problems: dict[str, str] = {}
    url = url.strip()
    try:
        check_url(url, selectors.rules())
    except EgressError as error:
        problems["url"] = str(error)
    wanted = list(dict.fromkeys(event.strip() for event in events if event.strip()))
    wrong = [event for event in wanted if not selectors.EVENT.fullmatch(event)]
    if wrong:
        problems["events"] = f"`{wrong[0][:64]}` is no event: write `change.published`, `change.*` or `*`"
    elif not wanted or len(wanted) > MOST_EVENTS:
        problems["events"] = f"choose what it is told, at most {MOST_EVENTS} events"
    if problems:
        raise WebhookError(problems)
    return url, wanted
