"""Expectations over REST: kept, written at a version, run."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.changes import services
from tests import factories
from tests.api.test_matrix import allow
from tests.api.test_problems import assert_problem

BODY = {"demand": "never", "action": "sagemaker:DeleteModel", "resource": "*"}


@pytest.fixture
def address(account: Account) -> str:
    factories.Membership.objects.filter(account=account).update(role="author")
    factories.make_inline_policy(factories.make_identity(account, "user", "ana"), allow("sagemaker:ListModels"), "look")
    return f"/api/v1/accounts/{account.number}/expectations"


@pytest.fixture
def body(account: Account) -> dict[str, Any]:
    return {**BODY, "identity": f"arn:aws:iam::{account.number}:user/ana"}


def test_one_is_kept_read_written_at_its_version_and_given_up(
    api: APIClient, address: str, body: dict[str, Any]
) -> None:
    made = api.post(address, body, format="json")
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    one = f"{address}/{made.json()['id']}"
    assert api.get(one).json() == made.json()
    assert [row["id"] for row in api.get(address).json()["results"]] == [made.json()["id"]]
    assert_problem(api.put(one, body, format="json"), 428)
    assert_problem(api.put(one, body, format="json", headers={"If-Match": "3"}), 400)
    written = api.put(one, {**body, "reason": "why"}, format="json", headers={"If-Match": '"1"'})
    assert (written.status_code, written.headers["ETag"]) == (200, '"2"')
    assert_problem(api.put(one, body, format="json", headers={"If-Match": '"1"'}), 412)
    assert_problem(api.delete(one, headers={"If-Match": '"1"'}), 412)
    assert api.delete(one, headers={"If-Match": "*"}).status_code == 204
    assert_problem(api.get(one), 404)


def test_what_is_wrong_is_told_with_its_field(api: APIClient, address: str, body: dict[str, Any]) -> None:
    problem = assert_problem(
        api.post(address, {**body, "action": "sagemaker:Fly", "context": {"x": []}}, format="json"), 400
    )
    assert {fault["place"] for fault in problem["errors"]} == {"action", "context"}


def test_they_are_run_on_the_account_and_on_a_change(
    api: APIClient, account: Account, address: str, body: dict[str, Any]
) -> None:
    api.post(address, body, format="json")
    assert api.get(f"{address}/run").json()["state"] == "kept"
    made = services.change_begin(
        account=account,
        by=None,
        title="More",
        kind="inline-policy",
        target=body["identity"],
        name="look",
        text=factories.as_text(allow("sagemaker:*")),
    )
    found = api.get(f"{address}/run?change={made.change.number}").json()
    assert (found["state"], found["expectations"][0]["before"]) == ("broken", "kept")
    for wrong, status in (("x", 400), ("99", 404)):
        assert_problem(api.get(f"{address}/run?change={wrong}"), status)
