"""Templates over REST."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.api import templates
from policystudio.policies.templates.library import TEMPLATES
from tests.api.test_compare import answer, post

BASE = "/api/v1/templates"


def test_all_of_them_with_their_parameters(api: APIClient) -> None:
    found = api.get(BASE).json()["results"]
    assert [one["id"] for one in found] == list(TEMPLATES)
    scientist = found[0]
    assert {"name": "roles", "required": True}.items() <= next(
        one for one in scientist["parameters"] if one["name"] == "roles"
    ).items()


def test_one_of_them_tells_what_its_documents_may_allow(api: APIClient) -> None:
    found = api.get(f"{BASE}/data-scientist").json()
    assert {(one["action"], one["resource_type"]) for one in found["sagemaker"]} == TEMPLATES["data-scientist"].declared
    assert "iam:PassRole" in found["other_services"]
    assert api.get(f"{BASE}/nothing").status_code == 404


def test_the_example_of_the_documentation_makes_a_role(api: APIClient) -> None:
    found = answer(api, "templates/execution-training/render", templates.EXAMPLE)
    assert "sts:AssumeRole" in found["trust_policy"]
    assert found["parameters"]["buckets"] == ["churn-data"]
    [document] = found["documents"]
    assert document["size"] < 6_144
    assert all(promise["kept"] for promise in found["promises"])


@pytest.mark.parametrize(
    ("body", "place", "status"),
    [
        ([], "", 400),
        ({}, "parameters", 400),
        ({"parameters": []}, "parameters", 400),
        ({"parameters": {"account": 1}}, "parameters.account", 400),
        ({"parameters": {"account": "1"}}, "parameters.account", 400),
        ({"parameters": {"account": "111122223333"}}, "parameters.buckets", 409),
        ({"parameters": {"account": "111122223333", "buckets": "a-bucket"}, "more": 1}, "more", 400),
        ({"parameters": {"account": "111122223333", "buckets": "a-bucket", "colour": "red"}}, "parameters.colour", 404),
    ],
)
def test_what_cannot_be_taken_is_told_with_its_place(api: APIClient, body: Any, place: str, status: int) -> None:
    response = post(api, "templates/execution-training/render", body)
    assert response.status_code == status
    assert place in {error["place"] for error in response.json()["errors"]}
