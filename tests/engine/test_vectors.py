"""Small expected results from AWS's own worked examples; statement positions are tested with the parser."""

import json
from pathlib import Path
from typing import Any

import pytest

from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.match import action_matches, resource_matches
from policystudio.engine.request import Context
from tests.engine.documents import conditions

VECTORS = json.loads(Path(__file__).with_name("vectors.json").read_text())


def of_kind(kind: str) -> list[Any]:
    found = [
        pytest.param(vector, id=vector.get("id") or f"{vector['pattern']} {vector.get('arn') or vector.get('action')}")
        for vector in VECTORS
        if vector["kind"] == kind
    ]
    assert found
    return found


def test_every_vector_is_of_a_kind_that_is_tested() -> None:
    assert {vector["kind"] for vector in VECTORS} == {"condition", "resource", "action", "position"}


@pytest.mark.parametrize("vector", of_kind("condition"))
def test_conditions(vector: dict[str, Any]) -> None:
    context, keys = Context(vector["context"]), load_condition_keys()
    held = [condition_holds(condition, context, keys, True) for condition in conditions(vector["condition"])]
    assert all(held) is vector["expect"]


@pytest.mark.parametrize("vector", of_kind("resource"))
def test_resources(vector: dict[str, Any]) -> None:
    context = Context(vector["context"])
    assert resource_matches(vector["pattern"], vector["arn"], context, variables_enabled=True) is vector["expect"]


@pytest.mark.parametrize("vector", of_kind("action"))
def test_actions(vector: dict[str, Any]) -> None:
    assert action_matches(vector["pattern"], vector["action"]) is vector["expect"]
