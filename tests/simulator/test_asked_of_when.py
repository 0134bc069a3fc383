"""Who can, and scenarios, of a date and of a change: they say what they said then, and what they will say."""

import os
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.history import services as history
from policystudio.simulator.question import ListQuery, QuestionError
from policystudio.simulator.scenario_question import scenario_from_query, scenario_to_query
from policystudio.simulator.scenarios import scenario
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.who_can import Answer, forget_answers, who_can
from policystudio.simulator.who_can_answers import rows_as_json
from policystudio.simulator.who_can_question import who_can_question, who_can_to_query
from tests import factories as make
from tests.support.random_changes import ROLES, USERS, account_to_change, drafted, published
from tests.support.stored import allow, document, trust

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("PROPERTY_CHANGES", "12"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
OTHER = "444455556666"
QUESTIONS = (
    ("sagemaker:CreateModel", "*"),
    ("sagemaker:DeleteApp", "*"),
    ("iam:PassRole", ROLES[0]),
    ("sts:AssumeRole", ROLES[0]),
)


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    forget_answers()


@pytest.fixture
def account() -> Account:
    account = account_to_change()
    before = timezone.now() - timedelta(days=2)
    history.record(account=account, at=before)
    history.record_organization(organization=account.unit.organization, at=before)  # type: ignore[union-attr] # it has one
    return account


def ask(account: Account, action: str, resource: str, **moment: Any) -> Answer:
    values = {"action": [action], "resource": [resource], **{name: [str(value)] for name, value in moment.items()}}
    visible = Account.objects.select_related("unit__organization")
    return who_can(account, who_can_question(account, values), visible)


def everything_said(account: Account, **moment: Any) -> dict[str, Any]:
    """All rows of all questions with their evidence, and what is said of one operation."""
    said: dict[str, Any] = {}
    for action, resource in QUESTIONS:
        answer = ask(account, action, resource, **moment)
        said[action] = (answer.cut, answer.notes, rows_as_json(answer, answer.rows))
    for caller in USERS[:2]:
        said[caller] = operation(account, caller, **moment)
    return said


def operation(account: Account, caller: str, **moment: Any) -> Any:
    pairs = [("operation", "CreateTrainingJob"), ("identity", caller)]
    pairs += [(name, str(value)) for name, value in moment.items()]
    try:
        answer = scenario(account, scenario_from_query(ListQuery(pairs)))
    except UnknownIdentity as error:
        return str(error)
    steps = [(step.need.action, step.resource, step.letter, step.note) for step in answer.steps]
    return answer.letter, steps, [(one.bearer.arn, one.letter, one.works) for one in answer.roles]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_change_is_asked_about_as_publishing_it_makes_it_and_the_past_as_it_was(
    account: Account, number: int
) -> None:
    edits = drafted(account, random.Random(SEED + number))
    if not edits:
        return
    before, then = everything_said(account), timezone.now()
    foretold = everything_said(account, change=edits[0].change.number)
    account = published(account, edits)
    assert everything_said(account) == foretold, f"seed {SEED + number}"
    assert everything_said(account, at=then.isoformat()) == before, f"seed {SEED + number}"
    assert everything_said(account, at=timezone.now().isoformat()) == foretold, f"seed {SEED + number}"


def test_an_edit_of_a_change_is_seen_by_the_next_question(account: Account) -> None:
    edit = next(edits[0] for number in range(99) if (edits := drafted(account, random.Random(number))))
    change = edit.change
    first = ask(account, *QUESTIONS[0], change=change.number)
    assert ask(account, *QUESTIONS[0], change=change.number) is first
    change.version += 1
    change.save()
    assert ask(account, *QUESTIONS[0], change=change.number) is not first


def test_other_accounts_are_asked_about_as_they_were_and_left_out_where_nothing_is_known(account: Account) -> None:
    other = make.make_account(OTHER, "other", read_at=timezone.now() - timedelta(days=1))
    eve = make.make_identity(other, "user", "eve")
    make.make_inline_policy(eve, document(allow("sts:AssumeRole")), "own")
    trusts = make.make_document(document(trust({"AWS": eve.arn})), "trust")
    reader = make.make_identity(account, "role", "reader", trust_document=trusts)
    make.make_inline_policy(reader, document(allow("sagemaker:CreateModel")), "own")
    history.record(account=account, at=timezone.now() - timedelta(days=2))
    known = ask(account, *QUESTIONS[0], at=timezone.now().isoformat())
    assert eve.arn in {row.arn for row in known.rows if row.bearer is not None}
    earlier = ask(account, *QUESTIONS[0], at=(timezone.now() - timedelta(hours=36)).isoformat())
    assert any(f"Nothing is known of other ({OTHER}) at" in note for note in earlier.notes)
    assert eve.arn not in {row.arn for row in earlier.rows if row.bearer is not None}


@pytest.mark.parametrize(
    ("moment", "place", "said"),
    [
        ({"at": "2001-02-03"}, "at", "its history begins at"),
        ({"at": "3001-02-03"}, "at", "it is in the future"),
        ({"at": "soon"}, "at", "is no date or time"),
        ({"change": 77}, "change", "has no change 77"),
        ({"change": "x"}, "change", "is not the number of a change"),
        ({"at": "2026-11-01", "change": 77}, "at", "ask of a moment or of a change"),
    ],
)
def test_what_cannot_be_asked_about_is_refused_with_the_place(
    account: Account, moment: dict[str, Any], place: str, said: str
) -> None:
    for asked in (lambda: ask(account, *QUESTIONS[0], **moment), lambda: operation(account, USERS[0], **moment)):
        with pytest.raises(QuestionError) as refused:
            asked()
        assert [(name, said in message) for name, message in refused.value.problems] == [(place, True)]


def test_a_change_of_another_account_is_not_one_of_this(account: Account) -> None:
    edit = next(edits[0] for number in range(99) if (edits := drafted(account, random.Random(number))))
    with pytest.raises(QuestionError, match=f"has no change {edit.change.number}"):
        ask(make.make_account(OTHER, "other"), *QUESTIONS[0], change=edit.change.number)


def test_the_moment_stands_in_the_address_again(account: Account) -> None:
    values = {"action": ["sagemaker:DeleteApp"], "at": ["2026-11-01"]}
    asked = who_can_question(account, values)
    assert asked.at == datetime(2026, 11, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    assert ("at", "2026-11-01") in who_can_to_query(asked)
    pairs = [("operation", "CreateModel"), ("identity", USERS[0]), ("change", "3")]
    assert ("change", "3") in scenario_to_query(scenario_from_query(ListQuery(pairs)))
