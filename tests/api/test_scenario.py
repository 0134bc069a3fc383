"""Whether an operation can be run, over REST."""

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
ROLE = ("role", "arn:aws:iam::111122223333:role/train")
TRAIN = ("operation", "CreateTrainingJob")
KNOWN = (("without", "tags"), ("without", "volume-key"))


@pytest.fixture
def ask(api: APIClient, account: Account) -> Callable[..., Any]:
    """A scenario for query parameters; the account has dana and a role."""
    dana = factories.make_identity(account, "user", "dana")
    limit = factories.make_managed_policy(account, "limit", allow("sagemaker:*"))
    bounded = factories.make_identity(account, "user", "bounded", boundary=limit)
    for user in (dana, bounded):
        factories.make_inline_policy(user, allow("*"), "own")
    factories.make_identity(account, "role", "train")

    def get(*pairs: tuple[str, str]) -> Any:
        return api.get(f"/api/v1/accounts/{account.number}/scenario?{urlencode(pairs)}")

    return get


def test_yes_with_all_that_it_rests_on(ask: Callable[..., Any]) -> None:
    answer = ask(TRAIN, DANA, ROLE, *KNOWN).json()
    assert answer["answer"] == "yes"
    assert answer["sentence"] == "user/dana can run CreateTrainingJob with role train."
    assert [(step["action"], step["verdict"], step["needed"]) for step in answer["steps"]] == [
        ("sagemaker:CreateTrainingJob", "allowed", "yes"),
        ("iam:PassRole", "allowed", "yes"),
    ]
    passed = answer["steps"][1]["allowed"]
    assert passed["resource"] == ROLE[1]
    assert passed["context"]["iam:PassedToService"] == ["sagemaker.amazonaws.com"]
    assert answer["trust"]["trusted"] == "yes"
    assert answer["trust"]["page"].endswith("#security-confused-deputy-training-job")
    assert all(one["page"].startswith("https://docs.aws.amazon.com/") for one in answer["execution_role"])
    assert answer["owner"]["account"] == "111122223333"


def test_no_names_the_layer_and_its_policy(ask: Callable[..., Any]) -> None:
    answer = ask(TRAIN, ("identity", "arn:aws:iam::111122223333:user/bounded"), ROLE, *KNOWN).json()
    assert answer["answer"] == "no"
    assert "iam:PassRole on role/train is not allowed by permissions boundary `limit`" in answer["sentence"]
    assert answer["steps"][1]["stands_in_the_way"] == [
        {"layer": "permissions_boundary", "name": "permissions boundary", "policies": ["limit"], "denies": False}
    ]


def test_what_is_open_is_told(ask: Callable[..., Any]) -> None:
    answer = ask(TRAIN, DANA).json()
    assert answer["open"] == [
        {"name": "tags", "when": "tags are passed", "verdict": "allowed"},
        {"name": "volume-key", "when": "a KMS key of your own encrypts its storage", "verdict": "allowed"},
    ]
    assert [step["needed"] for step in answer["steps"]] == ["yes", "when", "when", "when"]
    assert answer["roles"] == [{"arn": ROLE[1], "works": "yes", "pass_role": "allowed", "trusted": "yes"}]


def test_what_ifs_and_context_count(ask: Callable[..., Any]) -> None:
    denied = '{"Statement": {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}}'
    answer = ask(TRAIN, DANA, ROLE, *KNOWN, ("add", denied)).json()
    assert "is denied by identity policy `what if 1`" in answer["sentence"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    away = json.dumps({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": plain}})
    insecure = (("add", away), ("context", "aws:SecureTransport=false"))
    assert ask(TRAIN, DANA, ROLE, *KNOWN, *insecure).json()["answer"] == "no"
    assert ask(TRAIN, DANA, ROLE, *KNOWN, ("add", away)).json()["answer"] == "depends"


@pytest.mark.parametrize(
    ("pairs", "place", "status"),
    [
        ([DANA], "operation", 400),
        ([TRAIN], "identity", 400),
        ([("operation", "CreateModle"), DANA], "operation", 404),
        ([TRAIN, ("identity", "arn:aws:iam::111122223333:user/nobody")], "identity", 404),
        ([TRAIN, DANA, ("role", "arn:aws:iam::111122223333:role/nothing")], "role", 404),
        ([TRAIN, DANA, ("role", DANA[1])], "role", 409),
        ([TRAIN, DANA, ("with", "wings")], "with", 400),
        ([TRAIN, DANA, ("resource", "x")], "resource", 400),
        ([TRAIN, DANA, ("at", "2001-02-03")], "at", 404),
        ([TRAIN, DANA, ("change", "77")], "change", 404),
        ([TRAIN, DANA, ("add", "arn:aws:iam::aws:policy/Nope")], "add", 404),
        ([TRAIN, DANA, ("widht", "vpc")], "widht", 400),
    ],
)
def test_what_cannot_be_asked_is_named(
    ask: Callable[..., Any], pairs: list[tuple[str, str]], place: str, status: int
) -> None:
    problem = assert_problem(ask(*pairs), status)
    assert [(fault["in"], fault["place"]) for fault in problem["errors"]] == [("query", place)]


def test_a_group_is_no_principal(ask: Callable[..., Any], account: Account) -> None:
    group = factories.make_identity(account, "group", "team")
    problem = assert_problem(ask(TRAIN, ("identity", group.arn)), 409)
    assert "ask about one of its members" in problem["detail"]
