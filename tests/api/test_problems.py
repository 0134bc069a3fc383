"""Every error comes in the same shape."""

import pytest
from django.contrib.auth.models import User as SignIn
from django.db import OperationalError
from rest_framework.test import APIClient

from policystudio.accounts.models import Account


def assert_problem(response, status: int) -> dict:
    """It is a problem of RFC 9457 with all our members; returns it."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert set(problem) == {"type", "title", "status", "detail", "errors", "request_id"}
    assert problem["request_id"] == response["X-Request-ID"]
    assert problem["status"] == status
    assert problem["type"] == "about:blank"
    assert problem["detail"]
    assert all({"in", "place", "message"} <= set(error) for error in problem["errors"])
    return problem


def test_signed_out_is_401_and_says_how_to_sign_in(db) -> None:
    response = APIClient().get("/api/v1/accounts")
    assert_problem(response, 401)
    assert response["WWW-Authenticate"] == "Bearer"


def test_an_unknown_address_is_401_signed_out_and_404_signed_in(api: APIClient) -> None:
    assert_problem(APIClient().get("/api/v1/nothing/here"), 401)
    for method in ("get", "post", "delete"):
        assert_problem(getattr(api, method)("/api/v1/nothing/here"), 404)
        assert_problem(getattr(api, method)("/api/v1/"), 404)


def test_a_method_that_is_not_there_is_405(api: APIClient) -> None:
    response = api.delete("/api/v1/accounts")
    assert_problem(response, 405)
    assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_options_tells_what_an_endpoint_takes_and_head_is_a_get_without_its_body(
    api: APIClient, account: Account
) -> None:
    asked = api.options("/api/v1/evaluate")
    assert (asked.status_code, asked["Allow"], asked.content) == (204, "POST, OPTIONS", b"")
    assert_problem(APIClient().options("/api/v1/evaluate"), 401)
    assert_problem(api.options("/api/v1/accounts/999999999999/users"), 404)
    here = f"/api/v1/accounts/{account.number}"
    read, told = api.get(here), api.head(here)
    assert (told.status_code, told.content) == (200, b"")
    assert told["Content-Type"] == read["Content-Type"]


def test_an_answer_in_another_format_is_406(api: APIClient) -> None:
    assert_problem(api.get("/api/v1/accounts", headers={"accept": "text/csv"}), 406)


def test_an_unknown_query_parameter_is_refused_with_the_one_that_was_meant(api: APIClient) -> None:
    problem = assert_problem(api.get("/api/v1/accounts?serach=x"), 400)
    assert problem["errors"] == [
        {
            "in": "query",
            "place": "serach",
            "message": "unknown query parameter `serach`: did you mean `search`?",
        }
    ]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=x", "limit=1001", "limit=-1", "cursor=x", "cursor=" + "9" * 9000, "order=size", "fields=x"],
)
def test_a_page_out_of_bounds_is_refused(api: APIClient, query: str) -> None:
    problem = assert_problem(api.get(f"/api/v1/accounts?{query}"), 400)
    assert problem["errors"][0]["place"] == query.partition("=")[0]


def test_a_cursor_that_was_never_given_out_is_not_found(api: APIClient) -> None:
    problem = assert_problem(api.get(f"/api/v1/accounts?cursor=abc:1abcde:{'x' * 43}"), 404)
    assert problem["errors"][0]["place"] == "cursor"


def test_a_method_that_is_not_there_is_told_before_anything_else(api: APIClient) -> None:
    for address in ("/api/v1/accounts?limit=x&serach=y", "/api/v1/accounts/0/users?limit=1"):
        response = api.post(address)
        assert_problem(response, 405)
        assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_an_address_with_a_line_break_is_answered_like_any_other(api: APIClient) -> None:
    assert_problem(api.get("/api/v1/accounts/%0A1/policies/x/versions"), 404)


def test_a_nul_character_is_refused(api: APIClient, account: Account) -> None:
    assert_problem(api.get("/api/v1/accounts?search=%00"), 400)
    assert_problem(api.get(f"/api/v1/accounts/{account.number}/users/%00"), 404)


def test_a_session_needs_its_csrf_token(viewer: SignIn) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(viewer)
    problem = assert_problem(client.post("/api/v1/evaluate", {}, format="json"), 403)
    assert "CSRF" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        (b'{"name": "a", "name": "b"}', "name", "twice"),
        (b'{"days": NaN}', "days", "NaN"),
        (b'{"days": 1e400}', "days", "out of bounds"),
        (b'{"name": "\\u0000"}', "name", "NUL"),
        (b"[" * 200_000 + b"]" * 200_000, "", "nested deeper"),
        (b'{"a": ' * 200 + b"1" + b"}" * 200, "a.a.a", "nested deeper"),
        (b'{"name": }', "", "expecting value"),
        ('{"name": "x"}'.encode("utf-16"), "", "not UTF-8"),
        (b"", "name", "required"),
    ],
)
def test_json_that_may_be_taken_differently_is_refused(api: APIClient, body: bytes, place: str, words: str) -> None:
    response = api.post("/api/v1/tokens", body, content_type="application/json")
    error = assert_problem(response, 400)["errors"][0]
    assert error["in"] == "body"
    assert error["place"] == place
    assert words in error["message"]


def test_a_syntax_error_names_line_and_column(api: APIClient) -> None:
    response = api.post("/api/v1/tokens", b'{\n  "name" "x"}', content_type="application/json")
    error = assert_problem(response, 400)["errors"][0]
    assert (error["line"], error["column"]) == (2, 10)


def test_a_body_that_is_no_object_is_refused(api: APIClient) -> None:
    for body in (b"null", b"[]", b'"text"', b"1"):
        assert_problem(api.post("/api/v1/tokens", body, content_type="application/json"), 400)


def test_a_body_of_another_media_type_is_415(api: APIClient) -> None:
    assert_problem(api.post("/api/v1/tokens", b"<a/>", content_type="application/xml"), 415)


def test_a_body_over_the_limit_is_413_before_it_is_read(api: APIClient, settings) -> None:
    settings.BODY_LIMIT = 1000
    response = api.post("/api/v1/evaluate", b" " * 1001, content_type="application/json")
    assert_problem(response, 413)


def test_what_goes_wrong_here_is_500_in_the_same_shape(api: APIClient, monkeypatch) -> None:
    monkeypatch.setattr("policystudio.api.access.selectors.accounts_visible_to", lambda _user: 1 / 0)
    api.raise_request_exception = False
    problem = assert_problem(api.get("/api/v1/accounts"), 500)
    assert "division" not in problem["detail"]


def test_a_database_that_does_not_answer_is_503_with_when_to_come_back(api: APIClient, monkeypatch) -> None:
    def away(_user: object) -> None:
        raise OperationalError("could not connect to server db.internal")

    monkeypatch.setattr("policystudio.api.access.selectors.accounts_visible_to", away)
    api.raise_request_exception = False
    response = api.get("/api/v1/accounts")
    assert "db.internal" not in assert_problem(response, 503)["detail"]
    assert int(response["Retry-After"]) > 0


def test_an_unexpected_error_still_reaches_whoever_watches_for_it(api: APIClient, monkeypatch) -> None:
    monkeypatch.setattr("policystudio.api.access.selectors.accounts_visible_to", lambda _user: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        api.get("/api/v1/accounts")


def test_too_many_requests_are_429_with_the_time_to_wait(api: APIClient, settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "requests": (2 * settings.WEB_WORKERS, 60)}
    for _ in range(2):
        assert api.get("/api/v1/accounts").status_code == 200
    response = api.get("/api/v1/accounts")
    assert_problem(response, 429)
    assert 0 < int(response["Retry-After"]) <= 121


def test_nothing_between_may_keep_an_answer(api: APIClient, account: Account) -> None:
    for address in ("accounts", f"accounts/{account.number}/matrix?limit=1", "nothing"):
        assert api.get(f"/api/v1/{address}")["Cache-Control"] == "no-store, private"


def test_what_is_wrong_with_a_request_as_a_whole_stands_in_a_header(api: APIClient) -> None:
    asked = {
        "Authorization": APIClient().get("/api/v1/accounts"),
        "Accept": api.get("/api/v1/accounts", headers={"accept": "text/csv"}),
        "Content-Type": api.post("/api/v1/tokens", b"<a/>", content_type="application/xml"),
    }
    for header, response in asked.items():
        (fault,) = assert_problem(response, response.status_code)["errors"]
        assert (fault["in"], fault["place"]) == ("header", header)
    (fault,) = api.post("/api/v1/tokens", b'{"name": {"a b": 1}}', content_type="application/json").json()["errors"]
    assert (fault["place"], fault["pointer"]) == ("name", "#/name")
