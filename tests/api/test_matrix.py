"""The matrix: columns once, letters in rows, filters and pages."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from policystudio.accounts.models import Account
from policystudio.simulator.question import question_from_query
from tests import factories
from tests.api.test_problems import assert_problem


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


@pytest.fixture
def ask(api: APIClient, account: Account) -> Callable[..., Any]:
    """The matrix for query parameters."""

    def get(*pairs: tuple[str, str]) -> Any:
        return api.get(f"/api/v1/accounts/{account.number}/matrix?{urlencode(pairs)}")

    return get


@pytest.fixture
def dana(account: Account) -> Any:
    user = factories.make_identity(account, "user", "dana", path="/ml/", tags={"team": "ml"})
    factories.make_inline_policy(user, allow("sagemaker:DescribeModel"), "read")
    factories.make_inline_policy(user, allow("sagemaker:CreateModel", "arn:aws:sagemaker:*:*:model/dev-*"), "dev")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    factories.make_inline_policy(user, allow("sagemaker:DeleteModel", Condition=mfa), "mfa")
    return user


MODELS = (("type", "model"), ("action", "*Model"), ("kind", "user"))


def cells(response: Any, number: int = 0) -> dict[str, str]:
    assert response.status_code == 200, response.content
    body = response.json()
    return dict(zip((column["action"] for column in body["columns"]), body["rows"][number]["verdicts"], strict=True))


def test_it_has_a_letter_for_each_column(ask: Callable[..., Any], dana: Any) -> None:
    response = ask(*MODELS)
    assert cells(response) == {
        "sagemaker:DescribeModel": "A",
        "sagemaker:CreateModel": "S",
        "sagemaker:DeleteModel": "C",
    }
    body = response.json()
    assert body["columns"][0] == {
        "action": "sagemaker:DescribeModel",
        "resource_type": "model",
        "access_level": "Read",
    }
    row = body["rows"][0]
    assert (row["arn"], row["kind"], row["name"]) == (dana.arn, "user", "dana")


def test_context_makes_what_depended_on_it_certain(ask: Callable[..., Any], dana: Any) -> None:
    assert cells(ask(*MODELS, ("context", "aws:MultiFactorAuthPresent=true")))["sagemaker:DeleteModel"] == "A"
    assert cells(ask(*MODELS, ("context", "!aws:MultiFactorAuthPresent")))["sagemaker:DeleteModel"] == "I"


def test_what_ifs_take_away_and_add(ask: Callable[..., Any], dana: Any) -> None:
    assert cells(ask(*MODELS, ("exclude", "inline:dana/read")))["sagemaker:DescribeModel"] == "I"
    assert cells(ask(*MODELS, ("add", json.dumps(allow("sagemaker:*")))))["sagemaker:CreateModel"] == "A"


def test_identities_are_filtered_as_in_the_page(ask: Callable[..., Any], dana: Any, account: Account) -> None:
    factories.make_identity(account, "role", "execution")

    def found(*pairs: tuple[str, str]) -> list[str]:
        return [row["name"] for row in ask(("action", "DescribeModel"), *pairs).json()["rows"]]

    assert found() == ["dana", "execution", "root"]
    assert found(("kind", "role")) == ["execution"]
    assert found(("kind", "user"), ("kind", "root")) == ["dana", "root"]
    assert found(("name", "d*a")) == ["dana"]
    assert found(("path", "/ml/")) == ["dana"]
    assert found(("tag", "team=ml")) == ["dana"]
    assert found(("identity", dana.arn)) == ["dana"]
    assert found(("verdict", "I")) == ["execution"]


def test_columns_are_filtered_as_in_the_page(ask: Callable[..., Any], dana: Any) -> None:
    levels = {column["access_level"] for column in ask(("level", "List"), ("level", "Tagging")).json()["columns"]}
    assert levels == {"List", "Tagging"}
    types = {column["resource_type"] for column in ask(("type", "model"), ("type", "*")).json()["columns"]}
    assert types == {"model", "*"}


def test_all_columns_come_when_nothing_is_filtered(ask: Callable[..., Any], dana: Any) -> None:
    body = ask().json()
    assert len(body["columns"]) > 600
    assert all(len(row["verdicts"]) == len(body["columns"]) for row in body["rows"])
    assert set("".join(row["verdicts"] for row in body["rows"])) <= set("ASCEIU")


def test_pages_follow_each_other(ask: Callable[..., Any], api: APIClient, account: Account) -> None:
    for number in range(5):
        factories.make_identity(account, "user", f"user{number}")
    address = ask(*MODELS, ("limit", "2")).json()["next"]
    assert ask(*MODELS, ("limit", "2")).json()["count"] == 5
    names = []
    while address:
        page = api.get(address).json()
        assert len(page["columns"]) == 3
        names += [row["name"] for row in page["rows"]]
        address = page["next"]
    assert names == ["user2", "user3", "user4"]


def test_witnesses_are_requests_that_simulate_decides_as_told(
    ask: Callable[..., Any], api: APIClient, dana: Any, account: Account
) -> None:
    body = ask(*MODELS, ("witnesses", "true")).json()
    [row] = body["rows"]
    assert (body["count"], row["verdicts"], row["principal"]) == (1, "ASC", dana.arn)
    found = {cell["action"]: cell for cell in row["cells"]}
    assert set(found) == {"sagemaker:CreateModel", "sagemaker:DeleteModel"}
    assert (found["sagemaker:CreateModel"]["verdict"], found["sagemaker:CreateModel"]["by_context"]) == ("some", False)
    assert found["sagemaker:DeleteModel"]["allowed"]["context"] == {"aws:MultiFactorAuthPresent": ["true"]}
    assert found["sagemaker:DeleteModel"]["residue"]["text"].endswith("when aws:MultiFactorAuthPresent is true.")
    told = [cell[side] for cell in found.values() for side in ("allowed", "denied")]
    requests = [{name: one[name] for name in ("action", "resource", "context")} for one in told]
    address = f"/api/v1/accounts/{account.number}/simulate"
    answer = api.post(address, {"principal": row["principal"], "requests": requests}, format="json").json()
    assert [result["decision"] for result in answer["results"]] == [one["decision"] for one in told]


def test_actions_with_several_required_types_are_summed_up(ask: Callable[..., Any], dana: Any) -> None:
    factories.make_inline_policy(dana, allow("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:*:endpoint/*"), "half")
    body = ask(("action", "CreateEndpoint"), ("kind", "user"), ("witnesses", "true")).json()
    [action] = body["rows"][0]["actions"]
    assert [(item["resource_type"], item["letter"]) for item in action["requires"]] == [
        ("endpoint", "A"),
        ("endpoint-config", "I"),
    ]
    assert (action["verdict"], action["letter"], action["allowed"]) == ("implicitDeny", "I", [])


def test_more_cells_than_can_be_proven_at_once_are_refused_with_the_remedy(
    ask: Callable[..., Any], dana: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policystudio.api.matrix.MOST_PROVEN", 1)
    problem = assert_problem(ask(*MODELS, ("witnesses", "true")), 400)
    assert [error["place"] for error in problem["errors"]] == ["witnesses"]
    assert "2 cells to prove, at most 1" in problem["errors"][0]["message"]
    assert ask(*MODELS).status_code == 200
    assert ask(("type", "model"), ("action", "CreateModel"), ("kind", "user"), ("witnesses", "true")).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("kind", "robot", 400),
        ("type", "modell", 400),
        ("level", "Delete", 400),
        ("identity", "dana", 400),
        ("context", "aws:MultiFactorAuthPresent", 400),
        ("add", "{", 400),
        ("add", '{"Statement": {"Effect": "Allow", "Effect": "Deny", "Action": "*", "Resource": "*"}}', 400),
        ("add", "arn:aws:iam::111122223333:policy/none", 404),
        ("verdict", "X", 400),
        ("region", "mars 1", 400),
        ("limit", "10001", 400),
        ("witnesses", "yes", 400),
        ("identities", "x", 400),
    ],
)
def test_what_is_not_understood_is_refused_by_its_name(
    ask: Callable[..., Any], dana: Any, name: str, value: str, status: int
) -> None:
    problem = assert_problem(ask((name, value)), status)
    assert {error["place"] for error in problem["errors"]} == {name}


def test_every_parameter_of_a_question_is_described(api: APIClient, account: Account) -> None:
    """The OpenAPI document and the reader of questions know the same parameters."""
    read = set()

    class Spy:
        def getlist(self, name: str) -> list[str]:
            read.add(name)
            return []

    question_from_query(Spy())
    schema = api.get("/api/schema/?format=json").json()
    described = schema["paths"]["/api/v1/accounts/{number}/matrix"]["get"]["parameters"]
    assert {one["name"] for one in described if one["in"] == "query"} == read | {"limit", "cursor", "witnesses"}
