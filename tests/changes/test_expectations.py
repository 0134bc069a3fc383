"""Expectations are kept as they are written, checked field by field, and no write of somebody else is lost."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.models import Account
from policystudio.audit.models import AuditEntry
from policystudio.changes import services
from policystudio.changes.models import Expectation
from policystudio.changes.selectors import expectations_of
from tests import factories as make

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
WANTED = services.Wanted(
    demand="never", identity=f"arn:aws:iam::{NUMBER}:user/ana", action="sagemaker:Delete*", resource="*"
)


@pytest.fixture(name="account")
def the_account() -> Account:
    return make.make_account(NUMBER, "research")


def create(account: Account, **fields: Any) -> Expectation:
    return services.expectation_create(account=account, by=None, wanted=replace(WANTED, **fields))


@pytest.mark.parametrize(
    ("fields", "place", "said"),
    [
        ({"demand": "should"}, "demand", "must, never"),
        ({"tag_key": "team"}, "identity", "not both"),
        ({"identity": ""}, "identity", "name one identity"),
        ({"identity": "ana"}, "identity", "is not an ARN"),
        ({"identity": "arn:aws:iam::444455556666:user/ana"}, "identity", f"account {NUMBER}"),
        ({"identity": f"arn:aws:iam::{NUMBER}:user/*"}, "identity", "is none"),
        ({"identity": f"arn:aws:iam::{NUMBER}:policy/x"}, "identity", "is none"),
        ({"identity": "", "tag_key": "k" * 129}, "tag_key", "128"),
        ({"action": "sagemaker:DeleteModle"}, "action", "did you mean `sagemaker:DeleteModel`?"),
        ({"resource": "model/x"}, "resource", ""),
        ({"resource": f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/${{aws:username}}"}, "resource", "variables"),
        ({"context": {"region": ["x"]}}, "context", "no context key"),
        ({"context": {"aws:A": ["x"], "AWS:a": ["y"]}}, "context", "twice"),
        ({"context": {"aws:A": ["\0"]}}, "context", "NUL"),
        ({"reason": "x" * 1001}, "reason", "1,000"),
    ],
)
def test_what_cannot_be_kept_is_told_with_its_field(
    account: Account, fields: dict[str, Any], place: str, said: str
) -> None:
    with pytest.raises(services.ExpectationError) as caught:
        create(account, **fields)
    assert [name for name, _ in caught.value.problems] == [place]
    assert said in str(caught.value)
    assert not expectations_of(account).exists()


def test_every_write_is_on_record(account: Account) -> None:
    made = create(account, context={"aws:RequestedRegion": ["eu-west-1"]})
    services.expectation_update(
        expectation=made, by=None, expected_version=1, wanted=replace(WANTED, demand="must", reason="because")
    )
    services.expectation_update(
        expectation=made, by=None, expected_version=2, wanted=replace(WANTED, demand="must", reason="because")
    )
    services.expectation_remove(expectation=made, by=None, expected_version=2)
    services.expectation_remove(expectation=made, by=None)
    entries = AuditEntry.objects.filter(action__startswith="expectation.").order_by("sequence")
    assert [entry.action for entry in entries] == ["expectation.created", "expectation.changed", "expectation.removed"]
    assert entries[1].details["before"]["demand"] == "never"


def test_a_write_over_another_one_is_refused_with_what_stands_there(account: Account) -> None:
    made = create(account)
    services.expectation_update(expectation=made, by=None, expected_version=1, wanted=replace(WANTED, reason="first"))
    with pytest.raises(services.StaleExpectationError) as caught:
        services.expectation_update(
            expectation=made, by=None, expected_version=1, wanted=replace(WANTED, reason="second")
        )
    assert caught.value.present.reason == "first"
    with pytest.raises(services.StaleExpectationError):
        services.expectation_remove(expectation=made, by=None, expected_version=1)


def test_viewers_write_none(account: Account) -> None:
    person = make.make_sign_in("vic")
    make.make_membership(person, account, "viewer")
    made = create(account)
    with pytest.raises(PermissionDenied):
        services.expectation_create(account=account, by=person, wanted=WANTED)
    with pytest.raises(PermissionDenied):
        services.expectation_update(expectation=made, by=person, expected_version=1, wanted=WANTED)
    with pytest.raises(PermissionDenied):
        services.expectation_remove(expectation=made, by=person)
