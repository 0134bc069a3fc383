"""Bodies over the limit are refused before they are read."""

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views import View

from policystudio.lib.body_limit import BodyLimitMiddleware


def plain(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class Upload(View):
    body_limit = 5000


def answer(view, length: int | str, path: str = "/somewhere/") -> HttpResponse | None:
    request = RequestFactory().post(path, CONTENT_LENGTH=str(length))
    return BodyLimitMiddleware(plain).process_view(request, view, (), {})


@pytest.fixture(autouse=True)
def _limit(settings) -> None:
    settings.BODY_LIMIT = 1000


def test_a_body_of_exactly_the_limit_passes() -> None:
    assert answer(plain, 1000) is None


def test_one_byte_more_is_413_and_says_how_many_are_read() -> None:
    response = answer(plain, 1001)
    assert response is not None
    assert response.status_code == 413
    assert "1001 bytes, at most 1000" in response.content.decode()


def test_under_api_the_answer_is_a_problem_document() -> None:
    response = answer(plain, 1001, "/api/v1/evaluate")
    assert response is not None
    assert response.headers["Content-Type"] == "application/problem+json"
    assert json.loads(response.content)["status"] == 413


def test_a_view_states_its_own_limit() -> None:
    assert answer(Upload.as_view(), 5000) is None
    response = answer(Upload.as_view(), 5001)
    assert response is not None
    assert response.status_code == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "ten", "١٠"])
def test_a_length_that_is_no_number_is_400(length: str) -> None:
    response = answer(plain, length)
    assert response is not None
    assert response.status_code == 400


@pytest.mark.django_db
def test_it_stands_before_whatever_reads_a_form(client: Client) -> None:
    response = client.post("/sign-in/", data={"username": "x" * 2000})
    assert response.status_code == 413


def test_a_body_in_chunks_is_411_because_it_would_read_as_empty() -> None:
    request = RequestFactory().post("/api/v1/imports", headers={"transfer-encoding": "chunked"})
    response = BodyLimitMiddleware(plain).process_view(request, plain, (), {})
    assert response is not None
    assert response.status_code == 411
    assert json.loads(response.content)["errors"][0]["place"] == "Content-Length"
