"""Many writers at once lose none of their edits, and only one of two deciders decides."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.changes import services
from policystudio.changes.models import Change, Edit
from policystudio.policies.models import PolicyVersion
from tests import factories
from tests.support.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, EACH = 20, 5


def make_account() -> Account:
    return factories.make_account("111122223333", "research")


def test_nothing_of_twenty_writers_of_one_text_is_lost() -> None:
    """Each adds lines of its own to what it sees, and looks again when somebody else was faster."""
    account = make_account()
    policy = factories.make_managed_policy(account, "look")
    edit = services.change_begin(
        account=account, by=None, title="Look", kind="managed-policy", target=policy.arn, text=""
    )

    stale: list[bool] = []

    def writer(number: int) -> Any:
        def write() -> int:
            tries = 0
            for line in range(EACH):
                while True:
                    tries += 1
                    seen = Edit.objects.get(pk=edit.pk)
                    text = f"{seen.text}{number}.{line}\n"
                    try:
                        services.edit_save(edit=seen, by=None, expected_version=seen.version, text=text)
                    except services.StaleError as error:
                        stale.append(error.version > seen.version)
                        continue
                    break
            return tries

        return write

    tries = at_once(*(writer(number) for number in range(WRITERS)))
    assert all(isinstance(one, int) for one in tries), tries
    assert all(stale)
    edit.refresh_from_db()
    written = edit.text.splitlines()
    assert sorted(written) == sorted(f"{number}.{line}" for number in range(WRITERS) for line in range(EACH))
    assert edit.version == 1 + WRITERS * EACH
    assert Change.objects.get().version == 2 + WRITERS * EACH


def test_twenty_writers_of_one_change_each_add_their_edit() -> None:
    account = make_account()
    change = services.change_create(account=account, by=None, title="Look")
    arns = [factories.make_identity(account, "user").arn for _ in range(WRITERS)]

    def put(arn: str) -> Any:
        values = {"kind": "tags", "target": arn, "data": {"tags": {"a": "b"}}}
        return lambda: services.edit_put(change=change, by=None, expected_version=None, **values)

    results = at_once(*map(put, arns))
    assert all(isinstance(one, Edit) for one in results), results
    assert {edit.target for edit in change.edits.all()} == set(arns)
    assert sorted(change.edits.values_list("position", flat=True)) == list(range(1, WRITERS + 1))


def test_drafts_begun_at_once_have_numbers_of_their_own() -> None:
    account = make_account()
    begin = [lambda: services.change_create(account=account, by=None, title="Look") for _ in range(10)]
    results = at_once(*begin)
    assert sorted(one.number for one in results) == list(range(1, 11)), results


def test_one_of_ten_publishes() -> None:
    account = make_account()
    policy = factories.make_managed_policy(account, "look")
    text = factories.as_text({"Version": "2012-10-17", "Statement": []}).replace(
        "[]", '[{"Effect": "Deny", "Action": "*", "Resource": "*"}]'
    )
    edit = services.change_begin(
        account=account, by=None, title="Look", kind="managed-policy", target=policy.arn, text=text
    )
    services.change_propose(change=edit.change, by=None)
    change = services.change_approve(change=edit.change, by=None)
    results = at_once(*[lambda: services.change_publish(change=change, by=None) for _ in range(10)])
    refused = [one for one in results if isinstance(one, services.ChangeStateError)]
    assert len(refused) == 9, results
    assert sorted(PolicyVersion.objects.values_list("version_id", flat=True)) == ["v1", "v2"]


def test_an_edit_and_an_approval_at_once_never_approve_what_nobody_saw() -> None:
    account = make_account()
    policy = factories.make_managed_policy(account, "look")
    edit = services.change_begin(
        account=account,
        by=None,
        title="Look",
        kind="managed-policy",
        target=policy.arn,
        text=factories.as_text(factories.ALLOW_ALL).replace('"*"', '"s3:*"', 1),
    )
    change = services.change_propose(change=edit.change, by=None)
    results = at_once(
        lambda: services.change_approve(change=change, by=None, expected_version=change.version),
        lambda: services.edit_save(edit=edit, by=None, expected_version=1, text=f"{edit.text} "),
    )
    approved, saved = results
    assert isinstance(saved, Edit), results
    assert isinstance(approved, Change | services.StaleError), results
    change.refresh_from_db()
    assert (change.state, change.approved_digest) == ("draft", "")
