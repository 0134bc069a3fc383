"""API clients and their access keys: who may make them, what they may do, what is kept of a secret."""

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from policystudio.accounts.models import Account, Membership, Role
from policystudio.accounts.selectors import accounts_visible_to, members_of, role_of
from policystudio.accounts.services import MembershipError, membership_grant
from policystudio.audit.models import AuditEntry
from policystudio.audit.services import verify
from policystudio.clients import selectors, services
from policystudio.clients.models import AccessKey, ApiToken, ServiceClient
from policystudio.clients.services import access_keys
from tests.factories import make_account, make_membership, make_sign_in

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def account() -> Account:
    return make_account("111122223333", "research")


@pytest.fixture
def client(account: Account) -> ServiceClient:
    return services.client_create(by=None, account=account, name="nightly", role=Role.VIEWER, now=NOW)


def test_nobody_stays_behind_who_could_sign_in_where_an_account_is_deleted(
    account: Account, client: ServiceClient
) -> None:
    person = make_sign_in("dana")
    make_membership(person, account)
    services.client_token_issue(by=None, client=client, name="ci", scope="read", lifetime=timedelta(days=1))
    account.delete()
    assert list(get_user_model().objects.all()) == [person]
    assert not ApiToken.objects.exists()


def test_a_client_is_a_member_of_its_account_and_of_no_other(account: Account, client: ServiceClient) -> None:
    make_account()
    assert client.user.get_username() == "client:111122223333:nightly"
    assert (client.role, role_of(client.user, account)) == (Role.VIEWER, Role.VIEWER)
    assert list(accounts_visible_to(client.user)) == [account]


def test_it_has_no_password(client: ServiceClient) -> None:
    assert not client.user.has_usable_password()
    assert not client.user.check_password("")
    assert not client.user.is_staff


def test_everything_that_is_done_stands_in_the_record(account: Account) -> None:
    ada = make_sign_in("ada")
    make_membership(ada, account, Role.ADMINISTRATOR)
    made = services.client_create(by=ada, account=account, name="ci", role=Role.VIEWER, now=NOW)
    services.client_change(by=ada, client=made, role=Role.AUTHOR, description="the pipeline", now=NOW)
    key, _ = services.access_key_issue(by=ada, client=made, now=NOW)
    for _ in range(2):
        services.access_key_revoke(by=ada, key=key, now=NOW)
        services.client_disable(by=ada, client=made, now=NOW)
    for _ in range(2):
        services.client_enable(by=ada, client=made, now=NOW)
    entries = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.action for entry in entries] == [
        "membership.granted",
        "client.created",
        "client.described",
        "membership.granted",
        "access_key.issued",
        "access_key.revoked",
        "client.disabled",
        "client.enabled",
    ]
    assert {(entry.actor, entry.account) for entry in entries} == {("ada", account.number)}
    assert not verify()


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.AUTHOR, Role.APPROVER])
def test_only_administrators_of_the_account_do_any_of_it(client: ServiceClient, role: Role | None) -> None:
    person = make_sign_in()
    make_membership(person, make_account(), Role.ADMINISTRATOR)
    if role:
        make_membership(person, client.account, role)
    key, _ = services.access_key_issue(by=None, client=client, now=NOW)
    before = AuditEntry.objects.count()
    for attempt in (
        lambda: services.client_create(by=person, account=client.account, name="x", role=Role.VIEWER, now=NOW),
        lambda: services.client_change(by=person, client=client, role=Role.ADMINISTRATOR, now=NOW),
        lambda: services.client_disable(by=person, client=client, now=NOW),
        lambda: services.client_enable(by=person, client=client, now=NOW),
        lambda: services.access_key_issue(by=person, client=client, now=NOW),
        lambda: services.access_key_revoke(by=person, key=key, now=NOW),
        lambda: selectors.clients_of(client.account, by=person),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ä", "x" * 65, "a\n", "a/b"])
def test_a_name_that_cannot_be_one_is_refused(account: Account, name: str) -> None:
    with pytest.raises(services.ClientError) as refusal:
        services.client_create(by=None, account=account, name=name, role=Role.VIEWER, now=NOW)
    assert refusal.value.place == "name"
    assert not ServiceClient.objects.exists()


def test_a_name_is_of_one_client_of_an_account(client: ServiceClient) -> None:
    other = make_account()
    services.client_create(by=None, account=other, name="nightly", role=Role.VIEWER, now=NOW)
    with pytest.raises(services.ClientError, match="already"):
        services.client_create(by=None, account=client.account, name="nightly", role=Role.VIEWER, now=NOW)


def test_a_key_looks_like_one_of_aws_and_each_is_another(client: ServiceClient) -> None:
    made = [services.access_key_issue(by=None, client=client, now=NOW) for _ in range(3)]
    for key, secret in made:
        assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key.key_id)
        assert re.fullmatch(r"[A-Za-z0-9+/]{40}", secret)
    assert len({key.key_id for key, _ in made}) == len({secret for _, secret in made}) == 3


def test_the_secret_is_found_again_and_is_nowhere_in_the_database(client: ServiceClient) -> None:
    key, secret = services.access_key_issue(by=None, client=client, now=NOW)
    stored = selectors.find_access_key(key.key_id)
    assert stored is not None
    assert selectors.secret_of(stored) == secret
    dump = io.StringIO()
    call_command("dumpdata", stdout=dump)
    assert key.key_id in dump.getvalue()
    assert secret not in dump.getvalue()


