"""What an account holds is read once for all questions, and anew as soon as the account has changed."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policystudio.accounts.models import Account
from policystudio.accounts.services import content_changed
from policystudio.simulator.content import Present
from policystudio.simulator.directory import directory
from policystudio.simulator.who_can import Answer, forget_answers, who_can
from policystudio.simulator.who_can_question import who_can_question
from tests.factories import attach, join, make_account, make_identity, make_managed_policy

pytestmark = pytest.mark.django_db
MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/churn"
DENY_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def account() -> Iterator[Account]:
    forget_answers()
    account = make_account("111122223333")
    attach(make_identity(account, "user", "Ana"), make_managed_policy(account, "everything"))
    join(make_identity(account, "user", "ben"), make_identity(account, "group", "staff"))
    yield account
    forget_answers()


def ask(account: Account, action: str = "sagemaker:DeleteModel") -> Answer:
    question = who_can_question(account, {"action": [action], "resource": [MODEL]})
    return who_can(account, question, Account.objects.select_related("unit__organization"))


def letters(answer: Answer) -> dict[str, str]:
    return {row.name: row.verdict.value for row in answer.rows}


def test_another_question_does_not_read_the_identities_again(account: Account) -> None:
    first = ask(account)
    with CaptureQueriesContext(connection) as queries:
        second = ask(account, "sagemaker:DescribeModel")
    assert letters(first) == letters(second) == {"Ana": "A", "ben": "I", "staff": "I", "root": "A"}
    read = [query["sql"].partition(" FROM ")[2] for query in queries.captured_queries]
    assert not [text for text in read if text.startswith(('"identities_identity"', '"identities_policyattachment"'))]


def test_a_change_is_seen_whatever_is_asked_and_by_whom(account: Account) -> None:
    ask(account)
    held_since = Account.objects.get(pk=account.pk)
    attach(make_identity(account, "user", "cyd"), account.managed_policies.get(name="everything"))
    attach(account.identities.get(name="staff"), make_managed_policy(account, "nothing", DENY_ALL))
    content_changed(account)
    expected = {"Ana": "A", "ben": "I", "cyd": "A", "staff": "I", "root": "A"}
    assert letters(ask(held_since)) == letters(ask(account, "sagemaker:DescribeModel")) == expected
    assert ask(held_since).by_arn["arn:aws:iam::111122223333:user/ben"].direct.verdict.value == "I"


def test_an_attachment_that_was_not_needed_before_is_read_when_it_is(account: Account) -> None:
    known = directory(Present(account))
    everything = account.managed_policies.get(name="everything").pk
    other = make_managed_policy(account, "other")
    attach(account.identities.get(name="ben"), other)
    ana, ben = (account.identities.get(name=name).pk for name in ("Ana", "ben"))
    assert known.attached([everything]) == {everything: [ana]}
    assert known.attached([everything, other.pk]) == {everything: [ana], other.pk: [ben]}
    assert directory(Present(account)) is known


def test_only_the_latest_of_an_account_is_kept(account: Account) -> None:
    before = directory(Present(account))
    content_changed(account)
    assert directory(Present(account)) is not before
    assert directory(Present(account)) is directory(Present(Account.objects.get(pk=account.pk)))
    assert [row.name for row in directory(Present(account)).rows] == ["Ana", "ben", "staff", "root"]
