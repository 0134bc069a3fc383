"""What an identity can do, over REST."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from tests import factories
from tests.api.test_matrix import allow
from tests.api.test_problems import assert_problem

DANA = ("identity", "arn:aws:iam::111122223333:user/dana")


@pytest.fixture
def ask(api: APIClient, account: Account) -> Callable[..., Any]:
    """A summary for query parameters; the account has dana, and a group."""
    limit = factories.make_managed_policy(account, "limit", allow("sagemaker:*Model*"))
    dana = factories.make_identity(account, "user", "dana", boundary=limit)
    factories.make_inline_policy(dana, allow(["sagemaker:CreateModel", "sagemaker:CreateApp"]), "own")
    factories.make_identity(account, "group", "empty")

    def get(*pairs: tuple[str, str]) -> Any:
        return api.get(f"/api/v1/accounts/{account.number}/what-can?{urlencode(pairs)}")

    return get


def lines(answer: Any) -> list[tuple[str, list[str], str]]:
    return [(one["verdict"], one["parts"][0]["actions"], one["text"]) for one in answer.json()["lines"]]


def test_the_lines_say_what_is_allowed_and_what_keeps_the_rest_away(ask: Callable[..., Any]) -> None:
    answer = ask(DANA)
    assert lines(answer) == [
        ("allowed", ["sagemaker:CreateModel"], ""),
        ("implicitDeny", ["sagemaker:CreateApp"], "not allowed by permissions boundary `limit`"),
    ]
    found = answer.json()
    assert (found["kind"], found["name"], found["cells"], found["implicit_deny"]) == ("user", "dana", 684, 682)
    assert found["sentence"] == "1 of 460 actions is possible, always."
    assert found["lines"][1]["stands_in_the_way"][0]["policies"] == ["limit"]


def test_parameters_are_those_of_the_simulator(ask: Callable[..., Any]) -> None:
    assert [line[0] for line in lines(ask(DANA, ("exclude", "boundary")))] == ["allowed"]
    assert [line[1] for line in lines(ask(DANA, ("type", "app")))] == [["sagemaker:CreateApp"]]
    tagged = {"StringEquals": {"aws:RequestTag/team": "ml"}}
    added = json.dumps(allow("sagemaker:DeleteModel", Condition=tagged))
    assert lines(ask(DANA, ("add", added), ("type", "model")))[1] == (
        "conditional", ["sagemaker:DeleteModel"], "when aws:RequestTag/team is ml",
    )  # fmt: skip
    known = ask(DANA, ("add", added), ("type", "model"), ("context", "aws:RequestTag/team=ml"), ("region", "eu-west-1"))
    assert lines(known) == [("allowed", ["sagemaker:CreateModel", "sagemaker:DeleteModel"], "")]
    assert lines(ask(DANA, ("boundary", json.dumps(allow("*"))))) == [
        ("allowed", ["sagemaker:CreateApp", "sagemaker:CreateModel"], "")
    ]


def test_groups_and_the_root_user_have_an_answer_too(ask: Callable[..., Any]) -> None:
    assert ask(("identity", "arn:aws:iam::111122223333:group/empty")).json()["lines"] == []
    assert lines(ask(("identity", "arn:aws:iam::111122223333:root"))) == [("allowed", ["sagemaker:*"], "")]


@pytest.mark.parametrize(
    ("pairs", "name", "words", "status"),
    [
        ((), "identity", "name one identity", 400),
        ((DANA, ("identity", "arn:aws:iam::111122223333:root")), "identity", "name one identity", 400),
        ((("identity", "dana"),), "identity", "dana", 400),
        ((("identity", "arn:aws:iam::111122223333:user/none"),), "identity", "no user, group, role or root user", 404),
        ((DANA, ("type", "modell")), "type", "not a SageMaker resource type", 400),
        ((DANA, ("context", "mfa")), "context", "is not key=value", 400),
        ((DANA, ("add", "{}")), "add", "policy 1", 400),
        ((DANA, ("add", "arn:aws:iam::111122223333:policy/none")), "add", "no managed policy", 404),
        ((DANA, ("boundary", "{}")), "boundary", "Statement", 400),
        ((DANA, ("action", "CreateModel")), "action", "unknown query parameter", 400),
    ],
)
def test_bad_parameters_are_refused_by_name(
    ask: Callable[..., Any], pairs: tuple[tuple[str, str], ...], name: str, words: str, status: int
) -> None:
    errors = assert_problem(ask(*pairs), status)["errors"]
    assert {(error["in"], error["place"]) for error in errors} == {("query", name)}
    assert words in " ".join(error["message"] for error in errors)
