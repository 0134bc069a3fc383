"""Tokens of REST: a person's own and those of API clients, what is noted of their use."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Role
from policystudio.audit.models import AuditEntry
from policystudio.clients import services
from policystudio.clients.models import ApiToken, ServiceClient
from tests.factories import make_account, make_membership, make_sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def account() -> Account:
    return make_account("111122223333", "research")


@pytest.fixture
def client(account: Account) -> ServiceClient:
    return services.client_create(by=None, account=account, name="nightly", role=Role.VIEWER, now=NOW)


def bearing(secret: str) -> APIClient:
    return APIClient(headers={"authorization": f"Bearer {secret}"})


def test_a_client_asks_over_rest_what_its_role_lets_it(account: Account, client: ServiceClient) -> None:
    make_account()
    token, secret = services.client_token_issue(by=None, client=client, name="ci", scope="write", lifetime=A_DAY)
    assert (token.user, token.account, token.created_by_name) == (client.user, account, "command line")
    asked = bearing(secret).get("/api/v1/accounts").json()
    assert [row["number"] for row in asked["results"]] == [account.number]
    begun = bearing(secret).post(f"/api/v1/accounts/{account.number}/changes", {"title": "x"}, format="json")
    assert begun.status_code == 403


def test_it_is_refused_once_the_client_is_disabled(account: Account, client: ServiceClient) -> None:
    _, secret = services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=A_DAY)
    services.client_disable(by=None, client=client, now=NOW)
    assert bearing(secret).get("/api/v1/accounts").status_code == 401
    with pytest.raises(services.ClientError, match="disabled"):
        services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=A_DAY)
    services.client_enable(by=None, client=client, now=NOW)
    assert bearing(secret).get("/api/v1/accounts").status_code == 200


def test_only_administrators_issue_and_revoke_it(account: Account, client: ServiceClient) -> None:
    vic = make_sign_in("vic")
    make_membership(vic, account, Role.APPROVER)
    token, _ = services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=A_DAY)
    with pytest.raises(PermissionDenied):
        services.client_token_issue(by=vic, client=client, name="ci", scope="read", lifetime=A_DAY)
    with pytest.raises(PermissionDenied):
        services.client_token_revoke(by=vic, client=client, token_key=token.token_key)
    services.client_token_revoke(by=None, client=client, token_key=token.token_key)
    assert not ApiToken.objects.exists()
    entries = AuditEntry.objects.filter(action__startswith="token.").order_by("sequence")
    assert [(entry.action, entry.details["user"]) for entry in entries] == [
        ("token.created", "client:111122223333:nightly"),
        ("token.revoked", "client:111122223333:nightly"),
    ]


def test_the_token_of_another_is_not_there(account: Account, client: ServiceClient) -> None:
    vic = make_sign_in("vic")
    token, _ = services.token_create(user=vic, name="x", scope="read", account=None, lifetime=A_DAY)
    with pytest.raises(ApiToken.DoesNotExist):
        services.client_token_revoke(by=None, client=client, token_key=token.token_key)
    with pytest.raises(ApiToken.DoesNotExist):
        services.token_revoke(user=client.user, token_key=token.token_key)


def test_the_last_use_is_noted_once_a_minute(account: Account, client: ServiceClient) -> None:
    token, secret = services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=A_DAY)
    asked = timezone.now()
    for _ in range(2):
        assert bearing(secret).get("/api/v1/accounts", REMOTE_ADDR="192.0.2.7").status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert asked <= token.last_used_at
    assert token.last_used_address == "192.0.2.7"
    noted = token.last_used_at
    services.token_used(token=token, now=noted + timedelta(seconds=59))
    token.refresh_from_db()
    assert token.last_used_at == noted
    services.token_used(token=token, now=noted + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == noted + timedelta(seconds=60)
    assert AuditEntry.objects.filter(action="token.used", actor="client:111122223333:nightly").exists()


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=366)])
def test_it_ends_within_a_year(client: ServiceClient, lifetime: timedelta) -> None:
    with pytest.raises(services.ClientError):
        services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=lifetime)
