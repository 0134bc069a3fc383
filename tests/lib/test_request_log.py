"""One line a request, with an id, and without what is nobody's business in a log."""

import pytest
import structlog
from django.test import Client
from structlog.testing import capture_logs

pytestmark = pytest.mark.django_db


def test_the_answer_and_the_log_line_carry_the_id_of_the_proxy(client: Client) -> None:
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        response = client.get("/admin/login/?policy=secret", headers={"X-Request-ID": "0123456789abcdef"})
    assert response.headers["X-Request-ID"] == "0123456789abcdef"
    (line,) = [one for one in lines if one["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/admin/login/", 200)
    assert line["request_id"] == "0123456789abcdef"
    assert "secret" not in str(line)


@pytest.mark.parametrize("given", ["short", "x" * 65, 'quote"newline', "<script>alert</script>"])
def test_an_id_that_is_not_well_formed_is_replaced(client: Client, given: str) -> None:
    response = client.get("/admin/login/", headers={"X-Request-ID": given})
    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


def test_health_checks_are_not_logged(client: Client) -> None:
    with capture_logs() as lines:
        client.get("/healthz")
    assert not [one for one in lines if one["event"] == "request"]
