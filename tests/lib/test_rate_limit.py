"""How often a client may ask: counted by user or address, over all web workers where they share Redis."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as SignIn
from django.core.cache import caches
from django.test import Client, RequestFactory

from policystudio.lib import rate_limit
from policystudio.lib.rate_limit import client_of, take
from tests import factories
from tests.support.brokers import free_port, redis_server

MINUTE = 1_700_000_040.0  # a minute begins


class Clock:
    """The time of day, as the test has it."""

    def __init__(self) -> None:
        self.now = MINUTE

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(rate_limit, "time", found)
    return found


@pytest.fixture(autouse=True)
def _rate(settings) -> None:
    settings.WEB_WORKERS = 1
    settings.RATE_LIMITS = dict.fromkeys(("requests", "unsigned", "sign-in"), (6, 60))


def taken(client: str, times: int) -> list[bool]:
    return [take("requests", client) is None for _ in range(times)]


def test_as_many_as_the_rate_and_no_more(clock: Clock) -> None:
    assert taken("user:1", 8) == [True] * 6 + [False] * 2
    assert taken("user:2", 1) == [True]


def test_scopes_count_apart(clock: Clock) -> None:
    assert taken("user:1", 7)[-1] is False
    assert take("sign-in", "user:1") is None


def test_the_window_slides(clock: Clock) -> None:
    taken("user:1", 6)
    clock.now += 59
    assert taken("user:1", 1) == [False]
    clock.now += 31  # half of the six lie behind
    assert taken("user:1", 5) == [True] * 3 + [False] * 2


@pytest.mark.parametrize("offset", [0.0, 0.5, 29.0, 59.9])
@pytest.mark.parametrize("used", [6, 9])
def test_who_waits_as_told_is_let_in_and_not_much_sooner(clock: Clock, offset: float, used: int) -> None:
    for _ in range(used):
        clock.now += 7
        take("requests", "user:1")
    clock.now += offset
    while (wait := take("requests", "user:1")) is None:
        pass
    assert 0 < wait <= 121
    clock.now += wait - 2 if wait > 2 else 0
    if wait > 2:
        assert take("requests", "user:1") is not None
        clock.now += 2
    else:
        clock.now += wait
    assert take("requests", "user:1") is None


def test_what_is_refused_does_not_count(clock: Clock) -> None:
    taken("user:1", 500)
    clock.now += 90
    assert taken("user:1", 4) == [True] * 3 + [False]


def test_a_process_that_counts_for_itself_lets_a_client_have_its_share(clock: Clock, settings) -> None:
    settings.WEB_WORKERS = 4
    assert taken("user:1", 3) == [True, True, False]


def test_a_cache_that_is_away_stops_nobody_and_counting_goes_on(clock: Clock, settings) -> None:
    settings.CACHES = {
        **settings.CACHES,
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"},
    }
    assert taken("user:1", 7) == [True] * 6 + [False]


@pytest.fixture
def shared(settings, tmp_path: Path) -> Iterator[None]:
    port = free_port()
    with redis_server(tmp_path, port) as (url, _):
        settings.CACHES = {
            **settings.CACHES,
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url},
        }
        yield
        caches["default"].close()


@pytest.mark.broker
def test_workers_count_together_in_redis(shared: None, settings, clock: Clock) -> None:
    """Each thread has a connection of its own, as each worker has."""
    settings.WEB_WORKERS = 8
    settings.RATE_LIMITS = {"requests": (50, 60)}
    let_in: list[bool] = []
    threads = [threading.Thread(target=lambda: let_in.extend(taken("user:1", 25))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_in) == 200
    # One that is refused is counted for a moment, so another may be refused with it, but never one too many let in.
    assert 42 <= sum(let_in) <= 50


def test_a_user_is_one_client_wherever_and_an_address_only_for_who_is_not_signed_in() -> None:
    def request(address: str):
        return RequestFactory().get("/", REMOTE_ADDR=address)

    dana = SignIn(pk=7, username="dana")
    assert client_of(dana, request("192.0.2.1")) == client_of(dana, request("192.0.2.2")) == "user:7"
    assert client_of(AnonymousUser(), request("192.0.2.1")) != client_of(AnonymousUser(), request("192.0.2.2"))
    one, same, other = (client_of(None, request(f"2001:db8:{text}")) for text in ("1:2::1", "1:2::2", "1:3::1"))
    assert one == same != other


@pytest.mark.django_db
class TestPages:
    """Pages answer 429, and say when to come back."""

    def test_a_signed_in_user(self) -> None:
        client = Client()
        client.force_login(factories.make_sign_in("dana"))
        assert [client.get("/accounts/").status_code for _ in range(7)] == [200] * 6 + [429]
        refused = client.get("/accounts/")
        assert 0 < int(refused.headers["Retry-After"]) <= 121
        assert "Too many requests" in refused.content.decode()
        assert "Content-Security-Policy" in refused.headers

    def test_another_session_of_the_same_user_does_not_help(self) -> None:
        dana = factories.make_sign_in("dana")
        clients = [Client(), Client()]
        for client in clients:
            client.force_login(dana)
        assert [clients[number % 2].get("/accounts/").status_code for number in range(8)] == [200] * 6 + [429] * 2

    def test_signing_in_by_address(self, settings) -> None:
        settings.RATE_LIMITS = {**settings.RATE_LIMITS, "unsigned": (100, 60)}
        credentials = [{"username": f"guess-{number}", "password": "wrong"} for number in range(7)]
        codes = [Client(REMOTE_ADDR="192.0.2.1").post("/sign-in/", data).status_code for data in credentials]
        assert codes == [200] * 6 + [429]
        assert Client(REMOTE_ADDR="192.0.2.2").post("/sign-in/", credentials[0]).status_code == 200

    def test_pages_without_sign_in_by_address(self) -> None:
        codes = [Client(REMOTE_ADDR="192.0.2.1").get("/sign-in/").status_code for _ in range(7)]
        assert codes == [200] * 6 + [429]

    def test_who_watches_is_never_told_to_wait(self) -> None:
        assert {Client().get("/healthz").status_code for _ in range(10)} == {200}


@pytest.mark.django_db
class TestRest:
    """REST answers with a problem."""

    def test_who_is_not_let_in_is_counted_by_address(self) -> None:
        headers = {"Authorization": "Bearer nonsense"}
        answers = [Client(REMOTE_ADDR="192.0.2.1").get("/api/v1/accounts", headers=headers) for _ in range(7)]
        assert [answer.status_code for answer in answers] == [401] * 6 + [429]
        assert answers[-1].headers["Content-Type"] == "application/problem+json"
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert Client(REMOTE_ADDR="192.0.2.2").get("/api/v1/accounts").status_code == 401

    def test_pages_and_rest_count_together(self) -> None:
        client = Client()
        client.force_login(factories.make_sign_in("dana"))
        codes = [client.get(address).status_code for _ in range(4) for address in ("/accounts/", "/api/v1/accounts")]
        assert codes == [200] * 6 + [429] * 2
