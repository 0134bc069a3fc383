"""The OpenAPI document and the page that shows it."""

import re
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from rest_framework.test import APIClient

from policystudio.api import evaluate, simulate, urls
from policystudio.simulator import evaluation_input

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def schema(api: APIClient) -> dict[str, Any]:
    response = api.get("/api/schema/?format=json")
    assert response.status_code == 200
    return response.json()


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_it_is_openapi_3_1_without_a_warning(recwarn, capsys: pytest.CaptureFixture[str]) -> None:
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json")
    assert '"openapi": "3.1.0"' in capsys.readouterr().out


def test_every_endpoint_is_in_it_once(schema: dict[str, Any]) -> None:
    described = {re.sub(r"{(\w+)}", "<>", path.removeprefix("/api/v1/")) for path in schema["paths"]}
    assert described == {re.sub(r"<\w+:\w+>", "<>", route) for route, _, _ in urls.ENDPOINTS}


def test_every_operation_is_described(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        assert operation.get("summary"), (path, method)
        assert operation["tags"] != ["api"], (path, method)
        for parameter in operation.get("parameters", []):
            described = parameter.get("description") or parameter["schema"].get("enum")
            assert described or parameter["name"] == "state", (path, parameter["name"])


def test_every_operation_tells_its_problems_in_the_same_shape(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        for code in ("400", "401", "403", "404", "429"):
            content = operation["responses"][code]["content"]
            assert content["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), (path, method, code)


def test_what_takes_a_body_has_an_example(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None and path != "/api/v1/imports":
            assert body.get("examples"), (path, method)


def test_a_new_token_wants_a_person(schema: dict[str, Any]) -> None:
    assert schema["paths"]["/api/v1/tokens"]["post"]["security"] == [{"password": []}, {"session": []}]
    assert schema["paths"]["/api/v1/tokens"]["get"]["security"] == [{"token": []}, {"session": []}]


def test_the_document_and_the_page_are_for_those_who_are_signed_in(db, client) -> None:
    assert client.get("/api/schema/").status_code == 401
    assert client.get("/api/docs/").status_code == 302


def test_the_page_needs_nothing_from_elsewhere_and_nothing_inline(api: APIClient) -> None:
    response = api.get("/api/docs/")
    assert response.status_code == 200
    page = response.content.decode()
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)[^>]*>|\son\w+=", page)
    sources = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert all(source.startswith("/") for source in sources)
    static = [source.removeprefix("/static/") for source in sources if source.startswith("/static/")]
    assert any(name.endswith("swagger-ui-bundle.js") for name in static)
    assert all(finders.find(name) for name in static)


def test_the_bodies_are_described_as_they_are_decoded() -> None:
    assert set(evaluate.EvaluationSerializer().fields) == set(evaluation_input.INPUTS)
    assert set(evaluate.EvaluatedSerializer().fields) == set(evaluation_input.REQUEST_INPUTS)
    assert set(simulate.SimulationSerializer().fields) == set(simulate.INPUTS)
