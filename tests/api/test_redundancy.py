"""What has no effect, and shorter documents, over REST."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.api import redundancy
from tests import factories
from tests.api.test_compare import answer, lines, post


def test_the_examples_of_the_documentation_are_answered(api: APIClient) -> None:
    found = answer(api, "redundant", redundancy.EXAMPLE)
    assert (found["id"], [one["sid"] for one in found["redundant"]]) == ("look", ["Models"])
    shorter = answer(api, "minify", redundancy.EXAMPLE)
    assert (shorter["proved"], json.loads(shorter["text"])["Statement"]["Action"]) == (True, "sagemaker:List*")


def test_lines_are_answered(api: APIClient) -> None:
    assert [len(one["redundant"]) for one in lines(api, "redundant", *[redundancy.EXAMPLE] * 2)] == [1, 1]
    assert [one["proved"] for one in lines(api, "minify", *[redundancy.EXAMPLE] * 2)] == [True, True]


@pytest.mark.parametrize("name", ["redundant", "minify"])
@pytest.mark.parametrize("body", [{}, [], {"policy": {}}, {"policy": 1}, {"policy": "x"}, {"policies": []}])
def test_what_is_not_understood_is_refused(api: APIClient, name: str, body: Any) -> None:
    assert post(api, name, body).status_code == 400


def test_stored_policies_and_identities(api: APIClient, account: Account) -> None:
    ana = factories.make_identity(account, "user", "zoe")
    twice = {"Version": "2012-10-17", "Statement": redundancy.EXAMPLE["policy"]["Statement"]}  # type: ignore[index]  # a plain dict
    policy = factories.make_managed_policy(account, "twice", twice)
    factories.attach(ana, policy)
    for query in ({"policy": policy.arn}, {"identity": ana.arn}):
        response = api.get(f"/api/v1/accounts/{account.number}/redundant", query)
        assert response.status_code == 200, response.content
        assert [one["sid"] for one in response.json()["redundant"]] == ["Models"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 404),
        ({"policy": "a", "identity": "b"}, 404),
        ({"policy": "a"}, 404),
        ({"identity": "a"}, 404),
        ({"x": "y"}, 400),
    ],
)
def test_one_of_both_must_be_named_and_there(
    api: APIClient, account: Account, query: dict[str, str], status: int
) -> None:
    response = api.get(f"/api/v1/accounts/{account.number}/redundant", query)
    assert response.status_code == status
