"""Findings over REST."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from policystudio.api import validation
from tests.api.test_compare import answer, lines, post


def test_the_example_of_the_documentation_is_answered(api: APIClient) -> None:
    found = answer(api, "validate", validation.EXAMPLE)
    assert [finding["code"] for finding in found["findings"]] == ["INVALID_ACTION"]


def test_a_text_is_looked_at_as_it_stands(api: APIClient) -> None:
    text = json.dumps(validation.EXAMPLE["policy"], indent=2)
    found = answer(api, "validate", {"id": 5, "policy": text})
    start, end = found["findings"][0]["start"], found["findings"][0]["end"]
    assert (found["id"], start["line"]) == (5, 6)
    assert text[start["offset"] : end["offset"]] == '"sagemaker:ListModel"'


@pytest.mark.parametrize("policy", ["", "{", "null", {}, {"Statement": 5}])
def test_what_is_no_policy_has_findings(api: APIClient, policy: Any) -> None:
    assert answer(api, "validate", {"policy": policy})["findings"]


def test_the_type_is_asked_for(api: APIClient) -> None:
    found = answer(api, "validate", {"policy": validation.EXAMPLE["policy"], "type": "trust"})
    assert "MISSING_PRINCIPAL" in {finding["code"] for finding in found["findings"]}


def test_lines_are_answered(api: APIClient) -> None:
    assert [len(one["findings"]) for one in lines(api, "validate", *[validation.EXAMPLE] * 2)] == [1, 1]


@pytest.mark.parametrize(
    "body", [{}, [], {"policy": 1}, {"policy": "{}", "type": "x"}, {"policy": "{}", "kind": "scp"}]
)
def test_what_is_not_understood_is_refused(api: APIClient, body: Any) -> None:
    assert post(api, "validate", body).status_code == 400
