"""Compare and its siblings over REST: one object, or lines; problems with places; bounds."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.api import compare
from tests.api.test_problems import assert_problem

LIST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"}]}
BROKEN = {"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}


def post(api: APIClient, name: str, body: Any, content_type: str = "application/json") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.post(f"/api/v1/{name}", data, content_type=content_type)


def answer(api: APIClient, name: str, body: Any) -> dict[str, Any]:
    response = post(api, name, body)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()


def lines(api: APIClient, name: str, *bodies: Any) -> list[dict[str, Any]]:
    text = "\n".join(body if isinstance(body, str) else json.dumps(body) for body in bodies)
    response = post(api, name, text.encode(), "application/x-ndjson")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-ndjson"
    assert response["Cache-Control"] == "no-store, private"
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def test_the_examples_of_the_documentation_are_answered(api: APIClient) -> None:
    found = answer(api, "compare", compare.EXAMPLE)
    assert (found["id"], found["no_new_access"], found["no_lost_access"]) == ("release-41", False, True)
    assert [(one["action"], one["resource_type"]) for one in found["changes"]] == [("sagemaker:CreateModel", "model")]
    found = answer(api, "check-access", compare.ACCESS_EXAMPLE)
    assert found["granted"] is True
    assert found["witness"]["action"].startswith("s3:DeleteBucket")
    found = answer(api, "check-public", compare.PUBLIC_EXAMPLE)
    assert (found["public"], found["witness"]["principal"]) == (True, "arn:aws:iam::999999999999:role/outsider")


def test_no_change_is_no_change(api: APIClient) -> None:
    assert answer(api, "compare", {"before": LIST, "after": LIST}) == {
        "id": None,
        "no_new_access": True,
        "no_lost_access": True,
        "undecided": None,
        "newly_allowed": None,
        "newly_denied": None,
        "changes": [],
    }


@pytest.mark.parametrize(
    ("name", "body", "place"),
    [
        ("compare", {"before": LIST, "after": BROKEN}, "after.Statement[0].Effect"),
        ("compare", {"before": LIST}, "after"),
        ("compare", {"before": LIST, "after": LIST, "format": "json"}, "format"),
        ("check-access", {"policy": LIST, "actions": [1]}, "actions[0]"),
        ("check-access", {"policy": LIST}, "actions"),
        ("check-access", {"actions": ["s3:*"]}, "policy"),
        ("check-public", {"policy": LIST}, "policy.Statement[0]"),
        ("check-public", {"policy": None}, "policy"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(api: APIClient, name: str, body: Any, place: str) -> None:
    errors = assert_problem(post(api, name, body), 400)["errors"]
    assert place in {error["place"] for error in errors}


def test_an_action_that_is_not_known_is_404_with_its_place(api: APIClient) -> None:
    asked = {"policy": LIST, "actions": ["sagemaker:ListModels", "sagemaker:ListModel"]}
    errors = assert_problem(post(api, "check-access", asked), 404)["errors"]
    assert [error["place"] for error in errors] == ["actions[1]"]
    assert "did you mean `sagemaker:ListModels`?" in errors[0]["message"]


def test_sides_that_contradict_each_other_are_409_with_the_place(api: APIClient) -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    somebody, other = ({"principal": f"arn:aws:iam::111122223333:user/{name}"} for name in ("ada", "bob"))
    for before, after, place in ((LIST, trust, "after"), (somebody, other, "after.principal")):
        errors = assert_problem(post(api, "compare", {"before": before, "after": after}), 409)["errors"]
        assert [error["place"] for error in errors] == [place]


@pytest.mark.parametrize("name", ["compare", "check-access", "check-public"])
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"before":', b"\xff"])
def test_what_is_no_question_is_400(api: APIClient, name: str, body: bytes) -> None:
    assert_problem(post(api, name, body), 400)


def test_broken_json_is_told_by_line_and_column(api: APIClient) -> None:
    error = assert_problem(post(api, "compare", b'{"before": 1,\n "x"}'), 400)["errors"][0]
    assert (error["line"], error["column"]) == (2, 5)


def test_lines_are_answered_in_order_and_a_bad_one_spoils_no_other(api: APIClient) -> None:
    found = lines(api, "compare", {**compare.EXAMPLE, "id": 1}, '{"id": 2', {"before": LIST, "after": LIST})
    assert [one.get("no_new_access") for one in found] == [False, None, True]
    assert found[0]["id"] == 1
    assert found[1]["error"]["problems"][0]["line"] == 2
    assert [one["granted"] for one in lines(api, "check-access", *[compare.ACCESS_EXAMPLE] * 2)] == [True, True]
    assert [one["public"] for one in lines(api, "check-public", compare.PUBLIC_EXAMPLE)] == [True]


def test_too_many_lines_for_one_call_are_told_of(api: APIClient, monkeypatch) -> None:
    monkeypatch.setattr(compare, "MOST_LINES", 2)
    found = lines(api, "compare", *[{"id": number, "before": LIST, "after": LIST} for number in range(4)])
    assert [one.get("id") for one in found] == [0, 1, None]
    assert "at most 2 lines" in found[2]["error"]["message"]


def test_policies_that_name_principals_need_one(api: APIClient) -> None:
    bucket = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    error = assert_problem(post(api, "compare", {"before": {"resource_policy": bucket}, "after": LIST}), 400)
    assert "name a `principal`" in error["detail"]


def test_another_media_type_is_refused(api: APIClient) -> None:
    assert_problem(post(api, "compare", b"before=a", "application/x-www-form-urlencoded"), 415)


@pytest.mark.parametrize("principal", ["a.amazonaws.com", "anonymous"])
def test_whom_no_identity_policy_reaches_is_granted_nothing_by_one(api: APIClient, principal: str) -> None:
    asked = {"policy": {"principal": principal, "identity_policies": [LIST]}, "actions": ["sagemaker:*"]}
    assert answer(api, "check-access", asked)["granted"] is False


def test_trust_policies_with_keys_of_no_provider_are_compared(api: APIClient) -> None:
    condition = {"StringEquals": {"no provider.example:aud": "x"}}
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}]}
    assert answer(api, "compare", {"before": trust, "after": trust})["no_new_access"] is True


def test_an_identity_of_cloudfront_assumes_no_role(api: APIClient) -> None:
    reader = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": reader}, "Action": "sts:AssumeRole"}]}
    assert answer(api, "compare", {"before": trust, "after": trust})["no_new_access"] is True
    assert answer(api, "check-public", {"policy": trust})["public"] is False
