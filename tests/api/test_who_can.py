"""Who can do an action on a resource, over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Role
from policystudio.clients.services import token_create
from policystudio.simulator.who_can import forget_answers
from tests import factories
from tests.api.test_problems import assert_problem
from tests.simulator.test_who_can import ASSUME, DELETE, ENDPOINT, MFA, ONE, TWO, arn, role, root, user
from tests.support.stored import trust

DELETE_IT = ("action", "sagemaker:DeleteEndpoint")
IT = ("resource", ENDPOINT)


@pytest.fixture
def ask(api: APIClient, account: Account) -> Callable[..., Any]:
    """Who can, for query parameters: ana by a role, the role itself, the root user, and not bo."""
    forget_answers()
    user(account, "ana", ASSUME)
    user(account, "bo")
    role(account, "operator", [trust(root(ONE), **MFA), trust(root(TWO))], DELETE)

    def get(*pairs: tuple[str, str]) -> Any:
        return api.get(f"/api/v1/accounts/{account.number}/who-can?{urlencode(pairs)}")

    return get


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["rows"]]


def test_everybody_with_verdict_and_ways(ask: Callable[..., Any]) -> None:
    found = ask(DELETE_IT, IT).json()
    assert (found["count"], found["next"]) == (5, None)
    assert found["question"] == "Who can DeleteEndpoint on endpoint/prod-1 in eu-west-1?"
    assert found["sentence"].startswith("4 can: 2 always and 2 under conditions")
    assert found["verdicts"] == {
        "allowed": 2, "some": 0, "conditional": 2, "explicitDeny": 0, "implicitDeny": 1, "undecided": 0,
    }  # fmt: skip
    rows = {row["name"]: row for row in found["rows"]}
    assert {name: (row["kind"], row["verdict"], row["hops"]) for name, row in rows.items()} == {
        "ana": ("user", "conditional", 1),
        "bo": ("user", "implicitDeny", 0),
        "operator": ("role", "allowed", 0),
        "root": ("root", "allowed", 0),
        f"account {TWO}": ("account", "conditional", 1),
    }
    (chain,) = rows["ana"]["by_roles"]["chains"]
    (step,) = chain["steps"]
    assert (step["role"], step["conditions"][0]["name"]) == (arn(ONE, "role", "operator"), "MFA")
    assert step["allowed"]["context"] == {"aws:MultiFactorAuthPresent": ["true"]}
    assert rows["operator"]["direct"]["allowed"]["resource"] == ENDPOINT


def test_pages(ask: Callable[..., Any], api: APIClient) -> None:
    first = ask(DELETE_IT, IT, ("limit", "2"))
    assert names(first) == ["ana", "bo"]
    assert first.json()["count"] == 5
    second = api.get(first.json()["next"])
    assert names(second) == ["operator", "root"]
    third = api.get(second.json()["next"])
    assert names(third) == [f"account {TWO}"]
    assert third.json()["next"] is None
    assert ask(DELETE_IT, IT, ("cursor", "99")).status_code == 400


def test_filters(ask: Callable[..., Any]) -> None:
    assert names(ask(DELETE_IT, IT, ("verdict", "A"), ("verdict", "I"))) == ["bo", "operator", "root"]
    assert names(ask(DELETE_IT, IT, ("direct", "true"))) == ["operator", "root"]
    assert names(ask(DELETE_IT, IT, ("hops", "0"), ("verdict", "A"))) == ["operator", "root"]
    signed_in = ("context", "aws:MultiFactorAuthPresent=true")
    assert "ana" in names(ask(DELETE_IT, IT, signed_in, ("verdict", "A")))


def test_accounts_that_the_person_may_not_see_take_no_part(
    ask: Callable[..., Any], account: Account, viewer: SignIn, client_of: Callable[[Any], APIClient]
) -> None:
    other = factories.make_account(TWO, "other")
    user(other, "eve", ASSUME)
    forget_answers()
    assert f"account {TWO}" in names(ask(DELETE_IT, IT))
    factories.make_membership(viewer, other, Role.VIEWER)
    found = names(ask(DELETE_IT, IT))
    assert "eve" in found
    assert f"account {TWO}" not in found


def test_a_token_for_one_account_sees_no_other(ask: Callable[..., Any], account: Account, viewer: SignIn) -> None:
    other = factories.make_account(TWO, "other")
    user(other, "eve", ASSUME)
    factories.make_membership(viewer, other, Role.VIEWER)
    forget_answers()
    _, secret = token_create(user=viewer, name="one", scope="read", account=account, lifetime=timedelta(days=1))
    client = APIClient()
    address = f"/api/v1/accounts/{ONE}/who-can?{urlencode([DELETE_IT, IT])}"
    response = client.get(address, headers={"Authorization": f"Bearer {secret}"})
    assert "eve" not in names(response)
    assert "eve" in names(ask(DELETE_IT, IT))


@pytest.mark.parametrize(
    ("pairs", "place", "status"),
    [
        ([IT], "action", 400),
        ([("action", "sagemaker:DeleteEndpiont"), IT], "action", 404),
        ([DELETE_IT, ("resource", "endpoint/x")], "resource", 400),
        ([("action", "sagemaker:AddAssociation")], "resource", 409),
        ([DELETE_IT, IT, ("hops", "6")], "hops", 400),
        ([DELETE_IT, IT, ("context", "x")], "context", 400),
        ([DELETE_IT, IT, ("verdict", "Z")], "verdict", 400),
        ([DELETE_IT, IT, ("at", "2001-02-03")], "at", 404),
        ([DELETE_IT, IT, ("change", "77")], "change", 404),
        ([DELETE_IT, IT, ("direct", "perhaps")], "direct", 400),
        ([DELETE_IT, IT, ("limit", "0")], "limit", 400),
        ([DELETE_IT, IT, ("resorce", "x")], "resorce", 400),
    ],
)
def test_what_cannot_be_asked_is_named(
    ask: Callable[..., Any], pairs: list[tuple[str, str]], place: str, status: int
) -> None:
    problem = assert_problem(ask(*pairs), status)
    assert [(fault["in"], fault["place"]) for fault in problem["errors"]] == [("query", place)]


def test_a_stranger_gets_404(client_of: Callable[[Any], APIClient], stranger: SignIn, account: Account) -> None:
    address = f"/api/v1/accounts/{account.number}/who-can?{urlencode([DELETE_IT, IT])}"
    assert_problem(client_of(stranger).get(address), 404)
