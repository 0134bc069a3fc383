"""Many requests with one key at the same moment: nobody waits, nothing is counted twice, no more keys than may be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.audit.models import AuditEntry
from policystudio.audit.services import verify
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ServiceClient
from policystudio.clients.services import ClientError, access_keys
from tests.factories import make_account
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def make_client() -> ServiceClient:
    account = make_account("111122223333", "research")
    return services.client_create(by=None, account=account, name="ci", role=Role.VIEWER, now=timezone.now())


def test_a_use_is_noted_once_and_fails_nobody() -> None:
    key, _ = services.access_key_issue(by=None, client=make_client(), now=timezone.now())
    now = timezone.now()

    def use() -> None:
        found = selectors.find_access_key(key.key_id)
        assert found is not None
        services.access_key_used(key=found, now=now)

    assert at_once(*[use] * 8) == [None] * 8
    key.refresh_from_db()
    assert key.last_used_at == now
    assert AuditEntry.objects.filter(action="access_key.used").count() == 1
    assert not verify()


def test_the_form_that_is_sent_twice_issues_one_key() -> None:
    client = make_client()

    def issue() -> object:
        return services.access_key_issue(by=None, client=client, newest="", now=timezone.now())

    outcomes = at_once(*[issue] * 4)
    assert sum(isinstance(one, services.StaleClientError) for one in outcomes) == 3
    assert AccessKey.objects.count() == 1


def test_no_more_keys_live_than_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_keys, "MOST_KEYS", 2)
    client = make_client()

    def issue() -> object:
        return services.access_key_issue(by=None, client=client, now=timezone.now())

    outcomes = at_once(*[issue] * 4)
    assert sum(isinstance(one, ClientError) for one in outcomes) == 2
    assert selectors.living_keys_of(client, now=timezone.now() + timedelta(hours=1)).count() == 2
