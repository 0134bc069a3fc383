"""What an account and its organization were at a moment: recorded by imports, read by the time, kept with its texts."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.awssync.services import account_import, organization_import
from policystudio.history import services
from policystudio.history.models import StateRecord
from policystudio.history.selectors import known_since, organization_states_now, states_at, states_now
from policystudio.identities.models import Identity
from policystudio.policies.models import Document
from tests import factories as make
from tests.support import exports

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
DAYS = [datetime(2026, 11, day, 12, tzinfo=UTC) for day in range(1, 8)]


def imported(at: datetime, *parts: Any) -> Account:
    file = io.BytesIO(json.dumps(exports.export(*parts)).encode())
    account_import(file=file, by=None, now=at)
    return Account.objects.get(number=NUMBER)


def test_an_import_records_what_it_read(db: None) -> None:
    account = imported(DAYS[0], exports.user())
    assert known_since(account) == DAYS[0]
    found = states_at(account, DAYS[1])
    assert found is not None
    assert found.states == states_now(account)
    assert states_at(account, DAYS[0] - timedelta(seconds=1)) is None


def test_what_was_is_read_by_the_time(db: None) -> None:
    account = imported(DAYS[0], exports.user())
    before = states_now(account)
    (user,) = Identity.objects.all()
    user.tags = {"team": "ml"}
    user.save()
    services.record(account=account, at=DAYS[2], touched=[user.arn])
    after = states_now(account)
    assert before != after
    told = [states_at(account, at) for at in (DAYS[0], DAYS[1], DAYS[2] - timedelta(microseconds=1), DAYS[2], DAYS[3])]
    assert [one and one.states for one in told] == [before, before, before, after, after]


def test_an_import_that_changes_nothing_records_nothing(db: None) -> None:
    imported(DAYS[0], exports.user())
    before = list(StateRecord.objects.values_list("pk", "until"))
    imported(DAYS[1], exports.user())
    assert list(StateRecord.objects.values_list("pk", "until")) == before


def test_two_writes_at_one_moment_leave_the_second(db: None) -> None:
    account = imported(DAYS[0], exports.user())
    Identity.objects.update(tags={"team": "ml"})
    services.record(account=account, at=DAYS[0])
    assert StateRecord.objects.filter(kind="identity").count() == 1
    found = states_at(account, DAYS[0])
    assert found is not None
    assert found.states == states_now(account)


def test_what_is_gone_is_gone_from_then_on(db: None) -> None:
    account = imported(DAYS[0], exports.user("ana"), exports.user("ben"))
    imported(DAYS[1], exports.user("ana"))
    for at, names in ((DAYS[0], {"ana", "ben"}), (DAYS[1], {"ana"})):
        found = states_at(account, at)
        assert found is not None
        assert {state["name"] for state in found.of("identity").values()} == names


def test_a_document_of_the_past_is_kept(db: None) -> None:
    account = imported(DAYS[0], exports.user("ana"))
    ana = account.identities.get()
    make.make_inline_policy(ana, name="old")
    services.record(account=account, at=DAYS[1])
    digest = ana.inline_policies.get(name="old").document_id
    imported(DAYS[2], exports.user("ana"))
    assert not ana.inline_policies.filter(name="old").exists()
    assert Document.objects.filter(pk=digest).exists()


def test_an_account_that_was_there_before_is_recorded_before_it_changes(db: None) -> None:
    account = imported(DAYS[0], exports.user("ana"))
    StateRecord.objects.all().delete()
    before = states_now(account)
    imported(DAYS[3], exports.user("ben"))
    assert known_since(account) == DAYS[0]
    found = states_at(account, DAYS[2])
    assert found is not None
    assert found.states == before


def test_an_organization_is_recorded_with_where_its_accounts_stand(db: None) -> None:
    from policystudio.awssync.services.demo import FOLDER

    file = io.BytesIO((FOLDER / "organization.json").read_bytes())
    organization_import(file=file, now=DAYS[0])
    account = Account.objects.select_related("unit__organization").get(number=NUMBER)
    organization = account.organization
    assert organization is not None
    before = organization_states_now(organization)
    organization.policies.filter(kind="scp").order_by("name")[0].targets.all().delete()
    services.record_organization(organization=organization, at=DAYS[2])
    for at, states in ((DAYS[1], before), (DAYS[2], organization_states_now(organization))):
        found = states_at(organization, at)
        assert found is not None
        assert found.states == states
    place = states_at(account, DAYS[1])
    assert place is not None
    assert place.of("account")[NUMBER]["unit"] == account.unit.unit_id  # type: ignore[union-attr] # it stands in one
