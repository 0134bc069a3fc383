"""healthz and readyz answer without a sign-in, and readyz notices what is missing."""

import pytest
from django.db import OperationalError
from django.test import Client

from policystudio.lib import health


def test_healthz_asks_nothing_of_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_is_200_when_all_is_in_order(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "broker": "ok"}


@pytest.mark.django_db
def test_readyz_names_a_broker_that_cannot_be_reached(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 1 of this machine: nothing listens there.
    monkeypatch.setattr(health.current_app, "connection_for_write", lambda **_: _unreachable())
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "broker": "cannot be reached"}


def _unreachable():
    from kombu import Connection

    return Connection("redis://127.0.0.1:1/0", connect_timeout=1)


def test_readyz_names_a_database_that_cannot_be_reached(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise OperationalError("secret host name")

    monkeypatch.setattr(health, "MigrationExecutor", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["database"] == "cannot be reached"


@pytest.mark.django_db
def test_readyz_names_migrations_that_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *_: [("accounts", "0002")])
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "1 migrations wait" in response.json()["database"]
