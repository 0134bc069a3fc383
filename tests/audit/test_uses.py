"""What is told once an hour: uses of keys, and failures, which a flood must not fill the record with."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from policystudio.audit import services
from policystudio.audit.models import AuditEntry, AuditTally
from policystudio.audit.services import uses
from policystudio.lib import origin
from tests.factories import PASSWORD, make_sign_in

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMIT = 10


@pytest.fixture(autouse=True)
def _limit(settings) -> None:
    settings.AXES_FAILURE_LIMIT = LIMIT


@pytest.fixture
def from_address() -> Iterator[origin.ContextVar[str]]:
    token = origin._address.set("192.0.2.1")
    yield origin._address
    origin._address.reset(token)


def use(at: datetime = NOON, *, actor: str = "dana", target: str = "t1") -> bool:
    return services.record_use(actor=actor, action="token.used", target=target, at=at)


def fail(count: int, target: str = "dana", at: datetime = NOON) -> int:
    """How many of so many failures were told."""
    return sum(services.record_failure(action="user.sign_in_failed", target=target, at=at) for _ in range(count))


def test_a_use_is_told_once_for_each_key_address_and_hour(from_address: origin.ContextVar[str]) -> None:
    assert use()
    assert not use(NOON + timedelta(minutes=59))
    assert use(NOON + timedelta(hours=1))
    assert use(target="t2")
    assert use(actor="eve")
    from_address.set("192.0.2.2")
    assert use()
    assert AuditEntry.objects.count() == 5
    assert services.verify() == []


def test_what_was_counted_is_forgotten_when_its_hour_is_over() -> None:
    for hour in range(30):
        use(NOON + timedelta(hours=hour))
    assert AuditTally.objects.count() <= 3


def test_failures_are_told_each_until_the_lock_and_then_when_they_double() -> None:
    assert fail(LIMIT) == LIMIT
    assert fail(LIMIT * 7) == 3  # the 20th, 40th and 80th
    assert AuditEntry.objects.first().details["failures_this_hour"] == 80
    assert fail(1, target="eve") == 1, "those of another name are counted apart"
    assert fail(1, at=NOON + timedelta(hours=1)) == 1


def test_a_flood_from_many_addresses_is_bounded(from_address: origin.ContextVar[str], monkeypatch) -> None:
    monkeypatch.setattr(uses, "MOST_FAILURES", 50)
    told = 0
    for number in range(400):
        from_address.set(f"198.51.{number // 250}.{number % 250}")
        told += fail(1, target="")
    assert told == 53  # 50, and the 100th, 200th and 400th
    assert AuditEntry.objects.first().details == {"failures_this_hour": 1, "from_any_address": 400}


def test_one_who_has_a_whole_ipv6_network_is_one(from_address: origin.ContextVar[str]) -> None:
    told = 0
    for number in range(40):
        from_address.set(f"2001:db8:1:2::{number:x}")
        told += fail(1)
    assert told == LIMIT + 2


def test_a_lockout_is_told_once() -> None:
    make_sign_in("dana")
    for _ in range(settings.AXES_FAILURE_LIMIT + 30):
        Client().post("/sign-in/", {"username": "dana", "password": "wrong"})
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert actions.count("user.locked_out") == 1
    assert actions.count("user.sign_in_failed") <= LIMIT + 2
    assert set(AuditEntry.objects.values_list("target", flat=True)) == {"dana"}


def test_a_token_is_told_of_when_it_is_used_and_one_that_is_none_when_it_is_refused() -> None:
    make_sign_in("dana")
    client = Client()
    client.force_login(make_sign_in("eve"))
    made = client.post("/api/v1/tokens", {"name": "nightly"}, content_type="application/json").json()
    for _ in range(3):
        assert Client().get("/api/v1/accounts", headers={"authorization": f"Bearer {made['token']}"}).status_code == 200
        wrong = "0" * len(made["token"])
        assert Client().get("/api/v1/accounts", headers={"authorization": f"Bearer {wrong}"}).status_code == 401
    told = list(AuditEntry.objects.exclude(action="user.signed_in").values_list("actor", "action", "target"))
    assert told.count(("eve", "token.used", made["id"])) == 1
    assert told.count(("", "token.refused", "")) == 3
    assert made["token"] not in repr(list(AuditEntry.objects.values_list()))


def test_a_password_used_over_rest_is_told() -> None:
    make_sign_in("dana")
    header = {"authorization": "Basic " + b64encode(f"dana:{PASSWORD}".encode()).decode()}
    for name in ("one", "two"):
        made = Client().post("/api/v1/tokens", {"name": name}, content_type="application/json", headers=header)
        assert made.status_code == 201
    told = list(AuditEntry.objects.order_by("sequence").values_list("actor", "action"))
    assert told == [("dana", "user.password_used"), ("dana", "token.created"), ("dana", "token.created")]
