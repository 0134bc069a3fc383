"""/metrics: who may read it, what stands there, and that its labels are names of ours alone."""

import re

import pytest
from django.test import Client

from tests import factories

TOKEN = "a-token-of-the-monitoring"


def metrics(**headers: str) -> str:
    response = Client().get("/metrics", headers=headers)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    return response.content.decode()


@pytest.mark.parametrize(
    ("token", "networks", "sent", "address", "status"),
    [
        ("", [], "", "127.0.0.1", 404),
        ("", [], "Bearer ", "127.0.0.1", 404),
        ("", ["10.0.0.0/8"], "", "10.1.2.3", 200),
        ("", ["10.0.0.0/8"], "", "192.0.2.1", 404),
        ("", ["10.0.0.0/8", "2001:db8::/32"], "", "2001:db8::1", 200),
        (TOKEN, [], f"Bearer {TOKEN}", "192.0.2.1", 200),
        (TOKEN, [], f"bearer {TOKEN}", "192.0.2.1", 200),
        (TOKEN, [], "Bearer another", "192.0.2.1", 404),
        (TOKEN, [], f"Basic {TOKEN}", "192.0.2.1", 404),
        (TOKEN, [], TOKEN, "192.0.2.1", 404),
        (TOKEN, [], "", "192.0.2.1", 404),
    ],
)
@pytest.mark.django_db
def test_the_token_or_the_network_opens_it(settings, token, networks, sent, address, status) -> None:
    settings.METRICS_TOKEN, settings.METRICS_NETWORKS = token, networks
    response = Client(REMOTE_ADDR=address).get("/metrics", headers={"Authorization": sent} if sent else {})
    assert response.status_code == status


@pytest.mark.django_db
def test_an_address_that_a_client_made_up_opens_nothing(settings) -> None:
    settings.METRICS_NETWORKS = ["10.0.0.0/8"]
    headers = {"X-Forwarded-For": "10.0.0.1"}
    assert Client(REMOTE_ADDR="192.0.2.1").get("/metrics", headers=headers).status_code == 404
    settings.TRUSTED_PROXIES = 1
    assert Client(REMOTE_ADDR="10.0.0.1").get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 404


@pytest.mark.django_db
def test_requests_are_counted_by_route_never_by_path() -> None:
    client = Client()
    client.force_login(factories.make_sign_in("dana"))
    for number in range(3):
        client.get(f"/accounts/99999999999{number}/")
        client.get(f"/no/such/{number}/secret-path")
        client.generic("SECRETVERB", "/")
    text = metrics()
    assert re.search(r'policystudio_request_seconds_count\{method="GET",route="web:account",status="404"\} [3-9]', text)
    assert 'route="none",status="404"' in text
    assert 'method="other"' in text
    assert not re.search("secret|99999999999", text, re.IGNORECASE)


@pytest.mark.django_db
def test_what_is_refused_and_who_fails_is_counted(settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "sign-in": (1, 60)}
    settings.WEB_WORKERS = 1

    def count(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", metrics(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    failures, refused = "policystudio_sign_in_failures_total", 'policystudio_rate_limited_total{scope="sign-in"}'
    before = count(failures), count(refused)
    for _ in range(3):
        Client().post("/sign-in/", {"username": "secret-name", "password": "secret-password"})
    assert (count(failures), count(refused)) == (before[0] + 1, before[1] + 2)
    assert "secret" not in metrics()


@pytest.mark.django_db
def test_jobs_are_read_from_their_rows() -> None:
    factories.make_account("111122223333", "research")
    text = metrics()
    for state in ("queued", "running", "succeeded", "failed", "cancelled"):
        assert f'policystudio_import_jobs{{state="{state}"}} 0.0' in text
    assert "policystudio_import_oldest_queued_seconds 0.0" in text
    assert 'policystudio_findings_accounts{state="waiting"}' in text
