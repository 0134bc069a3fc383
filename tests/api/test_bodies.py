"""What bodies are taken: each value of the type that the OpenAPI document says, and what goes together."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from tests.api.test_problems import assert_problem

HERE = "/api/v1/accounts/111122223333"
USER = "arn:aws:iam::111122223333:user/dana"
SESSION = "arn:aws:sts::111122223333:federated-user/dana"


@pytest.fixture
def admin(client_of: Callable[[Any], APIClient], administrator: SignIn) -> APIClient:
    return client_of(administrator)


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("clients", {"name": 7}, "name"),
        ("invitations", {"addressee": "a@example.com", "role": "viewer", "days": "3"}, "days"),
        ("changes", {"title": True}, "title"),
        ("changes", {"title": "x", "edits": [{"kind": "attach", "target": 1}]}, "edits[0].target"),
        ("webhooks", {"url": "https://example.com/x", "events": [1]}, "events"),
        ("webhooks", {"url": "https://example.com/x", "events": []}, "events"),
        ("waivers", {"code": "X", "reason": "x", "until": 20270101}, "until"),
    ],
)
def test_values_of_another_type_are_refused(
    admin: APIClient, account: Account, path: str, body: dict[str, Any], place: str
) -> None:
    errors = assert_problem(admin.post(f"{HERE}/{path}", body, format="json"), 400)["errors"]
    assert [error["place"] for error in errors] == [place]


@pytest.mark.parametrize("query", ["is_aws_managed=perhaps", "is_aws_managed=null"])
def test_a_flag_that_is_none_does_not_ask_about_everything(admin: APIClient, account: Account, query: str) -> None:
    assert_problem(admin.get(f"{HERE}/policies?{query}"), 400)


def test_what_is_no_address_has_no_parameters(admin: APIClient, account: Account) -> None:
    assert_problem(admin.get(f"{HERE}/changes/-1/edits?limit=1"), 404)


@pytest.mark.parametrize("written", ["user/people/dana", "arn:aws:iam::111122223333:user/people/dana"])
def test_the_user_of_a_federated_session_is_named_in_short_or_by_arn(admin: APIClient, written: str) -> None:
    asked = {"principal": SESSION, "federated_user_of": written, "action": "s3:ListAllMyBuckets", "id": 7.0}
    found = admin.post("/api/v1/evaluate", asked, format="json").json()["results"][0]
    assert (found["id"], found["decision"]) == (7, "implicitDeny")


def test_the_user_of_another_account_contradicts_the_session(admin: APIClient) -> None:
    other = "arn:aws:iam::444455556666:user/dana"
    asked = {"principal": SESSION, "federated_user_of": other, "action": "s3:ListAllMyBuckets"}
    assert_problem(admin.post("/api/v1/evaluate", asked, format="json"), 409)


def test_two_statements_of_one_sid_contradict_each_other(admin: APIClient) -> None:
    statement = {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}
    asked = {"principal": USER, "action": "s3:ListAllMyBuckets", "identity_policies": [{"Statement": [statement] * 2}]}
    assert_problem(admin.post("/api/v1/evaluate", asked, format="json"), 409)


def test_an_etag_that_was_never_given_out_is_404_and_one_that_is_stale_412(admin: APIClient, account: Account) -> None:
    seen = admin.get(HERE)["ETag"]
    wanted = {"needs_second_person": not account.needs_second_person}
    for made_up in ('"0"', f'"{"0" * 64}"'):
        assert_problem(admin.patch(HERE, wanted, format="json", headers={"If-Match": made_up}), 404)
    assert admin.patch(HERE, wanted, format="json", headers={"If-Match": seen}).status_code == 200
    assert_problem(admin.patch(HERE, wanted, format="json", headers={"If-Match": seen}), 412)
