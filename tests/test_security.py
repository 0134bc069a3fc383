"""What every answer carries, whoever asks for whatever: the headers that keep a browser safe."""

import pytest
from django.test import Client

PATHS = ("/sign-in/", "/healthz", "/readyz", "/admin/login/", "/no-such-page/", "/api/v1/no-such-noun/", "/api/docs/")

pytestmark = pytest.mark.django_db


def directives(policy: str) -> dict[str, list[str]]:
    """A Content-Security-Policy as a mapping."""
    return {name: values for name, *values in (one.split() for one in policy.split(";") if one.strip())}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == ["'self'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["object-src"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_in_production_browsers_are_told_to_insist_on_https(settings) -> None:
    settings.SECURE_HSTS_SECONDS = 31536000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/sign-in/").headers["Location"] == "https://testserver/sign-in/"
    header = Client().get("/sign-in/", secure=True).headers["Strict-Transport-Security"]
    assert header.startswith("max-age=31536000; includeSubDomains")


def test_health_is_not_redirected_where_a_balancer_asks_over_http(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert Client().get("/healthz").status_code == 200


def test_a_form_without_its_token_is_refused() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "dana", "password": "x"})
    assert response.status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client: Client, django_user_model) -> None:
    django_user_model.objects.create_superuser("dana", password="correct horse battery")
    client.post("/sign-in/", {"username": "dana", "password": "correct horse battery"})
    session = client.cookies["sessionid"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"


def test_the_session_key_changes_at_sign_in(client: Client, django_user_model) -> None:
    django_user_model.objects.create_superuser("dana", password="correct horse battery")
    session = client.session
    session["before"] = True
    session.save()
    planted = session.session_key
    client.cookies["sessionid"] = planted
    client.post("/sign-in/", {"username": "dana", "password": "correct horse battery"})
    assert client.cookies["sessionid"].value not in ("", planted)


class TestLockout:
    """Failures lock a user name from everywhere, and an address for everybody."""

    def fail(self, username: str, address: str) -> int:
        credentials = {"username": username, "password": "wrong"}
        return Client(REMOTE_ADDR=address).post("/sign-in/", credentials).status_code

    def succeed(self, username: str, address: str) -> int:
        credentials = {"username": username, "password": "correct horse battery"}
        return Client(REMOTE_ADDR=address).post("/sign-in/", credentials).status_code

    @pytest.fixture(autouse=True)
    def _people(self, django_user_model, settings) -> None:
        settings.AXES_FAILURE_LIMIT = 3
        for name in ("dana", "vic"):
            django_user_model.objects.create_superuser(name, password="correct horse battery")

    def test_a_user_name_is_locked_from_every_address(self) -> None:
        assert [self.fail("dana", f"198.51.100.{number}") for number in range(3)] == [200, 200, 429]
        assert self.succeed("dana", "203.0.113.1") == 429
        assert self.succeed("vic", "203.0.113.1") == 302

    def test_an_address_is_locked_for_every_user_name(self) -> None:
        assert [self.fail(f"guess-{number}", "198.51.100.1") for number in range(3)] == [200, 200, 429]
        assert self.succeed("vic", "198.51.100.1") == 429
        assert self.succeed("vic", "203.0.113.1") == 302

    def test_signing_in_forgets_the_failures_before(self) -> None:
        for _ in range(2):
            assert [self.fail("dana", "198.51.100.1") for _ in range(2)] == [200, 200]
            assert self.succeed("dana", "198.51.100.1") == 302


def test_a_host_that_is_not_ours_is_a_bad_request() -> None:
    response = Client(raise_request_exception=False).get("/sign-in/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_a_redirect_carries_the_policy_too(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    response = Client().get("/sign-in/")
    assert response.status_code == 301
    assert directives(response.headers["Content-Security-Policy"])["default-src"] == ["'self'"]
