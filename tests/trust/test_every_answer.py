"""Headers that keep a browser safe stand on every answer, of every route, whoever asks and whatever goes wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.access_cases import CASES, METHODS, World, make_world
from tests.support.shared_world import shared
from tests.test_security import directives
from tests.web.test_access import address, ask, signed_in

pytestmark = pytest.mark.django_db

#: Routes that take a body without the token of a form: they know who asks by other means than the browser's session.
WITHOUT_TOKEN = "awsquery:"


world_of_module, world = shared(make_world)


def assert_is_safe(response: Any) -> None:
    policy = directives(response.headers["Content-Security-Policy"])
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == policy["form-action"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert {name: response.headers.get(name) for name in expected} == expected
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert response.headers["X-Request-ID"]
    for cookie in response.cookies.values():
        assert cookie["samesite"] == "Lax"
        taken_back = cookie["max-age"] == 0
        assert cookie["httponly"] or cookie.key == "csrftoken" or taken_back


@contextmanager
def undone() -> Iterator[None]:
    """What is done meanwhile is undone: one world serves all cases."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("who", ["owner", "signed_out"])
def test_every_answer_of_every_route(world: World, who: str) -> None:
    for case in CASES:
        with undone():
            assert_is_safe(ask(signed_in(world, who), case, world))


def test_a_method_that_is_not_allowed(world: World) -> None:
    known = {(case.route, case.method) for case in CASES}
    one_of_each = {case.route: case for case in CASES}
    client = signed_in(world, "owner")
    for route, case in one_of_each.items():
        for method in METHODS:
            if (route, method) not in known:
                with undone():
                    assert_is_safe(client.generic(method, address(case, world)))


def test_answers_that_are_errors(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(world, "owner")
    client.raise_request_exception = False
    settings.BODY_LIMIT = 10
    assert_is_safe(client.get("/no-such-page/"))
    large = client.post("/sign-in/", {"username": "x" * 100})
    assert large.status_code == 413
    assert_is_safe(large)
    strange = client.get("/accounts/", headers={"Host": "evil.example"})
    assert strange.status_code == 400
    assert_is_safe(strange)
    monkeypatch.setattr("policystudio.accounts.selectors.accounts_visible_to", lambda _user: 1 / 0)
    for path in ("/accounts/", "/api/v1/accounts"):
        broken = client.get(path)
        assert broken.status_code == 500
        assert_is_safe(broken)


def test_a_redirect_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert_is_safe(Client().get("/accounts/"))


def test_what_changes_something_needs_the_token_of_a_form(world: World) -> None:
    """A session alone changes nothing, on pages and over REST."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.administrator)
    for case in CASES:
        if case.method != "GET" and not case.route.startswith(WITHOUT_TOKEN):
            with undone():
                response = ask(client, case, world)
            assert response.status_code in (403, 405), case
