"""What nobody may read in a log: headers, tokens, passwords, cookies, secrets of keys, policies; errors included."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.test import Client

from policystudio.clients.services import token_create
from policystudio.lib.logs import logging_config
from tests import factories

pytestmark = pytest.mark.django_db

PASSWORD = "correct-horse-battery-staple"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Sid": "TopSecretSid", "Effect": "Allow", "Action": "s3:*"}]}'


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that the installation would write, at the most talkative level."""
    config = logging_config(level="DEBUG", log_format=request.param)
    formatter = logging.config.DictConfigurator(config).configure_formatter(config["formatters"]["lines"])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_signing_in(log: io.StringIO, client: Client) -> None:
    user = factories.make_sign_in("dana")
    user.set_password(PASSWORD)
    user.save()
    for password in (f"wrong-{PASSWORD}", PASSWORD):
        client.post("/sign-in/", {"username": "dana", "password": password})
    cookie = client.cookies["sessionid"].value
    client.get("/accounts/")
    assert "/sign-in/" in log.getvalue()
    assert PASSWORD not in log.getvalue()
    assert cookie not in log.getvalue()


def test_tokens_and_signatures(log: io.StringIO, client: Client) -> None:
    user = factories.make_sign_in("dana")
    made: Any = token_create(user=user, name="ci", scope="read", account=None, lifetime=timedelta(days=1))
    secret = made[1]
    client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"})
    client.get("/api/v1/accounts", headers={"Authorization": "Bearer wrongtokenwrongtoken"})
    client.post("/api/v1/tokens", "{}", content_type="application/json", headers={"Authorization": "Basic ZGFuYTpx"})
    signature = "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/iam/aws4_request, Signature=feedbeef"
    client.post(
        "/aws/",
        "Action=ListUsers&Version=2010-05-08",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": signature},
    )
    client.get("/metrics", headers={"Authorization": "Bearer metrics-secret"})
    said = log.getvalue()
    assert "/api/v1/accounts" in said
    for text in (secret, "wrongtokenwrongtoken", "ZGFuYTpx", "feedbeef", "metrics-secret"):
        assert text not in said


def test_policies_in_queries_and_bodies(log: io.StringIO, client: Client) -> None:
    client.force_login(factories.make_sign_in("dana"))
    client.get("/accounts/111122223333/simulator/", {"add": POLICY})
    client.post("/api/v1/validate", json.dumps({"policy": POLICY}), content_type="application/json")
    client.post("/api/v1/validate", POLICY[:-5], content_type="application/json")
    assert "/api/v1/validate" in log.getvalue()
    assert "TopSecretSid" not in log.getvalue()


@pytest.mark.parametrize("path", ["/accounts/", "/api/v1/accounts"])
def test_errors(log: io.StringIO, client: Client, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(_user: object) -> None:
        text = f"DETAIL:  Failing row contains (1, {POLICY})."
        raise IntegrityError(f'null value in column "x" violates not-null constraint\n{text}\n')

    monkeypatch.setattr("policystudio.accounts.selectors.accounts_visible_to", fail)
    client.force_login(factories.make_sign_in("dana"))
    query = {"policy": POLICY} if path == "/accounts/" else {"search": "TopSecretSid"}
    answer = client.get(path, query, headers={"Authorization": "Basic ZGFuYTpx"})
    assert answer.status_code == 500
    said = log.getvalue()
    assert "violates not-null constraint" in said
    assert "in fail" in said or '"fail"' in said
    for text in ("TopSecretSid", "ZGFuYTpx", client.cookies["sessionid"].value, django_settings.SECRET_KEY):
        assert text not in said
        assert text not in answer.content.decode()


def test_what_gunicorn_says_of_a_request_that_broke(log: io.StringIO) -> None:
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("gunicorn.error").exception("Error handling request /x/?add=%s", "TopSecretSid")
    assert "Error handling request /x/?" in log.getvalue()
    assert "TopSecretSid" not in log.getvalue()
