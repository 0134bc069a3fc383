"""Imports at the same moment: of one account by two people, of several accounts that share documents."""

import pytest

from policystudio.accounts.models import Account, Membership
from policystudio.audit.services import verify
from policystudio.awssync.services import ImportRefusedError
from policystudio.identities.models import Identity
from policystudio.policies.models import Document
from tests.factories import make_sign_in
from tests.support.at_once import at_once
from tests.support.exports import NUMBER, OTHER, changed, export, policy, role, run, user

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_account_belongs_to_the_one_who_was_first() -> None:
    people = [make_sign_in(), make_sign_in()]
    results = at_once(*(lambda person=person: run(export(user()), by=person) for person in people))
    assert sum(isinstance(result, ImportRefusedError) for result in results) == 1
    assert Membership.objects.count() == Account.objects.count() == Identity.objects.count() == 1


def test_imports_of_the_same_file_write_it_once() -> None:
    content = export(*(user(f"u{number}") for number in range(50)), role(), policy())
    results = at_once(*[lambda: run(content)] * 4)
    assert sorted(bool(changed(result)) for result in results) == [False, False, False, True]
    assert Identity.objects.count() == 51
    assert verify() == []


def test_imports_of_different_accounts_share_documents() -> None:
    contents = [export(role(number=number), policy(number=number)) for number in (NUMBER, OTHER)]
    empty = [export(user(number=number)) for number in (NUMBER, OTHER)]
    for _ in range(5):
        results = at_once(*(lambda content=content: run(content) for content in (*contents, *empty)))
        assert not [result for result in results if isinstance(result, Exception)]
    for content in contents:
        run(content)
    assert Document.objects.count() == 2
