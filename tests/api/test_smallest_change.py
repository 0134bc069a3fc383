"""The smallest change over REST: what is asked, what is refused, what is answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.changes.services import change_begin
from policystudio.history import services as history
from policystudio.identities.models import InlinePolicy
from tests import factories
from tests.api.test_problems import assert_problem

MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/churn"
MODELS = "arn:aws:sagemaker:*:111122223333:model/*"


@pytest.fixture
def dana(account: Account) -> Any:
    user = factories.make_identity(account, "user", "dana")
    policy = {"Statement": [{"Effect": "Deny", "Action": "sagemaker:DeleteModel", "Resource": "*"}]}
    factories.make_inline_policy(user, {"Version": "2012-10-17", **policy}, "keep")
    return user


@pytest.fixture
def ask(api: APIClient, account: Account, dana: Any) -> Callable[..., Any]:
    def post(**body: Any) -> Any:
        whole = {"principal": dana.arn, "action": "sagemaker:CreateModel", **body}
        return api.post(f"/api/v1/accounts/{account.number}/smallest-change", whole, format="json")

    return post


def test_a_statement_is_offered_for_a_resource_or_for_a_type(ask: Callable[..., Any]) -> None:
    for more, resource in (({"resource": MODEL}, MODEL), ({"resource_type": "model"}, MODELS)):
        answer = ask(**more).json()
        assert (answer["before"], answer["after"]) == ("implicitDeny", "allowed")
        [change] = answer["changes"]
        assert change["after"] == [{"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": resource}]
        assert answer["proof"]["nothing_else"] is True


def test_the_context_and_the_region_are_in_the_statement(ask: Callable[..., Any]) -> None:
    answer = ask(resource_type="model", region="eu-west-1", context={"aws:MultiFactorAuthPresent": True}).json()
    [statement] = answer["changes"][0]["after"]
    assert statement["Resource"] == MODELS.replace("*:1", "eu-west-1:1")
    assert statement["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    assert answer["context"] == {"aws:MultiFactorAuthPresent": ["true"]}


def test_it_goes_on_from_a_what_if(ask: Callable[..., Any], account: Account) -> None:
    first = ask(action="sagemaker:DeleteModel", resource=MODEL).json()
    assert [change["kind"] for change in first["changes"]] == ["add_policy", "narrow_statement"]
    assert first["changes"][1]["policy_key"] == "inline:dana/keep"
    documents = [change["document"] for change in first["changes"]]
    tried = ask(action="sagemaker:DeleteModel", resource=MODEL, exclude=["inline:dana/keep"], add=documents).json()
    assert (tried["before"], tried["changes"], tried["proof"]) == ("allowed", [], None)


def test_it_is_asked_of_a_day_and_of_a_change(ask: Callable[..., Any], account: Account, dana: Any) -> None:
    history.record(account=account, at=timezone.now() - timedelta(days=3))
    edit = {"kind": "inline-policy-delete", "target": dana.arn, "name": "keep"}
    change = change_begin(account=account, by=None, title="Less", **edit).change
    asked = {"action": "sagemaker:DeleteModel", "resource": MODEL}

    def kinds(**more: Any) -> list[str]:
        return [one["kind"] for one in ask(**asked, **more).json()["changes"]]

    assert (kinds(), kinds(change=change.number)) == (["add_policy", "narrow_statement"], ["add_policy"])
    InlinePolicy.objects.filter(identity=dana).delete()
    history.record(account=account, at=timezone.now())
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    assert (kinds(at=yesterday), kinds()) == (["add_policy", "narrow_statement"], ["add_policy"])


@pytest.mark.parametrize(
    ("more", "pointer", "said"),
    [
        ({"at": "2001-02-03"}, "at", "its history begins at"),
        ({"at": "soon"}, "at", "is no date or time"),
        ({"change": 77}, "change", "has no change 77"),
        ({"at": "2026-11-01", "change": 1}, "at", "ask of a moment or of a change"),
    ],
)
def test_a_moment_that_cannot_be_asked_about_is_refused_with_the_place(
    ask: Callable[..., Any], account: Account, more: dict[str, Any], pointer: str, said: str
) -> None:
    history.record(account=account, at=timezone.now() - timedelta(days=3))
    [error] = ask(resource=MODEL, **more).json()["errors"]
    assert error["pointer"] == f"#/{pointer}"
    assert said in error["message"]


def test_a_group_has_changes_as_well(ask: Callable[..., Any], account: Account) -> None:
    group = factories.make_identity(account, "group", "team")
    assert ask(principal=group.arn, resource_type="model").json()["after"] == "allowed"


@pytest.mark.parametrize(
    ("body", "place", "status"),
    [
        ({}, "resource", 400),
        ({"resource": MODEL, "resource_type": "model"}, "resource", 400),
        ({"resource": MODEL, "region": "eu-west-1"}, "region", 400),
        ({"resource_type": "model", "region": "no/region"}, "region", 400),
        ({"resource_type": "endpoint"}, "resource_type", 404),
        ({"resource": "churn"}, "resource", 404),
        ({"resource": 7}, "resource", 400),
        ({"action": "sagemaker:*", "resource": MODEL}, "action", 400),
        ({"principal": "arn:aws:iam::111122223333:user/nobody", "resource": MODEL}, "principal", 404),
        ({"resource": MODEL, "kontext": {}}, "kontext", 400),
        ({"resource": MODEL, "context": {"aws:TagKeys": [["x"]]}}, 'context["aws:TagKeys"][0]', 400),
        ({"resource": MODEL, "exclude": ["x"]}, "exclude[0]", 400),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(
    ask: Callable[..., Any], body: dict[str, Any], place: str, status: int
) -> None:
    problem = assert_problem(ask(**body), status)
    assert [error["place"] for error in problem["errors"]] == [place]


def test_policies_that_cannot_be_read_are_told(ask: Callable[..., Any], account: Account) -> None:
    gap = factories.make_identity(account, "user", "gap", gaps=["an inline policy is missing"])
    assert_problem(ask(principal=gap.arn, resource=MODEL), 409)
