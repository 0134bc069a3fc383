"""Signing in and out."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User as SignIn
from django.test import Client

from tests import factories
from tests.web.conftest import words_of


@pytest.fixture
def dana(db: None) -> SignIn:
    return factories.make_sign_in("dana")


def sign_in(client: Client, name: str = "dana", password: str = factories.PASSWORD, **more: str):
    return client.post("/sign-in/", {"username": name, "password": password, **more})


def test_whoever_is_not_signed_in_comes_back_to_where_they_wanted_to_be(client: Client, dana: SignIn) -> None:
    asked = client.get("/accounts/?x=1")
    assert asked.headers["Location"] == "/sign-in/?next=/accounts/%3Fx%3D1"
    page = client.get(asked.headers["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/accounts/?x=1">' in page
    assert sign_in(client, next="/accounts/?x=1").headers["Location"] == "/accounts/?x=1"


def test_nobody_is_sent_to_another_site(client: Client, dana: SignIn) -> None:
    assert sign_in(client, next="https://evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("dana", "wrong"), ("nobody", factories.PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_alike(client: Client, dana: SignIn, name: str, password: str) -> None:
    said = words_of(sign_in(client, name, password))
    assert "The user name or the password is not right." in said


def test_signing_out_ends_the_session(client: Client, dana: SignIn) -> None:
    sign_in(client)
    assert client.get("/accounts/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/accounts/").status_code == 302


def test_a_link_cannot_sign_anybody_out(client: Client, dana: SignIn) -> None:
    sign_in(client)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/accounts/").status_code == 200


def test_many_failures_lock_and_say_so(client: Client, dana: SignIn) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = sign_in(client, password="wrong")
    assert response.status_code == 429
    assert "Signing in is locked for now" in words_of(response)
    assert sign_in(client).status_code == 429
