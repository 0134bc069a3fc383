"""More of who gets which answer: the audit record and webhooks. See access_cases.py."""

from collections.abc import Mapping
from typing import Any

from policystudio.audit.models import AuditEntry
from tests.access_cases import Case, World, of_account, of_account_and


def of_webhook(world: World) -> Mapping[str, Any]:
    """The arguments of a webhook."""
    return {**of_account(world), "pk": world.account.webhooks.get().pk}


def of_delivery(world: World) -> Mapping[str, Any]:
    """The arguments of a delivery to it."""
    return {**of_webhook(world), "id": world.account.webhooks.get().deliveries.get(event="ping").pk}


def a_webhook(world: World) -> Mapping[str, Any]:
    """What its forms send."""
    made = world.account.webhooks.get()
    return {"url": "https://hooks.example.com/other", "events": ["*"], "version": 1, "seen": made.pk}


def of_rest_webhook(world: World) -> Mapping[str, Any]:
    """The same over REST."""
    return {**of_account(world), "id": world.account.webhooks.get().pk}


def of_rest_delivery(world: World) -> Mapping[str, Any]:
    """The same over REST."""
    return {**of_rest_webhook(world), "delivery": of_delivery(world)["id"]}


def a_webhook_text(_: World) -> Mapping[str, Any]:
    """What is sent over REST."""
    return {"url": "https://hooks.example.com/other", "events": ["change.published"]}


def a_secret(world: World) -> Mapping[str, Any]:
    """What the form for another secret sends."""
    return {"seen": world.account.webhooks.get().digest[:16]}


def of_first_entry(world: World) -> Mapping[str, Any]:
    """The arguments of an entry of the account's record."""
    entry = AuditEntry.objects.filter(account=world.account.number).first()
    assert entry is not None
    return {**of_account(world), "sequence": entry.sequence}


RECORD = [
    Case("web:webhooks", "GET", 200, 403, 404, 302, of_account),
    Case("web:webhooks", "POST", 200, 403, 404, 302, of_account, data=a_webhook),
    Case("web:webhook", "GET", 200, 403, 404, 302, of_webhook),
    Case("web:webhook", "POST", 302, 403, 404, 302, of_webhook, data=a_webhook),
    Case("web:webhook-rotate", "POST", 200, 403, 404, 302, of_webhook, data=a_secret),
    Case("web:webhook-ping", "POST", 302, 403, 404, 302, of_webhook),
    Case("web:webhook-remove", "POST", 302, 403, 404, 302, of_webhook),
    Case("web:delivery", "GET", 200, 403, 404, 302, of_delivery),
    Case("web:delivery-redeliver", "POST", 302, 403, 404, 302, of_delivery),
    Case("web:record", "GET", 200, 403, 404, 302, of_account),
    Case("web:record-entry", "GET", 200, 403, 404, 302, of_first_entry),
    *(
        Case("web:record-export", "GET", 200, 403, 404, 302, of_account_and(form=lambda _, form=form: form))
        for form in ("csv", "json")
    ),
    # The whole record is a superuser's alone.
    Case("web:whole-record", "GET", 403, 403, 403, 302),
    Case("web:whole-record-entry", "GET", 403, 403, 403, 302, lambda _: {"sequence": 1}),
    Case("web:whole-record-export", "GET", 403, 403, 403, 302, lambda _: {"form": "csv"}),
    Case("web:record-verify", "POST", 403, 403, 403, 302),
    Case("api:webhooks", "GET", 200, 403, 404, 401, of_account),
    Case("api:webhooks", "POST", 201, 403, 404, 401, of_account, data=a_webhook_text, json=True),
    Case("api:webhook", "GET", 200, 403, 404, 401, of_rest_webhook),
    Case("api:webhook", "PUT", 428, 403, 404, 401, of_rest_webhook, data=a_webhook_text, json=True),
    Case("api:webhook", "DELETE", 428, 403, 404, 401, of_rest_webhook),
    Case("api:webhook-rotate", "POST", 200, 403, 404, 401, of_rest_webhook),
    Case("api:webhook-test", "POST", 202, 403, 404, 401, of_rest_webhook),
    Case("api:deliveries", "GET", 200, 403, 404, 401, of_rest_webhook),
    Case("api:delivery", "GET", 200, 403, 404, 401, of_rest_delivery),
    Case("api:delivery-redeliver", "POST", 202, 403, 404, 401, of_rest_delivery),
    Case("api:account-record", "GET", 200, 403, 404, 401, of_account),
    Case("api:account-entry", "GET", 200, 403, 404, 401, of_first_entry),
    Case("api:record", "GET", 403, 403, 403, 401),
    Case("api:entry", "GET", 403, 403, 403, 401, lambda _: {"sequence": 1}),
    *(Case("api:record-verification", method, 403, 403, 403, 401) for method in ("GET", "POST")),
]
