"""From use to policy, over REST."""

import json

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from tests import factories
from tests.api.test_matrix import allow
from tests.api.test_problems import assert_problem
from tests.simulator.usage.records import ANA, record


@pytest.fixture
def address(account: Account) -> str:
    dana = factories.make_identity(account, "user", "ana")
    factories.make_inline_policy(dana, allow("sagemaker:DescribeModel"))
    return f"/api/v1/accounts/{account.number}/least-policy"


BODY = {"Records": [record("DescribeModel", {"modelName": "churn"})]}


def test_the_policy_and_what_is_beyond_it(api: APIClient, address: str) -> None:
    answer = api.post(f"{address}?principal={ANA}&narrowing=exact&with_refused=true", BODY, format="json")
    assert answer.status_code == 200
    found = answer.json()
    assert json.loads(found["policy"])["Statement"][0]["Action"] == "sagemaker:DescribeModel"
    assert [one["action"] for one in found["beyond"]] == ["sagemaker:DescribeModel"]
    assert found["missing"] == []


@pytest.mark.parametrize(
    ("query", "place"), [("narrowing=close", "narrowing"), ("with_refused=perhaps", "with_refused"), ("who=me", "who")]
)
def test_parameters_are_checked(api: APIClient, address: str, query: str, place: str) -> None:
    problem = assert_problem(api.post(f"{address}?{query}", BODY, format="json"), 400)
    assert problem["errors"][0]["place"] == place


def test_what_is_no_event_is_told(api: APIClient, address: str) -> None:
    problem = assert_problem(api.post(address, {"a": 1}, format="json"), 400)
    assert "CloudTrail" in problem["errors"][0]["message"]
