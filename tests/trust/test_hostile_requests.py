"""Whatever a client writes into queries, forms, paths, cookies and headers: it is answered, and nothing fails."""

import os
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_from_bytes

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from tests.access_cases import Case, World, make_world
from tests.access_cases_rest import EVERY
from tests.support.shared_world import shared
from tests.trust.test_every_answer import undone
from tests.web.test_access import ask, ours, routes, signed_in

pytestmark = pytest.mark.django_db

VALUES = {
    "nothing": b"",
    "a NUL character": b"a\0b",
    "no UTF-8": b"\xff\xfe",
    "a surrogate": "\ud800".encode("utf-8", "surrogatepass"),
    "what isdigit takes for a digit": "²".encode(),
    "Arabic digits": "٣".encode(),
    "a number that no column holds": b"9" * 30,
    "more digits than int reads": b"9" * 5000,
    "a negative number": b"-1",
    "infinity": b"1e400",
    "no number": b"NaN",
    "null": b"null",
    "a list": b"[]",
    "an object": b'{"a": [1]}',
    "levels": b"[" * 3000,
    "markup": b"<script>%s{{7*7}}</script>",
    "a way out": b"../../../../etc/passwd",
    "a header": b"a\r\nSet-Cookie: b=c",
    "a long text": b"a" * 20_000,
    "the first day": b"0001-01-01",
    "behind the last day": b"9999-12-31T23:59:59-14:00",
    "a star": b"*",
    "a place of the record": b"99999999999999999999-99999999999999999999",
    "base64": b"eyJhIjogMX0=",
    "an ARN and a line": b"arn:aws:iam::111122223333:user/ana\n",
    "an id": b"00000000-0000-0000-0000-000000000000",
}
#: REST is asked by what its OpenAPI document allows and does not (tests/api/test_schema_holds.py).
CASES = [case for case in EVERY if not case.route.startswith("api:")]
#: So many names of a route are tried alone in one run; another seed takes others.
MOST_ALONE = 4
FORM = "application/x-www-form-urlencoded"
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)

world_of_module, world = shared(make_world)


@pytest.fixture(autouse=True)
def _unlimited(settings: Any) -> None:
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, (1_000_000, 60))


