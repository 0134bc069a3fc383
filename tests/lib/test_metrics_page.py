"""/metrics: who may read it, what stands there, and that its labels are names of ours alone."""

import re
import uuid

import pytest
from django.test import Client

from policystudio.simulator.content import kept, read_content
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
    # Sums of seconds may end in many nines; no label and no help says so.
    assert not re.search('secret|="[^"]*99999999999', text, re.IGNORECASE)


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


def number(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.mark.django_db
def test_analyses_are_counted_by_kind_and_by_what_came_of_them(settings) -> None:
    client = Client()
    client.force_login(factories.make_sign_in("dana"))
    policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}'

    def asked(outcome: str) -> float:
        return number(metrics(), f'policystudio_analysis_seconds_count{{kind="compare",outcome="{outcome}"}}')

    def lists() -> list[str]:
        return re.findall(r'^policystudio_analysis_seconds_count{kind="accounts".*', metrics(), re.MULTILINE)

    outcomes = ("answered", "given up", "refused")
    listed = lists()
    before = [asked(outcome) for outcome in outcomes]
    for seconds in (600, 0):
        settings.ANALYSIS_SECONDS = seconds
        other = policy.replace("Get", f"Get{seconds}")
        body = f'{{"before": {policy}, "after": {other}}}'
        client.post("/api/v1/compare", body, content_type="application/json")
    client.get("/accounts/")
    assert [asked(outcome) for outcome in outcomes] == [before[0] + 1, before[1] + 1, before[2]]
    assert lists() == listed, "an answer that took no analysis is none"


@pytest.mark.django_db
def test_look_ups_in_caches_are_counted() -> None:
    content = read_content(factories.make_account("111122223333", "research"))
    key = ("a test", str(uuid.uuid4()))
    for found in ("no", "yes"):
        name = f'policystudio_cache_lookups_total{{cache="content",found="{found}"}}'
        before = number(metrics(), name)
        assert kept.get(key, lambda: content) is content
        assert number(metrics(), name) == before + 1


@pytest.mark.django_db
def test_messages_to_webhooks_are_read_from_their_rows() -> None:
    text = metrics()
    for state in ("queued", "succeeded", "failed"):
        assert f'policystudio_webhook_deliveries{{state="{state}"}} 0.0' in text
    assert "policystudio_webhook_oldest_waiting_seconds 0.0" in text
