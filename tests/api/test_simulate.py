"""Simulate: concrete requests of stored identities, as they are and as they would be."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from tests import factories
from tests.api.test_problems import assert_problem

ENDPOINT = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn"


def allow(action: str, **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]}


@pytest.fixture
def dana(account: Account) -> Any:
    user = factories.make_identity(account, "user", "dana", tags={"team": "ml"})
    factories.attach(user, factories.make_managed_policy(account, "ml", allow("sagemaker:*Endpoint")))
    return user


@pytest.fixture
def simulate(api: APIClient, account: Account, dana: Any) -> Callable[..., Any]:
    def post(**body: Any) -> Any:
        return api.post(f"/api/v1/accounts/{account.number}/simulate", {"principal": dana.arn, **body}, format="json")

    return post


def decisions(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [result["decision"] for result in response.json()["results"]]


def test_a_stored_identity_is_asked(simulate: Callable[..., Any]) -> None:
    response = simulate(
        requests=[
            {"id": "delete", "action": "sagemaker:DeleteEndpoint", "resource": ENDPOINT},
            {"id": 2, "action": "sagemaker:ListModels"},
        ]
    )
    assert decisions(response) == ["allowed", "implicitDeny"]
    first, second = response.json()["results"]
    assert (first["id"], second["id"]) == ("delete", 2)
    assert first["layers"]["identity_policies"] == "allowed"
    assert [statement["policy"] for statement in first["matched_statements"]] == ["ml"]


def test_one_request_needs_no_list(simulate: Callable[..., Any]) -> None:
    assert decisions(simulate(action="sagemaker:DeleteEndpoint", resource=ENDPOINT)) == ["allowed"]


def test_what_is_known_of_the_identity_counts_and_context_goes_before_it(
    simulate: Callable[..., Any], dana: Any
) -> None:
    tagged = allow("sagemaker:ListModels", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}})
    factories.make_inline_policy(dana, tagged)
    assert decisions(simulate(action="sagemaker:ListModels")) == ["allowed"]
    context = {"AWS:principaltag/Team": "ops"}
    assert decisions(simulate(action="sagemaker:ListModels", context=context)) == ["implicitDeny"]


def test_the_tags_and_the_region_of_the_resource_count(
    simulate: Callable[..., Any], dana: Any, account: Account
) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/stage": "dev", "aws:RequestedRegion": "eu-west-1"}}
    factories.make_inline_policy(dana, allow("sagemaker:InvokeEndpointAsync", Condition=condition))
    factories.make_resource(account, "endpoint", "churn", region="eu-west-1", tags={"stage": "dev"})
    asked = {"action": "sagemaker:InvokeEndpointAsync", "resource": ENDPOINT}
    assert decisions(simulate(**asked)) == ["allowed"]
    assert decisions(simulate(**asked, context={"aws:resourcetag/STAGE": "prod"})) == ["implicitDeny"]
    assert decisions(simulate(**asked, context={"aws:RequestedRegion": []})) == ["implicitDeny"]


def test_what_ifs(simulate: Callable[..., Any], account: Account) -> None:
    asked = {"action": "sagemaker:DeleteEndpoint", "resource": ENDPOINT}
    arn = "arn:aws:iam::111122223333:policy/ml"
    assert decisions(simulate(**asked, exclude=[arn])) == ["implicitDeny"]
    assert decisions(simulate(**asked, exclude=[arn], add=[allow("sagemaker:Delete*")])) == ["allowed"]
    assert decisions(simulate(**asked, exclude=[arn], add=["arn:aws:iam::111122223333:policy/ml"])) == ["allowed"]
    named = {"name": "no", "document": {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}}
    response = simulate(**asked, add=["arn:aws:iam::111122223333:policy/ml", named])
    assert decisions(response) == ["explicitDeny"]
    assert "no" in [statement["policy"] for statement in response.json()["results"][0]["matched_statements"]]


def test_an_identity_whose_policies_cannot_be_read_is_undecided(simulate: Callable[..., Any], dana: Any) -> None:
    factories.make_inline_policy(dana, '{"Statement": 1}', "broken")
    response = simulate(action="sagemaker:ListModels")
    assert decisions(response) == ["undecided"]
    assert response.json()["results"][0]["reason"] == "unreadable_policies: broken"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"principal": "arn:aws:iam::111122223333:group/g", "action": "sagemaker:ListModels"}, "principal"),
        ({"action": "sagemaker:List*"}, "action"),
        ({"action": "sagemaker:ListModels", "add": [{"Statement": {"Effect": "Allow"}}, 1]}, "add[1]"),
        ({"action": "sagemaker:ListModels", "add": [{"Statement": []}] * 11}, "add"),
        ({"action": "sagemaker:ListModels", "exclude": ["ml"]}, "exclude[0]"),
        ({"action": "sagemaker:ListModels", "exclude": "boundary"}, "exclude"),
        ({"action": "sagemaker:ListModels", "identity_policies": []}, "identity_policies"),
        ({"action": "sagemaker:ListModels", "management_account": True}, "management_account"),
        ({"action": "sagemaker:ListModels", "context": {"a": {}}}, "context.a"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(
    simulate: Callable[..., Any], body: dict[str, Any], place: str
) -> None:
    problem = assert_problem(simulate(**body), 400)
    assert place in {error["place"] for error in problem["errors"]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"principal": "arn:aws:iam::111122223333:user/nobody", "action": "sagemaker:ListModels"}, "principal"),
        (
            {"requests": [{"action": "sagemaker:ListModels", "principal": "arn:aws:iam::111122223333:user/x"}]},
            "requests[0].principal",
        ),
        ({"action": "sagemaker:ListModels", "add": ["arn:aws:iam::111122223333:policy/none"]}, "add[0]"),
        ({"action": "sagemaker:ListModels", "exclude": ["arn:aws:iam::111122223333:policy/none"]}, "exclude[0]"),
        ({"action": "sagemaker:ListModels", "change": 7}, "change"),
    ],
)
def test_what_is_not_there_is_404_with_its_place(
    simulate: Callable[..., Any], body: dict[str, Any], place: str
) -> None:
    problem = assert_problem(simulate(**body), 404)
    assert [error["place"] for error in problem["errors"]] == [place]


@pytest.mark.parametrize("body", [b"[]", b"null", b"{", b'{"add": [], "add": []}'])
def test_a_body_that_is_no_object_is_refused(api: APIClient, account: Account, body: bytes) -> None:
    response = api.post(f"/api/v1/accounts/{account.number}/simulate", body, content_type="application/json")
    assert_problem(response, 400)


def test_strangers_find_nothing(client_of: Callable[[Any], APIClient], stranger: SignIn, dana: Any) -> None:
    body = {"principal": dana.arn, "action": "sagemaker:ListModels"}
    assert_problem(client_of(stranger).post("/api/v1/accounts/111122223333/simulate", body, format="json"), 404)
    assert_problem(APIClient().post("/api/v1/accounts/111122223333/simulate", body, format="json"), 401)


def test_assuming_a_role_of_the_account_asks_its_trust_policy(
    simulate: Callable[..., Any], dana: Any, account: Account
) -> None:
    def trusting(principal: str, **more: Any) -> Any:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more}
        document = factories.make_document({"Version": "2012-10-17", "Statement": [statement]}, "trust")
        return factories.make_identity(account, "role", trust_document=document)

    roles = [
        trusting(dana.arn),
        trusting("111122223333"),
        trusting("arn:aws:iam::111122223333:user/erin"),
        trusting(dana.arn, Condition={"StringEquals": {"sts:ExternalId": "7"}}),
    ]
    asked = [{"action": "sts:AssumeRole", "resource": role.arn} for role in roles]
    assert decisions(simulate(requests=asked)) == ["allowed", "implicitDeny", "implicitDeny", "implicitDeny"]
    assert decisions(simulate(requests=asked, context={"sts:ExternalId": "7"}))[3] == "allowed"
    may_assume = decisions(simulate(requests=asked, add=[allow("sts:AssumeRole")]))
    assert may_assume[:3] == ["allowed", "allowed", "implicitDeny"]


def test_a_trust_policy_that_cannot_be_read_leaves_it_undecided(simulate: Callable[..., Any], account: Account) -> None:
    role = factories.make_identity(account, "role", trust_document=factories.make_document("{", "trust"))
    response = simulate(action="sts:AssumeRole", resource=role.arn)
    assert decisions(response) == ["undecided"]
    assert role.arn in response.json()["results"][0]["reason"]