@pytest.fixture
def names_read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of parameters and fields that views ask for."""
    names: set[str] = set()

    def spying(method: Callable[..., Any]) -> Callable[..., Any]:
        def spy(data: QueryDict, name: str, *more: Any, **options: Any) -> Any:
            names.add(name)
            return method(data, name, *more, **options)

        return spy

    for method in ("get", "getlist", "__getitem__", "__contains__"):
        monkeypatch.setattr(QueryDict, method, spying(getattr(QueryDict, method)))
    return names


def encoded(pairs: Iterable[tuple[str, bytes]]) -> str:
    return "&".join(f"{quote(name)}={quote_from_bytes(value)}" for name, value in pairs)


def send(client: Client, case: Case, path: str, pairs: Iterable[tuple[str, bytes]]) -> Any:
    text = encoded(pairs)
    if case.method == "GET":
        return client.generic("GET", path, QUERY_STRING=text)
    return client.generic(case.method, path, text.encode(), content_type="application/json" if case.json else FORM)


def assert_answered(response: Any, *what: object) -> None:
    """It is no failure, and shows nothing of the code."""
    shown = b"" if response.streaming else response.content
    assert response.status_code < 500, (what, shown[:300])
    assert b"Traceback" not in shown, what
    assert "site-packages" not in str(response.headers), what


def questions(case: Case, world: World, names: set[str], chosen: random.Random) -> list[dict[str, bytes]]:
    """All names with anything, some times; and each name alone, beside what a browser would send."""
    order = sorted(names)
    usual = {**case.query(world), **case.data(world)}
    plain = {name: str(value).encode() for name, value in usual.items() if not hasattr(value, "read")}
    values = list(VALUES.values())
    return [
        *({name: chosen.choice(values) for name in order} for _ in range(2)),
        *(plain | {name: chosen.choice(values)} for name in chosen.sample(order, min(MOST_ALONE, len(order)))),
    ]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_queries_and_forms(world: World, case: Case, names_read: set[str]) -> None:
    chosen = random.Random(f"{SEED} {case}")
    names_read.clear()
    with undone():
        ask(signed_in(world, "owner"), case, world)
    names = (names_read | set(case.query(world)) | set(case.data(world))) - {"csrfmiddlewaretoken"}
    path = reverse(case.route, kwargs=case.arguments(world))
    for pairs in questions(case, world, names, chosen):
        with undone():
            assert_answered(send(asker(world), case, path, pairs.items()), f"PROPERTY_SEED={SEED}", pairs)


def asker(world: World) -> Client:
    """The owner, who is shown a failure as everybody is."""
    client = signed_in(world, "owner")
    client.raise_request_exception = False
    return client


PATHS = [b"a\0b", b"\xff", "²".encode(), b"9" * 30, b"-1", b"..%2f", b"x" * 3000, b"<b>", b"\r\n", b"*"]


@pytest.mark.parametrize("route", [name for name in ours() if not name.startswith("api:")])
def test_paths(world: World, route: str) -> None:
    """Texts in the place of what a path names; a number or an id that is none is no route of ours."""
    case = next(case for case in CASES if case.route == route)
    named = dict(case.arguments(world))
    client = asker(world)
    for name, before in named.items():
        for value in random.Random(f"{SEED} {route}").sample(PATHS, 4):
            marker = 987_654_321 if isinstance(before, int) else before
            marked = reverse(route, kwargs={**named, name: marker})
            path = marked.replace(str(marker), quote_from_bytes(value, safe=""), 1)
            with undone():
                assert_answered(client.generic(case.method, path), route, name, value)


def test_the_administration(world: World, admin_user: Any) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    lists = [name for name, _ in routes() if name.startswith("admin:") and name.endswith("_changelist")]
    assert len(lists) > 10
    chosen = random.Random(f"{SEED} admin")
    for name in lists:
        for value in chosen.sample(list(VALUES.values()), 4):
            text = encoded((one, value) for one in ("q", "p", "o", "e", "all", "id__exact", "action"))
            with undone():
                assert_answered(client.generic("GET", reverse(name), QUERY_STRING=text), name, value)


BODIES: dict[str, tuple[str, bytes]] = {
    "multipart without a boundary": ("multipart/form-data", b"--x\r\n"),
    "multipart with a boundary that cannot be": ("multipart/form-data; boundary=\xff\xfe", b"--x\r\n"),
    "multipart that ends early": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a',
    ),
    "multipart whose name is no UTF-8": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="\xff"; filename="../../\0.json"\r\n\r\n{}\r\n--x--\r\n',
    ),
    "multipart in base64 that is none": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--x--\r\n',
    ),
    "a form in a character set that is none": (f"{FORM}; charset=utf-99", b"a=b"),
    "a form in UTF-16": (f"{FORM}; charset=utf-16", b"a=b"),
    "a form of broken escapes": (FORM, b"%=%zz&&&===&%u1234=%"),
    "more fields than are read": (FORM, b"a=&" * 6000),
    "a million fields": (FORM, b"a&" * 1_000_000),
    "JSON that is none": ("application/json", b"{"),
    "JSON that is no object": ("application/json", b"[]"),
    "levels": ("application/json", b"[" * 100_000),
    "another type": ("image/png", b"\x89PNG"),
    "no type": ("", b"a=b"),
}


#: Headers by what WSGI calls them.
HEADERS: dict[str, Mapping[str, str]] = {
    "a session that is none": {"HTTP_COOKIE": "sessionid=\xff\x00; csrftoken=" + "a" * 5000},
    "cookies that cannot be read": {"HTTP_COOKIE": '=;;"=";sessionid="\\777";a' * 50},
    "another host": {"HTTP_HOST": "evil.example"},
    "a host that is none": {"HTTP_HOST": "a b\x00"},
    "a host with a strange port": {"HTTP_HOST": "localhost:99999999"},
    "an address that is none": {"HTTP_X_FORWARDED_FOR": "x, \x00, 999.1.1.1", "REMOTE_ADDR": "nowhere"},
    "a scheme that is none": {"HTTP_X_FORWARDED_PROTO": "\x00"},
    "a language that is none": {"HTTP_ACCEPT_LANGUAGE": "x" * 5000 + ",*;q=\xff"},
    "what is accepted is none": {"HTTP_ACCEPT": "\xff/;q=NaN,,"},
    "a token that is none": {"HTTP_AUTHORIZATION": "Bearer \xff\x00"},
    "basic that is none": {"HTTP_AUTHORIZATION": "Basic \xff===="},
    "a signature that is none": {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=/////,Signature=²"},
    "conditions that are none": {
        "HTTP_IF_NONE_MATCH": '"\xff',
        "HTTP_IF_MODIFIED_SINCE": "never",
        "HTTP_RANGE": "bytes=-",
    },
    "htmx from elsewhere": {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "\x00http://[", "HTTP_HX_TARGET": "\xff"},
    "a referrer that is none": {"HTTP_REFERER": "http://[::1", "HTTP_ORIGIN": "null"},
    "an id of the request": {"HTTP_X_REQUEST_ID": "a\r\nb" * 100},
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_headers_and_bodies(world: World, case: Case, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    path = reverse(case.route, kwargs=case.arguments(world))
    chosen = random.Random(f"{SEED} {case}")
    for what in chosen.sample(list(HEADERS), 3):
        with undone():
            response = asker(world).generic(case.method, path, **HEADERS[what])
            assert_answered(response, f"PROPERTY_SEED={SEED}", what)
    for what in chosen.sample(list(BODIES), 3) if case.method == "POST" else ():
        kind, body = BODIES[what]
        with undone():
            response = asker(world).generic("POST", path, body, content_type=kind)
            assert_answered(response, f"PROPERTY_SEED={SEED}", what)
