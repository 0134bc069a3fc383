"""Publishing records what was and what is since then: exactly what a look at all rows would find."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.history import services as history
from policystudio.history.models import StateRecord
from policystudio.history.selectors import states_at, states_now
from tests import factories
from tests.changes.conftest import Lab, allow
from tests.changes.steps import published

TRUST = factories.as_text(factories.TRUST_SAGEMAKER)


@pytest.fixture
def read(lab: Lab) -> Account:
    """The account, read from AWS a day ago."""
    lab.account.read_at = timezone.now() - timedelta(days=1)
    lab.account.save()
    return lab.account


def nothing_is_missing(account: Account) -> None:
    """A look at everything finds nothing that publishing did not record."""
    before = set(StateRecord.objects.values_list("pk", "until"))
    history.record(account=account, at=timezone.now() + timedelta(seconds=1))
    assert set(StateRecord.objects.values_list("pk", "until")) == before


def edits(lab: Lab) -> list[list[dict[str, Any]]]:
    user, new = lab.arn("user/bo"), lab.arn("policy/new")
    return [
        [
            {"kind": "managed-policy", "target": lab.look.arn, "text": allow("a:*")},
            {"kind": "managed-policy", "target": new, "text": allow("b:*")},
            {"kind": "identity", "target": user},
            {"kind": "attach", "target": user, "other": new},
            {"kind": "join-group", "target": user, "other": lab.scientists.arn},
            {"kind": "trust-policy", "target": lab.trainer.arn, "text": TRUST.replace("sagemaker.", "glue.")},
            {"kind": "tags", "target": lab.look.arn, "data": {"tags": {"a": "b"}}},
        ],
        [
            {"kind": "identity-delete", "target": lab.scientists.arn},
            {"kind": "inline-policy", "target": lab.ana.arn, "name": "x", "text": allow("c:*")},
            {"kind": "boundary", "target": user, "other": lab.look.arn},
        ],
        [{"kind": "detach", "target": user, "other": new}, {"kind": "managed-policy-delete", "target": new}],
    ]


def test_publishing_records_exactly_what_it_changes(lab: Lab, read: Account) -> None:
    for batch in edits(lab):
        published(lab, *batch)
        nothing_is_missing(read)


def test_what_was_can_be_told_afterwards(lab: Lab, read: Account) -> None:
    before = states_now(read)
    change = published(lab, *edits(lab)[0])
    assert change.published_at is not None
    known = states_at(read, change.published_at - timedelta(microseconds=1))
    assert known is not None
    assert known.states == before
    now = states_at(read, change.published_at)
    assert now is not None
    assert now.states == states_now(read)
    assert before != now.states


def test_what_organizations_were_can_be_told_too(lab: Lab, read: Account) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    read.unit = root
    read.save()
    other = factories.make_account(unit=root, read_at=read.read_at)
    for person, role in ((lab.author, Role.AUTHOR), (lab.approver, Role.APPROVER)):
        factories.make_membership(person, other, role)
    scp = factories.make_organization_policy(organization, targets=(root,))
    data = {"kind": "scp"}
    published(lab, {"kind": "organization-policy", "target": scp.policy_id, "text": allow("a:*"), "data": data})
    record = StateRecord.objects.filter(organization=organization, until=None)
    assert record.exists()
    before = set(StateRecord.objects.values_list("pk", "until"))
    history.record_organization(organization=organization, at=timezone.now() + timedelta(seconds=1))
    assert set(StateRecord.objects.values_list("pk", "until")) == before
