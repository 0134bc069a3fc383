"""A real worker is killed in the middle of a delivery: nothing is lost, and the receiver can tell what came twice."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers import wait_until
from tests.support.installation import Installation, kill_all, make_installation, migrated_database
from tests.webhooks.receiver import Receiver, Request, receiving
from tests.webhooks.test_docs import is_genuine

__all__ = ["is_genuine"]

#: A webhook, and as many entries of the record that it is told of.
BEGIN = """
from django.contrib.auth import get_user_model
from django.utils import timezone
from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.webhooks import services
from django.db import transaction
user = get_user_model().objects.create(username="dana", is_superuser=True)
account = Account.objects.create(number="111122223333", name="research")
_, secret = services.webhook_create(by=user, account=account, url={url!r}, events=["change.*"], now=timezone.now())
for number in range({count}):
    with transaction.atomic():
        audit.record(actor=user, action="change.published", target=f"change {{number}}", account=account.number)
print(json.dumps(secret))
"""
#: What the beat does, so much later that leases have run out and pauses are over.
REAP = """
from datetime import timedelta
from django.utils import timezone
from policystudio.webhooks import services
from policystudio.webhooks.models import Delivery
later = timezone.now() + timedelta(seconds=95)
Delivery.objects.filter(lease__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
print(json.dumps(services.deliveries_reap(now=later)))
"""
MESSAGES = 3


@dataclass(frozen=True)
class Listening(Installation):
    """An installation whose webhooks may lead to a receiver of the test."""

    receiver: Receiver

    @property
    def environment(self) -> dict[str, str]:
        """What its processes find set."""
        return super().environment | {
            "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
            "WEBHOOK_PORTS": f"443,{self.receiver.port}",
            "WEBHOOK_CA_FILE": self.receiver.ca_file,
            "STUDIO_URL": "https://studio.example.com",
        }


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Listening]:
    (tmp_path / "template").mkdir()
    with receiving(tmp_path) as receiver:
        made = make_installation(migrated_database(tmp_path / "template"), tmp_path / "studio", "filesystem://")
        yield Listening(made.folder, made.broker_url, receiver)


def states(installation: Installation) -> list[str]:
    return [str(state) for (state,) in installation.query("SELECT state FROM webhooks_delivery ORDER BY sequence")]


def entry(request: Request) -> str:
    return str(json.loads(request.body)["id"])


def test_a_worker_killed_in_the_middle_of_a_delivery_loses_none(
    listening: Listening, is_genuine: Callable[..., Any]
) -> None:
    receiver, arrived, killed = listening.receiver, threading.Event(), threading.Event()

    def hold() -> None:
        """The message has arrived; the answer waits until the worker is dead."""
        arrived.set()
        killed.wait(60)

    receiver.before = hold
    secret = listening.run(BEGIN.format(url=receiver.url, count=MESSAGES))
    with listening.worker() as worker:
        assert arrived.wait(60), listening.log()
        kill_all(worker)
        killed.set()
    receiver.before = lambda: None
    assert "succeeded" not in states(listening)
    first = entry(receiver.requests[0])
    with listening.worker():

        def all_arrived() -> bool:
            listening.run(REAP)
            return states(listening) == ["succeeded"] * MESSAGES

        wait_until(all_arrived, "everything is delivered")
    ids = [entry(request) for request in receiver.requests]
    assert len(set(ids)) == MESSAGES
    assert ids.count(first) == 2
    assert all(is_genuine(one.headers["PolicyStudio-Signature"], one.body, secret) for one in receiver.requests)
    again = [one for one in receiver.requests if entry(one) == first]
    assert again[0].body == again[1].body
    assert [one.headers["PolicyStudio-Attempt"] for one in again] == ["1", "2"]
