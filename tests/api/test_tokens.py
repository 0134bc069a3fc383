"""Tokens: made by a person, shown once, hashed, scoped, ended by time or by hand."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.audit.models import AuditEntry
from policystudio.clients.models import ApiToken
from policystudio.clients.services import MOST_TOKENS, token_create
from tests import factories
from tests.api.test_problems import assert_problem
from tests.support.codes import code_of, enrol, forget_failures


def with_password(user: SignIn, password: str = factories.PASSWORD) -> APIClient:
    credentials = base64.b64encode(f"{user.username}:{password}".encode()).decode()
    return APIClient(headers={"authorization": f"Basic {credentials}"})


def with_token(secret: str, keyword: str = "Bearer") -> APIClient:
    return APIClient(headers={"authorization": f"{keyword} {secret}"})


@pytest.fixture
def make_token(viewer: SignIn) -> Callable[..., str]:
    def make(user: SignIn = viewer, **fields: Any) -> str:
        values = {"name": "test", "scope": "write", "account": None, "lifetime": timedelta(days=1), **fields}
        return token_create(user=user, **values)[1]

    return make


def test_it_is_made_with_name_and_password(viewer: SignIn, account: Account) -> None:
    response = with_password(viewer).post("/api/v1/tokens", {"name": "nightly"}, format="json")
    assert response.status_code == 201, response.content
    made = response.json()
    assert (made["name"], made["scope"], made["account"]) == ("nightly", "read", None)
    assert with_token(made["token"]).get("/api/v1/accounts").json()["count"] == 1


def test_it_is_made_in_the_session_of_the_browser(api: APIClient) -> None:
    assert api.post("/api/v1/tokens", {"name": "x"}, format="json").status_code == 201


def test_it_has_256_bits_and_only_their_hash_is_stored(api: APIClient) -> None:
    secret = api.post("/api/v1/tokens", {"name": "x"}, format="json").json()["token"]
    assert len(bytes.fromhex(secret)) == 32
    row = ApiToken.objects.values().get()
    assert not [value for value in row.values() if value == secret]
    assert "token" not in api.get("/api/v1/tokens").json()["results"][0]


def test_making_and_revoking_stand_in_the_audit_record(api: APIClient, viewer: SignIn) -> None:
    made = api.post("/api/v1/tokens", {"name": "x"}, format="json").json()
    assert api.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    entries = list(
        AuditEntry.objects.filter(action__startswith="token.")
        .order_by("sequence")
        .values_list("action", "actor", "target")
    )
    assert entries == [("token.created", "vic", made["id"]), ("token.revoked", "vic", made["id"])]
    assert made["token"] not in str(list(AuditEntry.objects.values()))


def test_a_token_cannot_make_another(make_token: Callable[..., str]) -> None:
    response = with_token(make_token()).post("/api/v1/tokens", {"name": "child"}, format="json")
    problem = assert_problem(response, 401)
    assert problem["status"] == 401
    assert response["WWW-Authenticate"].startswith("Basic")


def test_a_wrong_password_is_401(viewer: SignIn) -> None:
    assert_problem(with_password(viewer, "wrong").post("/api/v1/tokens", {"name": "x"}, format="json"), 401)


def test_too_many_wrong_passwords_lock_the_name(viewer: SignIn, settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    for _ in range(3):
        wrong = with_password(viewer, "wrong").post("/api/v1/tokens", {"name": "x"}, format="json")
    assert_problem(wrong, 429)
    right = with_password(viewer).post("/api/v1/tokens", {"name": "x"}, format="json")
    assert_problem(right, 429)
    assert int(right["Retry-After"]) > 0
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer a b", "Bearer é", "Bearer " + "0" * 64, "Token x", "Bearer \udcff"]
)
def test_a_header_that_is_no_token_is_401(db, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header.encode("latin-1", "replace").decode("latin-1"))
    assert_problem(client.get("/api/v1/accounts"), 401)


def test_both_words_before_it_are_understood(make_token: Callable[..., str], account: Account) -> None:
    secret = make_token()
    for keyword in ("Bearer", "bearer", "Token"):
        assert with_token(secret, keyword).get("/api/v1/accounts").status_code == 200


def test_it_ends(make_token: Callable[..., str], account: Account) -> None:
    secret = make_token()
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert_problem(with_token(secret).get("/api/v1/accounts"), 401)


def test_nothing_is_removed_untold_because_it_ended(make_token: Callable[..., str], viewer: SignIn) -> None:
    """Knox removes what has ended, of the same user as well, whenever a token is used."""
    ended, living = make_token(), make_token()
    ApiToken.objects.filter(token_key=ended[:15]).update(expiry=timezone.now() - timedelta(seconds=1))
    assert_problem(with_token(ended).get("/api/v1/accounts"), 401)
    assert with_token(living).get("/api/v1/accounts").status_code == 200
    assert ApiToken.objects.count() == 2
    listed = with_token(living).get("/api/v1/tokens").json()["results"]
    assert [one["id"] for one in listed] == [ApiToken.objects.get(expiry__gt=timezone.now()).token_key]


def test_it_ends_with_its_user(make_token: Callable[..., str], viewer: SignIn) -> None:
    secret = make_token()
    viewer.is_active = False
    viewer.save()
    assert_problem(with_token(secret).get("/api/v1/accounts"), 401)


def test_a_revoked_one_is_refused(api: APIClient) -> None:
    made = api.post("/api/v1/tokens", {"name": "x"}, format="json").json()
    api.delete(f"/api/v1/tokens/{made['id']}")
    assert_problem(with_token(made["token"]).get("/api/v1/accounts"), 401)


def test_nobody_revokes_or_sees_the_token_of_another(
    client_of: Callable[[Any], APIClient], administrator: SignIn, make_token: Callable[..., str]
) -> None:
    make_token()
    other = client_of(administrator)
    assert other.get("/api/v1/tokens").json()["results"] == []
    assert_problem(other.delete(f"/api/v1/tokens/{ApiToken.objects.get().token_key}"), 404)
    assert ApiToken.objects.count() == 1


def test_a_reading_token_reads_and_simulates_but_changes_nothing(
    administrator: SignIn, account: Account, make_token: Callable[..., str]
) -> None:
    client = with_token(make_token(administrator, scope="read"))
    user = factories.make_identity(account, "user", "dana")
    body = {"principal": user.arn, "action": "sagemaker:ListModels"}
    assert client.get(f"/api/v1/accounts/{account.number}").status_code == 200
    assert client.post(f"/api/v1/accounts/{account.number}/simulate", body, format="json").status_code == 200
    assert client.post("/api/v1/evaluate", body, format="json").status_code == 200
    problem = assert_problem(client.post("/api/v1/imports", b"{}", content_type="application/json"), 403)
    assert "reading" in problem["detail"]
    assert_problem(client.delete(f"/api/v1/tokens/{ApiToken.objects.get().token_key}"), 403)


def test_a_token_for_one_account_sees_no_other(
    viewer: SignIn, account: Account, make_token: Callable[..., str]
) -> None:
    other = factories.make_account("444455556666")
    factories.make_membership(viewer, other)
    client = with_token(make_token(account=account))
    assert [row["number"] for row in client.get("/api/v1/accounts").json()["results"]] == [account.number]
    assert_problem(client.get(f"/api/v1/accounts/{other.number}"), 404)
    assert_problem(client.get(f"/api/v1/accounts/{other.number}/matrix"), 404)
    assert_problem(client.get("/api/v1/imports"), 403)


def test_a_token_is_not_made_for_an_account_of_others(api: APIClient) -> None:
    factories.make_account("444455556666")
    problem = assert_problem(api.post("/api/v1/tokens", {"name": "x", "account": "444455556666"}, format="json"), 400)
    assert problem["errors"][0]["place"] == "account"


@pytest.mark.parametrize("field", [{"days": 0}, {"days": 366}, {"scope": "all"}, {"name": ""}, {"account": "12"}])
def test_what_a_token_may_be_is_checked(api: APIClient, field: dict[str, Any]) -> None:
    problem = assert_problem(api.post("/api/v1/tokens", {"name": "x", **field}, format="json"), 400)
    assert [error["place"] for error in problem["errors"]] == list(field)


def test_a_user_has_only_so_many(api: APIClient, make_token: Callable[..., str]) -> None:
    for _ in range(MOST_TOKENS):
        make_token()
    assert_problem(api.post("/api/v1/tokens", {"name": "x"}, format="json"), 400)
    ApiToken.objects.filter(pk=ApiToken.objects.first().pk).update(expiry=timezone.now())
    assert api.post("/api/v1/tokens", {"name": "x"}, format="json").status_code == 201


def test_a_password_alone_makes_no_token_for_whoever_has_a_second_factor(viewer: SignIn) -> None:
    enrol(viewer)
    client = with_password(viewer)
    problem = assert_problem(client.post("/api/v1/tokens", {"name": "x"}, format="json"), 401)
    assert "X-OTP" in problem["detail"]
    wrong = client.post("/api/v1/tokens", {"name": "x"}, format="json", headers={"X-OTP": "000000x"})
    assert "is not right" in assert_problem(wrong, 401)["detail"]
    waits = client.post("/api/v1/tokens", {"name": "x"}, format="json", headers={"X-OTP": code_of(viewer)})
    assert_problem(waits, 429)
    forget_failures(viewer)
    given = {"X-OTP": code_of(viewer)}
    assert client.post("/api/v1/tokens", {"name": "x"}, format="json", headers=given).status_code == 201
    assert_problem(client.post("/api/v1/tokens", {"name": "y"}, format="json", headers=given), 401)  # once
    hidden = with_password(viewer, "wrong").post("/api/v1/tokens", {"name": "x"}, format="json")
    assert "X-OTP" not in assert_problem(hidden, 401)["detail"]
