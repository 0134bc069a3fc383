"""Deliveries: signed, at least once, tried again for a day, never two at a time to one webhook."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.audit.models import AuditEntry
from policystudio.lib import queue
from policystudio.webhooks import services, tasks
from policystudio.webhooks.models import Delivery, Webhook
from policystudio.webhooks.services import sending
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.django_db
Made = tuple[Webhook, str]
State = Delivery.State


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delivery(made: Made, account: Account, clock: Clock) -> Delivery:
    audit.record(actor="dana", action="change.published", target="7", account=account.number, at=clock.now)
    return Delivery.objects.get()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(queue, "send", lambda _, pk: found.append(pk) or True)
    return found


def run(delivery: Delivery, clock: Clock) -> bool:
    done = services.delivery_run(delivery_id=delivery.pk, clock=clock, jitter=lambda: 0.5)
    delivery.refresh_from_db()
    return done


def test_it_arrives_signed(delivery: Delivery, receiver: Receiver, made: Made, clock: Clock) -> None:
    assert run(delivery, clock)
    assert (delivery.state, delivery.attempts, delivery.status, delivery.answer) == (
        *(State.SUCCEEDED, 1, 200, "thank you"),
    )
    (request,) = receiver.requests
    assert json.loads(request.body) == delivery.payload
    assert request.headers["PolicyStudio-Delivery"] == str(delivery.pk)
    assert request.headers["PolicyStudio-Event"] == "change.published"
    stamp, made_of = request.headers["PolicyStudio-Signature"].split(",")
    assert stamp == f"t={int(clock.now.timestamp())}"
    signed = stamp.removeprefix("t=").encode() + b"." + request.body
    assert made_of == "v1=" + hmac.new(made[1].encode(), signed, hashlib.sha256).hexdigest()


def test_it_is_sent_once_however_often_the_message_comes(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    assert run(delivery, clock)
    assert not run(delivery, clock)
    tasks.delivery_run(str(delivery.pk))
    assert len(receiver.requests) == 1


def test_it_is_tried_again_for_a_day_and_then_has_failed(
    delivery: Delivery, receiver: Receiver, made: Made, clock: Clock
) -> None:
    receiver.status = 503
    begun, waits = clock.now, []
    while delivery.state == State.QUEUED:
        assert run(delivery, clock)
        if delivery.state == State.QUEUED:
            waits.append((delivery.next_at - clock.now).total_seconds() / 60)
            clock.now = delivery.next_at
    assert waits == list(sending.WAITS)
    assert len(receiver.requests) == delivery.attempts == sending.MOST_ATTEMPTS
    assert (delivery.state, delivery.status) == (State.FAILED, 503)
    assert timedelta(hours=10) < clock.now - begun < timedelta(hours=25)
    assert len({request.headers["PolicyStudio-Delivery"] for request in receiver.requests}) == 1
    assert len({request.body for request in receiver.requests}) == 1, "what is sent again is the same"
    assert Webhook.objects.get().active, "a day is not long enough to switch it off"


@pytest.mark.parametrize(("jitter", "seconds"), [(0.0, 48), (0.5, 60), (1.0, 72)])
def test_waits_are_spread(delivery: Delivery, receiver: Receiver, clock: Clock, jitter: float, seconds: float) -> None:
    receiver.status = 500
    services.delivery_run(delivery_id=delivery.pk, clock=clock, jitter=lambda: jitter)
    delivery.refresh_from_db()
    assert delivery.next_at - clock.now == timedelta(seconds=seconds)


def test_before_it_is_due_nothing_is_sent(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    receiver.status = 500
    run(delivery, clock)
    clock.forward(seconds=45)
    assert not run(delivery, clock)
    clock.forward(seconds=15)
    receiver.status = 204
    assert run(delivery, clock)
    assert delivery.state == State.SUCCEEDED


def test_a_failing_webhook_is_paused_for_all_that_waits(
    delivery: Delivery, receiver: Receiver, account: Account, clock: Clock
) -> None:
    audit.record(actor="dana", action="change.proposed", target="8", account=account.number, at=clock.now)
    other = Delivery.objects.get(event="change.proposed")
    receiver.status = 500
    run(delivery, clock)
    assert not run(other, clock)
    clock.forward(seconds=31)
    assert run(other, clock)


def test_two_are_never_under_way_to_one_webhook(
    delivery: Delivery, receiver: Receiver, account: Account, clock: Clock
) -> None:
    audit.record(actor="dana", action="change.proposed", target="8", account=account.number, at=clock.now)
    other = Delivery.objects.get(event="change.proposed")
    assert sending._claim(delivery.pk, sending.uuid.uuid4(), clock.now)
    assert not run(other, clock)
    clock.forward(seconds=91)
    assert run(other, clock)


def test_a_worker_that_was_killed_in_the_middle_loses_nothing(
    delivery: Delivery, receiver: Receiver, clock: Clock, sent: list[str], monkeypatch
) -> None:
    """kill -9 while the answer is awaited: the lease runs out, and the reaper sends it again."""

    def killed(*_: object) -> None:
        raise SystemExit(9)

    monkeypatch.setattr(sending, "_finish", killed)
    with pytest.raises(SystemExit):
        run(delivery, clock)
    assert len(receiver.requests) == 1
    monkeypatch.undo()
    monkeypatch.setattr(queue, "send", lambda _, pk: sent.append(pk) or True)
    services.deliveries_reap(now=clock.now + timedelta(seconds=89))
    assert sent == []
    clock.forward(seconds=91)
    assert services.deliveries_reap(now=clock.now) == 1
    assert sent == [str(delivery.pk)]
    assert run(delivery, clock)
    assert (delivery.state, delivery.attempts, len(receiver.requests)) == (State.SUCCEEDED, 2, 2)


def test_an_attempt_that_lost_its_lease_writes_nothing(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    receiver.status = 500

    def overtaken() -> None:
        Delivery.objects.filter(pk=delivery.pk).update(lease=sending.uuid.uuid4())

    receiver.before = lambda: None
    answered = sending.post

    def slow(*arguments: object) -> object:
        answer = answered(*arguments)
        overtaken()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "post", slow)
        run(delivery, clock)
    assert (delivery.state, delivery.status) == (State.QUEUED, None)


def test_the_reaper_sends_what_has_no_message_once_a_minute(delivery: Delivery, clock: Clock, sent: list[str]) -> None:
    assert services.deliveries_reap(now=clock.now) == 1
    assert services.deliveries_reap(now=clock.now + timedelta(seconds=30)) == 0
    assert services.deliveries_reap(now=clock.now + timedelta(seconds=61)) == 1


def test_what_ended_long_ago_is_forgotten(delivery: Delivery, receiver: Receiver, clock: Clock, sent) -> None:
    run(delivery, clock)
    services.deliveries_reap(now=clock.now + timedelta(days=29))
    assert Delivery.objects.exists()
    services.deliveries_reap(now=clock.now + timedelta(days=31))
    assert not Delivery.objects.exists()


def test_nothing_that_waits_is_forgotten(delivery: Delivery, clock: Clock, sent) -> None:
    services.deliveries_reap(now=clock.now + timedelta(days=90))
    assert Delivery.objects.exists()


def test_410_switches_it_off(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    receiver.status = 410
    run(delivery, clock)
    webhook = Webhook.objects.get()
    assert (delivery.state, webhook.active, webhook.stopped) == (State.FAILED, False, "it answered 410 Gone")
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.account) == ("worker", "webhook.stopped", "111122223333")


def test_days_without_an_arrival_switch_it_off(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    receiver.status = 500
    Webhook.objects.update(failing_since=clock.now - timedelta(days=3, hours=1))
    Delivery.objects.update(attempts=sending.MOST_ATTEMPTS - 1)
    run(delivery, clock)
    webhook = Webhook.objects.get()
    assert not webhook.active
    assert webhook.stopped.startswith("nothing has arrived there since")
    assert AuditEntry.objects.first().action == "webhook.stopped"


def test_one_arrival_makes_it_whole(delivery: Delivery, receiver: Receiver, clock: Clock) -> None:
    Webhook.objects.update(failing_since=clock.now - timedelta(days=30))
    run(delivery, clock)
    assert Webhook.objects.get().failing_since is None


def test_an_address_that_has_become_private_is_refused_and_tried_again(
    delivery: Delivery, receiver: Receiver, clock: Clock, settings
) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = []
    run(delivery, clock)
    assert (delivery.state, delivery.status) == (State.QUEUED, None)
    assert "public addresses alone" in delivery.error
    assert not receiver.requests


def test_a_lost_secret_is_told(delivery: Delivery, receiver: Receiver, clock: Clock, settings) -> None:
    settings.SECRET_KEY = "another key " * 6
    run(delivery, clock)
    assert "rotate the secret" in delivery.error
    assert not receiver.requests


def test_it_is_delivered_again_when_asked(
    delivery: Delivery, receiver: Receiver, clock: Clock, ada: SignIn, sent, django_capture_on_commit_callbacks
) -> None:
    run(delivery, clock)
    with django_capture_on_commit_callbacks(execute=True):
        services.delivery_redeliver(by=ada, delivery=delivery, now=clock.now)
    assert sent == [str(delivery.pk)]
    run(delivery, clock)
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["PolicyStudio-Delivery"] == second.headers["PolicyStudio-Delivery"]


def test_a_test_is_sent_whatever_it_listens_to(receiver: Receiver, made: Made, ada: SignIn, clock: Clock) -> None:
    delivery = services.webhook_ping(by=ada, webhook=made[0], now=clock.now)
    run(delivery, clock)
    assert json.loads(receiver.requests[0].body)["type"] == "ping"
