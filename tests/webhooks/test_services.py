"""Webhooks: made, changed and removed by administrators; what happens is put into their outboxes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.audit.models import AuditEntry
from policystudio.lib import queue
from policystudio.webhooks import selectors, services
from policystudio.webhooks.models import Delivery, Webhook
from policystudio.webhooks.services import webhooks
from tests import factories

pytestmark = pytest.mark.django_db
Made = tuple[Webhook, str]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the broker was given."""
    found: list[str] = []
    monkeypatch.setattr(queue, "send", lambda _, pk: found.append(pk) or True)
    return found


def happen(account: Account | None, action: str = "change.published", **details: Any) -> AuditEntry:
    number = account.number if account else ""
    return audit.record(actor="dana", action=action, target="7", account=number, details=details)


def test_the_secret_is_shown_once_and_kept_nowhere(made: Made) -> None:
    _, secret = made
    assert secret.startswith("whsec_")
    assert len(secret) == 46
    everything = repr([list(model.objects.values_list()) for model in (Webhook, AuditEntry)])
    assert secret not in everything
    assert secret.removeprefix("whsec_") not in everything
    assert selectors.secrets_of(Webhook.objects.get(), timezone.now()) == [secret]


def test_it_is_lost_with_the_secret_key_unless_that_is_kept(made: Made, settings) -> None:
    webhook, secret = made
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another key " * 6
    assert selectors.secrets_of(webhook, timezone.now()) == []
    settings.SECRET_KEY_FALLBACKS = [former]
    assert selectors.secrets_of(webhook, timezone.now()) == [secret]


def test_after_a_rotation_both_secrets_sign_for_a_day(made: Made, ada: SignIn) -> None:
    webhook, secret = made
    now = timezone.now()
    new = services.secret_rotate(by=ada, webhook=webhook, now=now)
    webhook.refresh_from_db()
    assert selectors.secrets_of(webhook, now) == [new, secret]
    assert selectors.secrets_of(webhook, now + timedelta(days=1, seconds=1)) == [new]


def test_what_happens_in_the_account_is_put_into_the_outbox(
    made: Made, account: Account, sent: list[str], django_capture_on_commit_callbacks
) -> None:
    webhook, _ = made
    with django_capture_on_commit_callbacks(execute=True):
        entry = happen(account, title="Narrow it", before={"Statement": ["secret policy"]})
        happen(account, "edit.saved")
        happen(account, "waiver.granted")
        happen(account, "waiver.removed")
        happen(factories.make_account())
        happen(None)
    assert set(webhook.deliveries.values_list("event", flat=True)) == {"change.published", "waiver.granted"}
    delivery = webhook.deliveries.get(sequence=entry.sequence)
    assert sorted(sent) == sorted(str(pk) for pk in webhook.deliveries.values_list("pk", flat=True))
    assert delivery.payload == {
        "id": f"entry-{entry.sequence}",
        "type": "change.published",
        "at": entry.at.isoformat(timespec="microseconds"),
        "account": "111122223333",
        "actor": "dana",
        "target": "7",
        "text": "Policy Studio: dana change.published (7) in account 111122223333.",
        "link": f"https://studio.example.com/accounts/111122223333/record/{entry.sequence}/",
        "hash": entry.hash,
    }
    assert "secret policy" not in json.dumps(delivery.payload)


def test_nothing_is_left_of_what_was_rolled_back(made: Made, account: Account) -> None:
    with transaction.atomic():
        happen(account)
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_one_that_is_off_is_told_nothing(made: Made, account: Account, ada: SignIn) -> None:
    webhook, _ = made
    services.webhook_update(
        by=ada, webhook=webhook, url=webhook.url, events=webhook.events, active=False, now=timezone.now()
    )
    happen(account)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("events", "action", "told"),
    [
        (["*"], "anything.at_all", True),
        (["change.*"], "change.published", True),
        (["change.*"], "changes.published", False),
        (["change.published"], "change.published", True),
        (["change.published"], "change.proposed", False),
        ([], "change.published", False),
    ],
)
def test_who_listens_to_what(events: list[str], action: str, told: bool) -> None:
    assert selectors.listens(events, action) is told


