"""Sessions: kept by a hash, listed, and ended one by one, all others, or all."""

import io
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from policystudio.accounts import selectors, services
from policystudio.accounts.models import SignedInSession
from policystudio.accounts.tasks import sessions_forget
from policystudio.audit.models import AuditEntry
from policystudio.lib.browser_words import browser_in_words
from policystudio.lib.session_store import SessionStore, stored_key
from tests import factories

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def dana(db: None):
    return factories.make_sign_in("dana")


def signed_in(name: str = "dana", agent: str = FIREFOX) -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/sign-in/", {"username": name, "password": factories.PASSWORD}).status_code == 302
    return client


def gets_in(client: Client) -> bool:
    return client.get("/you/").status_code == 200


def test_the_key_of_a_session_is_not_in_the_database(dana) -> None:
    key = signed_in().cookies["sessionid"].value
    assert gets_in_with(key)
    row = Session.objects.get()
    assert key not in (row.session_key, row.session_data)
    assert not gets_in_with(row.session_key)  # what the database has opens nothing


def gets_in_with(key: str) -> bool:
    client = Client()
    client.cookies["sessionid"] = key
    return gets_in(client)


def test_a_store_of_sessions_does_what_django_asks_of_it(db: None) -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    key = store.session_key
    assert store.exists(key)
    assert SessionStore(key)["a"] == 1
    store.cycle_key()
    assert not store.exists(key)
    assert SessionStore(store.session_key)["a"] == 1
    store.flush()
    assert not Session.objects.exists()
    assert SessionStore(key).get("a") is None
    ended = SessionStore()
    ended.set_expiry(-1)
    ended.save()
    assert SessionStore(ended.session_key).load() == {}


def test_a_session_is_noted_with_browser_and_address(dana) -> None:
    signed_in()
    found = selectors.sessions_of(dana, timezone.now()).get()
    assert (found.browser, found.address) == ("Firefox on Linux", "127.0.0.1")


def test_it_is_written_at_most_once_a_minute_that_one_is_used(dana, django_assert_max_num_queries) -> None:
    client = signed_in()
    gets_in(client)
    before = SignedInSession.objects.get().last_seen_at
    gets_in(client)
    assert SignedInSession.objects.get().last_seen_at == before
    earlier = timezone.now() - timedelta(minutes=5)
    SignedInSession.objects.update(last_seen_at=earlier)
    key = client.cookies["sessionid"].value
    more = {"session_key": key, "user": dana, "address": "192.0.2.1", "user_agent": FIREFOX}
    services.session_seen(**more, now=timezone.now())
    found = SignedInSession.objects.get()
    assert found.last_seen_at > earlier
    assert found.address == "192.0.2.1"


def test_one_session_is_ended_and_the_others_stay(dana) -> None:
    one, other = signed_in(), signed_in()
    key = stored_key(other.cookies["sessionid"].value)
    assert services.session_end(by=dana, key=key)
    assert not services.session_end(by=dana, key=key)
    assert gets_in(one)
    assert not gets_in(other)
    assert AuditEntry.objects.filter(action="session.ended", actor="dana").count() == 1


def test_nobody_ends_the_session_of_another(dana) -> None:
    vic = factories.make_sign_in("vic")
    client = signed_in()
    assert not services.session_end(by=vic, key=stored_key(client.cookies["sessionid"].value))
    assert gets_in(client)


def test_all_others_end(dana) -> None:
    one, other = signed_in(), signed_in()
    factories.make_sign_in("vic")
    foreign = signed_in("vic")
    keep = one.cookies["sessionid"].value
    assert services.sessions_end(by=dana, user=dana, keep=keep) == 1
    assert (gets_in(one), gets_in(other), gets_in(foreign)) == (True, False, True)


def test_the_command_ends_all(dana) -> None:
    clients, out = [signed_in(), signed_in()], io.StringIO()
    call_command("end_sessions", "dana", "--tokens", stdout=out)
    assert out.getvalue() == "2 sessions of dana ended; no token lets them in any more\n"
    assert not any(gets_in(client) for client in clients)


def test_a_superuser_ends_them_in_the_administration(dana) -> None:
    client, boss = signed_in(), Client()
    boss.force_login(factories.make_sign_in("root", superuser=True))
    boss.post("/admin/auth/user/", {"action": "end_sessions", "_selected_action": [dana.pk]})
    assert not gets_in(client)
    assert AuditEntry.objects.get(action="session.ended").actor == "root"


def test_what_is_shown_goes_with_the_session(dana) -> None:
    client = signed_in()
    client.post("/sign-out/")
    assert not SignedInSession.objects.exists()
    signed_in()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not selectors.sessions_of(dana, timezone.now()).exists()
    sessions_forget()
    assert not SignedInSession.objects.exists()


def test_a_session_that_signs_somebody_else_in_is_noted_for_them(dana) -> None:
    client = Client()
    client.force_login(factories.make_sign_in("vic"))
    client.force_login(dana)
    assert [str(one.user) for one in SignedInSession.objects.all()] == ["dana"]


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("<script>", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)
def test_browsers_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words