def test_a_key_outlives_the_change_of_secret_key_as_long_as_the_former_is_known(
    client: ServiceClient, settings
) -> None:
    key, secret = services.access_key_issue(by=None, client=client, now=NOW)
    former = settings.SECRET_KEY
    settings.SECRET_KEY = get_random_string(50)
    assert selectors.secret_of(key) is None
    settings.SECRET_KEY_FALLBACKS = [get_random_string(50), former]
    assert selectors.secret_of(key) == secret
    newer, _ = services.access_key_issue(by=None, client=client, now=NOW)
    settings.SECRET_KEY_FALLBACKS = []
    assert selectors.secret_of(newer) is not None


def test_what_lets_a_key_in(client: ServiceClient) -> None:
    key, _ = services.access_key_issue(by=None, client=client, now=NOW, expires_at=NOW + timedelta(days=1))
    assert selectors.lets_in(key, now=NOW)
    assert not selectors.lets_in(key, now=NOW + timedelta(days=1))
    services.client_disable(by=None, client=client, now=NOW)
    found = selectors.find_access_key(key.key_id)
    assert found is not None
    assert not selectors.lets_in(found, now=NOW)
    services.client_enable(by=None, client=client, now=NOW)
    services.access_key_revoke(by=None, key=key, now=NOW)
    found = selectors.find_access_key(key.key_id)
    assert found is not None
    assert not selectors.lets_in(found, now=NOW)


def test_a_disabled_client_sees_nothing_and_gets_no_key(client: ServiceClient) -> None:
    services.client_disable(by=None, client=client, now=NOW)
    client.user.refresh_from_db()
    assert not accounts_visible_to(client.user)
    with pytest.raises(services.ClientError, match="disabled"):
        services.access_key_issue(by=None, client=client, now=NOW)


@pytest.mark.parametrize("ends", [timedelta(0), timedelta(seconds=-1), timedelta(days=366)])
def test_a_key_ends_within_a_year(client: ServiceClient, ends: timedelta) -> None:
    with pytest.raises(services.ClientError) as refusal:
        services.access_key_issue(by=None, client=client, now=NOW, expires_at=NOW + ends)
    assert refusal.value.place == "days"


def test_only_so_many_keys_live(client: ServiceClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_keys, "MOST_KEYS", 2)
    first, _ = services.access_key_issue(by=None, client=client, now=NOW)
    services.access_key_issue(by=None, client=client, now=NOW)
    with pytest.raises(services.ClientError, match="revoke one"):
        services.access_key_issue(by=None, client=client, now=NOW)
    services.access_key_revoke(by=None, key=first, now=NOW)
    services.access_key_issue(by=None, client=client, now=NOW)


def test_the_last_use_is_noted_once_a_minute_and_recorded_once_an_hour(client: ServiceClient) -> None:
    key, _ = services.access_key_issue(by=None, client=client, now=NOW)
    for seconds in (0, 30, 59, 60, 3600):
        key = AccessKey.objects.select_related("client__account", "client__user").get(pk=key.pk)
        services.access_key_used(key=key, now=NOW + timedelta(seconds=seconds))
        key.refresh_from_db()
        assert key.last_used_at == NOW + timedelta(seconds=seconds // 60 * 60)
    used = AuditEntry.objects.filter(action="access_key.used")
    assert [entry.actor for entry in used] == ["client:111122223333:nightly"] * 2


def test_two_requests_at_once_note_a_use_once(client: ServiceClient) -> None:
    key, _ = services.access_key_issue(by=None, client=client, now=NOW)
    same = AccessKey.objects.get(pk=key.pk)
    services.access_key_used(key=key, now=NOW)
    services.access_key_used(key=same, now=NOW)
    assert AuditEntry.objects.filter(action="access_key.used").count() == 1


def test_the_database_refuses_what_cannot_be(client: ServiceClient) -> None:
    key, _ = services.access_key_issue(by=None, client=client, now=NOW)
    for values in (
        {"key_id": "AKIA1"},
        {"salt": "short"},
        {"digest": "short"},
        {"expires_at": NOW - timedelta(days=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessKey.objects.filter(pk=key.pk).update(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        ServiceClient.objects.filter(pk=client.pk).update(name="a b")


def test_a_role_that_was_taken_away_elsewhere_is_told(client: ServiceClient) -> None:
    Membership.objects.filter(user=client.user).delete()
    assert ServiceClient.objects.get(pk=client.pk).role is None
    services.client_change(by=None, client=client, role=Role.AUTHOR, now=NOW)
    assert ServiceClient.objects.get(pk=client.pk).role == Role.AUTHOR


def test_in_another_account_it_is_nobody(client: ServiceClient) -> None:
    other, dana = make_account(), make_sign_in("dana")
    make_membership(dana, other, Role.ADMINISTRATOR)
    with pytest.raises(MembershipError, match="nobody signs in as"):
        membership_grant(by=dana, user=client.user, account=other, role=Role.VIEWER)
    assert list(accounts_visible_to(client.user)) == [client.account]


def test_it_is_no_person_that_looks_after_an_account(account: Account, client: ServiceClient) -> None:
    dana = make_sign_in("dana")
    make_membership(dana, account, Role.ADMINISTRATOR)
    services.client_change(by=dana, client=client, role=Role.ADMINISTRATOR, now=NOW)
    assert [member.user for member in members_of(account)] == [dana]
    with pytest.raises(MembershipError, match="last administrator"):
        membership_grant(by=dana, user=dana, account=account, role=Role.VIEWER)
    services.client_change(by=dana, client=client, role=Role.VIEWER, now=NOW)