@pytest.mark.parametrize(
    ("url", "events", "place"),
    [
        ("http://example.com/", ["*"], "url"),
        ("https://10.0.0.1/", ["*"], "url"),
        ("https://example.com:8443/", ["*"], "url"),
        ("", ["*"], "url"),
        ("https://example.com/", [], "events"),
        ("https://example.com/", ["Change.published"], "events"),
        ("https://example.com/", ["change"], "events"),
        ("https://example.com/", ["change.published\n"], None),
        ("https://example.com/", [f"a.b{'c' * number}" for number in range(30)] + ["x.*"] * 21, None),
        ("https://example.com/", [f"n{'o' * n}.{'v' * m}" for n in range(8) for m in range(1, 8)], "events"),
    ],
)
def test_what_cannot_be_is_named(ada: SignIn, account: Account, url: str, events: list[str], place: str | None) -> None:
    if place is None:
        services.webhook_create(by=ada, account=account, url=url, events=events, now=timezone.now())
        return
    with pytest.raises(services.WebhookError) as error:
        services.webhook_create(by=ada, account=account, url=url, events=events, now=timezone.now())
    assert list(error.value.problems) == [place]
    assert not Webhook.objects.exists()


def test_an_account_has_a_few(ada: SignIn, account: Account, monkeypatch) -> None:
    monkeypatch.setattr(webhooks, "MOST_WEBHOOKS", 2)
    for _ in range(2):
        services.webhook_create(by=ada, account=account, url="https://example.com/", events=["*"], now=timezone.now())
    with pytest.raises(services.WebhookError, match="at most 2"):
        services.webhook_create(by=ada, account=account, url="https://example.com/", events=["*"], now=timezone.now())


def calls(webhook: Webhook, by: SignIn) -> Iterator[Any]:
    """Every write of a webhook."""
    now, kept = timezone.now(), {"url": webhook.url, "events": ["*"]}
    delivery = Delivery.objects.create(webhook=webhook, event="x.y", payload={}, created_at=now, next_at=now)
    yield lambda: services.webhook_create(by=by, account=webhook.account, now=now, **kept)
    yield lambda: services.webhook_update(by=by, webhook=webhook, active=True, now=now, **kept)
    yield lambda: services.secret_rotate(by=by, webhook=webhook, now=now)
    yield lambda: services.webhook_ping(by=by, webhook=webhook, now=now)
    yield lambda: services.delivery_redeliver(by=by, delivery=delivery, now=now)
    yield lambda: services.webhook_remove(by=by, webhook=webhook, now=now)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR, Role.APPROVER, None])
def test_only_administrators_may(made: Made, account: Account, role: Role | None) -> None:
    other = factories.make_sign_in()
    if role:
        factories.make_membership(other, account, role)
    before = AuditEntry.objects.count()
    for call in calls(made[0], other):
        with pytest.raises(PermissionDenied):
            call()
    assert AuditEntry.objects.count() == before


def test_everything_is_told(made: Made, ada: SignIn) -> None:
    for call in calls(made[0], ada):
        call()
    told = list(AuditEntry.objects.filter(action__startswith="webhook.").order_by("sequence"))
    assert [entry.action.partition(".")[2] for entry in told] == [
        *("created", "created", "changed", "secret_rotated", "tested", "redelivered", "removed"),
    ]
    assert {entry.account for entry in told} == {"111122223333"}


def test_a_stale_write_is_refused(made: Made, ada: SignIn) -> None:
    webhook, _ = made
    values = {"by": ada, "webhook": webhook, "url": webhook.url, "now": timezone.now()}
    services.webhook_update(events=["*"], active=True, expected_version=1, **values)
    with pytest.raises(services.StaleWebhookError):
        services.webhook_update(events=["change.*"], active=True, expected_version=1, **values)
    assert Webhook.objects.get().events == ["*"]
