"""One line a request, with an id, and without what is nobody's business in a log."""

import re
from datetime import timedelta

import pytest
import structlog
from django.test import Client
from structlog.testing import capture_logs

from policystudio.clients.services import token_create
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_answer_and_the_log_line_carry_the_id_of_the_proxy(client: Client, settings) -> None:
    settings.TRUSTED_PROXIES = 1
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        response = client.get("/sign-in/?policy=secret", headers={"X-Request-ID": "0123456789abcdef"})
    assert response.headers["X-Request-ID"] == "0123456789abcdef"
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/sign-in/", 200)
    assert line["request_id"] == "0123456789abcdef"
    assert "secret" not in str(line)


@pytest.mark.parametrize("given", ["short", "x" * 65, 'quote"newline', "<script>alert</script>"])
def test_an_id_that_is_not_well_formed_is_replaced(client: Client, settings, given: str) -> None:
    settings.TRUSTED_PROXIES = 1
    response = client.get("/sign-in/", headers={"X-Request-ID": given})
    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


def test_an_id_that_no_trusted_proxy_vouches_for_is_replaced(client: Client) -> None:
    response = client.get("/sign-in/", headers={"X-Request-ID": "0123456789abcdef"})
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])
    assert response.headers["X-Request-ID"] != "0123456789abcdef"


def test_a_problem_names_the_request_by_its_id(client: Client) -> None:
    response = client.get("/api/v1/accounts")
    assert response.status_code == 401
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


def test_the_line_names_who_asked_by_token(client: Client) -> None:
    user = factories.make_sign_in("ada")
    _, secret = token_create(user=user, name="ci", scope="read", account=None, lifetime=timedelta(days=1))
    with capture_logs() as lines:
        client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"})
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["user"], line["status"]) == ("ada", 200)


def test_health_checks_are_not_logged(client: Client) -> None:
    with capture_logs() as lines:
        client.get("/healthz")
    assert not [one for one in lines if one["event"] == "request"]
