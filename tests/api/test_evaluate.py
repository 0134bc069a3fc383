"""Evaluate: policies and requests in the body, decisions back."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.api import evaluate
from tests.api.test_problems import assert_problem

ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}],
}
ASKED = {
    "id": "a",
    "principal": "arn:aws:iam::111122223333:user/dana",
    "action": "sagemaker:CreateModel",
    "resource": "arn:aws:sagemaker:eu-west-1:111122223333:model/churn",
    "identity_policies": [ALLOW],
}


def post(api: APIClient, body: Any) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.post("/api/v1/evaluate", data, content_type="application/json")


def results(api: APIClient, body: Any) -> list[dict[str, Any]]:
    response = post(api, body)
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "application/json"
    return response.json()["results"]


def test_a_single_request_is_decided_with_all_there_is_to_know(api: APIClient) -> None:
    text = json.dumps(ALLOW)
    assert results(api, ASKED) == [
        {
            "id": "a",
            "decision": "allowed",
            "reason": "allowed_by_identity_policies",
            "layers": {
                "service_control_policies": "notApplicable",
                "resource_control_policies": "notApplicable",
                "vpc_endpoint_policy": "notApplicable",
                "resource_policy": "notApplicable",
                "identity_policies": "allowed",
                "permissions_boundary": "notApplicable",
                "session_policies": "notApplicable",
            },
            "matched_statements": [
                {
                    "policy": "identity_policies[0]",
                    "sid": "All",
                    "index": 0,
                    "effect": "Allow",
                    "layer": "identity_policies",
                    "level": None,
                    "start": {"line": 1, "column": text.index("[") + 2},
                    "end": {"line": 1, "column": text.rindex("]") + 1},
                }
            ],
            "missing_context_keys": [],
        }
    ]


def test_the_example_of_the_documentation_is_answered(api: APIClient) -> None:
    found = results(api, evaluate.EXAMPLE)
    assert [(result["id"], result["decision"]) for result in found] == [("train", "allowed"), ("serve", "implicitDeny")]
    assert evaluate.ANSWER["results"] == found[1:]


def test_what_was_wrong_is_told_with_its_place(api: APIClient) -> None:
    body = {**ASKED, "identity_policies": [{**ALLOW, "Statement": [{"Effect": "allow"}]}], "resorce": "*"}
    errors = assert_problem(post(api, body), 400)["errors"]
    places = {error["place"]: error["message"] for error in errors}
    assert "did you mean `resource`" in places["resorce"]
    assert any(place.startswith("identity_policies[0].Statement") for place in places)
    assert all(error["in"] == "body" for error in errors)


def test_a_deny_hidden_behind_an_allow_of_the_same_key_is_refused(api: APIClient) -> None:
    body = json.dumps(ASKED).replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"').encode()
    error = assert_problem(post(api, body), 400)["errors"][0]
    assert error["place"] == "identity_policies[0].Statement[0].Effect"


def test_broken_json_is_told_by_line_and_column(api: APIClient) -> None:
    error = assert_problem(post(api, b'{"id": 1,\n "x"}'), 400)["errors"][0]
    assert (error["line"], error["column"]) == (2, 5)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"x"', b"{}", b"\xff\xfe", b'{"requests": []}'])
def test_what_is_no_evaluation_is_400(api: APIClient, body: bytes) -> None:
    assert_problem(post(api, body), 400)


def test_too_many_requests_for_one_call_are_refused(api: APIClient, monkeypatch) -> None:
    monkeypatch.setattr(evaluate, "MOST_REQUESTS", 2)
    asked = {"action": "sagemaker:ListModels"}
    body = {"principal": ASKED["principal"], "requests": [asked, asked]}
    assert len(results(api, body)) == 2
    body["requests"] = [asked, asked, asked]
    assert assert_problem(post(api, body), 400)["errors"][0]["place"] == "requests"


def test_too_much_work_for_one_call_is_refused(api: APIClient, monkeypatch) -> None:
    monkeypatch.setattr(evaluate, "MOST_WORK", 5)
    many = {"Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}] * 3}
    body = {**ASKED, "identity_policies": [many], "permissions_boundary": ALLOW, "service_control_policies": [[many]]}
    assert_problem(post(api, body), 400)
    del body["service_control_policies"]
    assert len(results(api, body)) == 1
