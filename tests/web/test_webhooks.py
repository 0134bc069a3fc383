"""The pages of webhooks: the secret is told once, whatever is reloaded; nothing of another account is reached."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.webhooks import services
from policystudio.webhooks.models import Delivery, Webhook
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/accounts/111122223333/webhooks/"
FIELDS = {"url": "https://chat.example.com/hook", "events": ["change.*"], "others": "edit.saved, token.*", "seen": ""}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture
def account() -> Account:
    return factories.make_account("111122223333", "research")


@pytest.fixture
def ada(client: Client, account: Account) -> Client:
    user = factories.make_sign_in("ada")
    factories.make_membership(user, account, Role.ADMINISTRATOR)
    client.force_login(user)
    return client


def secret_in(response) -> str:
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    (found,) = set(SECRET.findall(response.content.decode()))
    return found


def test_one_is_made_and_its_secret_told_once(ada: Client) -> None:
    secret = secret_in(ada.post(PAGE, FIELDS))
    webhook = Webhook.objects.get()
    assert webhook.events == ["change.*", "edit.saved", "token.*"]
    for path in (PAGE, f"{PAGE}{webhook.pk}/"):
        assert secret not in ada.get(path).content.decode()


def test_a_reload_makes_no_second_one(ada: Client) -> None:
    ada.post(PAGE, FIELDS)
    again = ada.post(PAGE, FIELDS, follow=True)
    assert "that was sent before" in again.content.decode()
    assert Webhook.objects.count() == 1


def test_what_is_wrong_is_told_beside_its_field_and_nothing_is_lost(ada: Client) -> None:
    response = ada.post(PAGE, {**FIELDS, "url": "https://10.0.0.1/x", "events": [], "others": "nonsense"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "10.0.0.1 is not an address of the internet" in text
    assert "no event" in text
    assert 'value="https://10.0.0.1/x"' in text
    assert 'value="nonsense"' in text
    assert not Webhook.objects.exists()


def test_it_is_changed_and_two_who_change_it_are_told(ada: Client) -> None:
    ada.post(PAGE, FIELDS)
    webhook = Webhook.objects.get()
    changed = {**FIELDS, "others": "", "version": 1}
    assert ada.post(f"{PAGE}{webhook.pk}/", changed).status_code == 302
    webhook.refresh_from_db()
    assert (webhook.events, webhook.active, webhook.version) == (["change.*"], False, 2)
    late = ada.post(f"{PAGE}{webhook.pk}/", {**changed, "others": "x.y"})
    assert late.status_code == 409
    assert 'value="x.y"' in late.content.decode()
    assert 'name="version" value="2"' in late.content.decode()


def test_a_rotation_is_done_once(ada: Client) -> None:
    first = secret_in(ada.post(PAGE, FIELDS))
    webhook = Webhook.objects.get()
    seen = {"seen": webhook.digest[:16]}
    assert secret_in(ada.post(f"{PAGE}{webhook.pk}/rotate/", seen)) != first
    webhook.refresh_from_db()
    digest = webhook.digest
    assert ada.post(f"{PAGE}{webhook.pk}/rotate/", seen).status_code == 302
    webhook.refresh_from_db()
    assert webhook.digest == digest


def test_a_test_shows_its_delivery(ada: Client) -> None:
    ada.post(PAGE, FIELDS)
    response = ada.post(f"{PAGE}{Webhook.objects.get().pk}/ping/", follow=True)
    assert "Did ping arrive?" in response.content.decode()
    assert "Not yet: a worker is about to send it." in response.content.decode()


def test_a_failed_delivery_says_why_and_what_was_answered_is_inert(ada: Client, account: Account) -> None:
    ada.post(PAGE, FIELDS)
    webhook = Webhook.objects.get()
    row = Delivery.objects.create(
        webhook=webhook,
        event="change.published",
        payload={"id": "entry-1"},
        state="failed",
        attempts=8,
        status=500,
        answer="<script>alert(1)</script>",
        created_at=timezone.now(),
        next_at=timezone.now(),
    )
    text = ada.get(f"{PAGE}{webhook.pk}/deliveries/{row.pk}/").content.decode()
    assert "No, after 8 attempts: the answer was 500." in text
    assert "<script>alert" not in text
    assert ada.post(f"{PAGE}{webhook.pk}/deliveries/{row.pk}/redeliver/").status_code == 302
    row.refresh_from_db()
    assert row.state == "queued"


def test_an_administrator_reaches_nothing_of_another_account(ada: Client) -> None:
    other = factories.make_account("444455556666")
    theirs = factories.make_sign_in("bo")
    factories.make_membership(theirs, other, Role.ADMINISTRATOR)
    webhook, _ = services.webhook_create(
        by=theirs, account=other, url="https://chat.example.com/", events=["*"], now=timezone.now()
    )
    sent = services.webhook_ping(by=theirs, webhook=webhook, now=timezone.now())
    assert ada.get(f"{PAGE}{webhook.pk}/").status_code == 404
    assert ada.get(f"{PAGE}{webhook.pk}/deliveries/{sent.pk}/").status_code == 404
    for what in ("rotate", "ping", "remove", f"deliveries/{sent.pk}/redeliver"):
        assert ada.post(f"{PAGE}{webhook.pk}/{what}/").status_code == 404
        assert ada.post(f"/api/v1/accounts/111122223333/webhooks/{webhook.pk}/rotate").status_code == 404
    ada.post(PAGE, FIELDS)
    mine = Webhook.objects.get(account__number="111122223333")
    assert ada.get(f"{PAGE}{mine.pk}/deliveries/{sent.pk}/").status_code == 404
