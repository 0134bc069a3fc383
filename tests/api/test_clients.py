"""API clients over REST: made, changed under a precondition, given keys and tokens whose secrets are shown once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Role
from policystudio.audit.models import AuditEntry
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from tests import factories
from tests.api.test_problems import assert_problem

ClientOf = Callable[[Any], APIClient]


@pytest.fixture
def ada(client_of: ClientOf, administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.fixture
def base(account: Account) -> str:
    return f"/api/v1/accounts/{account.number}/clients"


@pytest.fixture
def ci(account: Account) -> ServiceClient:
    return services.client_create(by=None, account=account, name="ci", role=Role.VIEWER, now=timezone.now())


def test_one_is_made_listed_and_read(ada: APIClient, base: str, account: Account) -> None:
    made = ada.post(base, {"name": "ci", "description": "the pipeline"}, format="json")
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["name"], told["role"], told["disabled"], told["access_keys"]) == ("ci", "viewer", False, 0)
    assert told["username"] == f"client:{account.number}:ci"
    assert ada.get(base).json()["results"] == [told]
    assert ada.get(f"{base}?search=x").json()["count"] == 0
    one = ada.get(f"{base}/{told['id']}")
    assert one.json() == told
    assert one.headers["ETag"] == made.headers["ETag"]
    assert AuditEntry.objects.filter(action="client.created", actor="ada").count() == 1


@pytest.mark.parametrize(
    ("values", "place", "status"),
    [
        ({"name": "a b"}, "name", 400),
        ({}, "name", 400),
        ({"name": "x", "role": "emperor"}, "role", 400),
        ({"name": "ci"}, "name", 409),
    ],
)
def test_what_cannot_be_made_is_told(
    ada: APIClient, base: str, ci: ServiceClient, values: dict[str, str], place: str, status: int
) -> None:
    problem = assert_problem(ada.post(base, values, format="json"), status)
    assert [error["place"] for error in problem["errors"]] == [place]


def test_it_is_changed_where_nobody_else_did(ada: APIClient, base: str, ci: ServiceClient) -> None:
    address = f"{base}/{ci.pk}"
    tag = ada.get(address).headers["ETag"]
    body = {"role": "author", "description": "drafts", "disabled": True}
    assert_problem(ada.put(address, body, format="json"), 428)
    changed = ada.put(address, body, format="json", headers={"if-match": tag})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["role"], changed.json()["disabled"]) == ("author", True)
    assert changed.headers["ETag"] != tag
    assert_problem(ada.put(address, body, format="json", headers={"if-match": tag}), 412)
    again = ada.put(address, {"role": "viewer"}, format="json", headers={"if-match": changed.headers["ETag"]})
    assert (again.json()["description"], again.json()["disabled"]) == ("", False)
    assert ServiceClient.objects.get().role == Role.VIEWER


def test_a_key_is_shown_once(ada: APIClient, base: str, ci: ServiceClient) -> None:
    made = ada.post(f"{base}/{ci.pk}/access-keys", {"days": 30}, format="json")
    assert made.status_code == 201, made.content
    assert made.headers["Cache-Control"] == "no-store, private"
    key = AccessKey.objects.get()
    assert selectors.secret_of(key) == made.json()["secret_access_key"]
    listed = ada.get(f"{base}/{ci.pk}/access-keys").json()["results"]
    assert [row["id"] for row in listed] == [key.key_id]
    assert made.json()["secret_access_key"] not in str(listed) + str(list(AuditEntry.objects.values()))
    assert ada.delete(f"{base}/{ci.pk}/access-keys/{key.key_id}").status_code == 204
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_token_is_shown_once_and_is_the_clients(ada: APIClient, base: str, ci: ServiceClient) -> None:
    made = ada.post(f"{base}/{ci.pk}/tokens", {"name": "x"}, format="json").json()
    bearer = APIClient(headers={"authorization": f"Bearer {made['token']}"})
    assert bearer.get("/api/v1/accounts").json()["count"] == 1
    assert_problem(bearer.get(base), 403)
    listed = ada.get(f"{base}/{ci.pk}/tokens").json()["results"]
    assert [(row["id"], row["last_used_address"]) for row in listed] == [(made["id"], "127.0.0.1")]
    assert ada.delete(f"{base}/{ci.pk}/tokens/{made['id']}").status_code == 204
    assert_problem(ada.delete(f"{base}/{ci.pk}/tokens/{made['id']}"), 404)
    assert_problem(bearer.get("/api/v1/accounts"), 401)


def test_what_a_token_issues_does_not_outlive_it(administrator: SignIn, base: str, ci: ServiceClient) -> None:
    lifetime = timedelta(days=10)
    token, secret = services.token_create(user=administrator, name="x", scope="write", account=None, lifetime=lifetime)
    bearer = APIClient(headers={"authorization": f"Bearer {secret}"})
    for place, body in (("access-keys", {}), ("tokens", {"name": "child"})):
        assert bearer.post(f"{base}/{ci.pk}/{place}", body, format="json").status_code == 201
        problem = assert_problem(bearer.post(f"{base}/{ci.pk}/{place}", {**body, "days": 11}, format="json"), 400)
        assert problem["errors"][0]["place"] == "days"
    assert AccessKey.objects.get().expires_at == token.expiry
    child = ApiToken.objects.get(name="child")
    assert child.expiry is not None
    assert token.expiry is not None
    assert child.expiry <= token.expiry + timedelta(seconds=1)


def test_a_token_that_reads_issues_nothing(administrator: SignIn, base: str, ci: ServiceClient) -> None:
    _, secret = services.token_create(
        user=administrator, name="x", scope="read", account=None, lifetime=timedelta(days=1)
    )
    bearer = APIClient(headers={"authorization": f"Bearer {secret}"})
    assert bearer.get(base).status_code == 200
    assert_problem(bearer.post(f"{base}/{ci.pk}/access-keys", {}, format="json"), 403)


def test_a_disabled_client_gets_nothing(ada: APIClient, base: str, ci: ServiceClient) -> None:
    services.client_disable(by=None, client=ci, now=timezone.now())
    problem = assert_problem(ada.post(f"{base}/{ci.pk}/access-keys", {}, format="json"), 400)
    assert "is disabled" in problem["detail"]


def test_an_administrator_of_another_account_finds_nothing(client_of: ClientOf, base: str, ci: ServiceClient) -> None:
    stan, other = factories.make_sign_in("stan"), factories.make_account("444455556666")
    factories.make_membership(stan, other, Role.ADMINISTRATOR)
    key, _ = services.access_key_issue(by=None, client=ci, now=timezone.now())
    client = client_of(stan)
    for where in (base, "/api/v1/accounts/444455556666/clients"):
        for path in ("", "/access-keys", "/tokens"):
            assert_problem(client.get(f"{where}/{ci.pk}{path}"), 404)
        assert_problem(client.post(f"{where}/{ci.pk}/access-keys", {}, format="json"), 404)
        assert_problem(client.delete(f"{where}/{ci.pk}/access-keys/{key.key_id}"), 404)
    own = services.client_create(by=None, account=other, name="own", role=Role.VIEWER, now=timezone.now())
    assert_problem(client.delete(f"/api/v1/accounts/444455556666/clients/{own.pk}/access-keys/{key.key_id}"), 404)
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_number_beyond_what_a_database_counts_is_not_there(ada: APIClient, base: str) -> None:
    assert_problem(ada.get(f"{base}/{2**70}"), 404)
