"""Laws: a change applied without writing is what publishing it writes; the past is what was.

The decision diff of a random change says of every cell what the matrices before and after it say.
"""

import os
import random
from datetime import timedelta

import pytest
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.history import services as history
from policystudio.simulator.content import Content, read_content
from policystudio.simulator.content_diff import DecisionDiff
from policystudio.simulator.decision_diff import decision_diff
from policystudio.simulator.drafts import change_decisions
from policystudio.simulator.overlay import with_edits
from policystudio.simulator.past import content_at
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import compiled_matrix, subject_reader
from policystudio.simulator.stacks import bearers
from tests.support.content import canonical
from tests.support.random_changes import account_to_change, drafted, published

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("PROPERTY_CHANGES", "24"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)


@pytest.fixture
def account() -> Account:
    return account_to_change()


def letters(content: Content | Account) -> dict[str, str]:
    """Every row's letters, of all columns."""
    source_account = content if isinstance(content, Account) else content.account
    matrix, lock = compiled_matrix(source_account, Question())
    subjects = subject_reader(content, Question()).subjects(bearers(content, IdentityFilter()))
    with lock:
        prepared = matrix.prepare(subject.row for subject in subjects)
        return {one.bearer.arn: matrix.letters(row) for one, row in zip(subjects, prepared, strict=True)}


def told_by(found: DecisionDiff) -> tuple[int, list[str], list[tuple[str, str, list[tuple[str, str, str, str]]]]]:
    """What an answer claims: of how many identities, what stands in its way, and for whom which cells change."""
    cells = [
        (
            bearer.arn,
            group.standing,
            [(it.change.action, it.change.resource_type, it.before, it.after) for it in group.cells],
        )
        for group in found.groups
        for bearer in group.bearers
    ]
    return found.total, sorted(found.problems), sorted(cells)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_a_change_would_make_of_an_account_is_what_publishing_it_makes(account: Account, number: int) -> None:
    dice = random.Random(SEED + number)
    history.record(account=account, at=timezone.now() - timedelta(days=2))
    history.record_organization(organization=account.unit.organization, at=timezone.now() - timedelta(days=2))  # type: ignore[union-attr] # it has one
    edits = drafted(account, dice)
    if not edits:
        return
    before = read_content(account)
    result = with_edits(before, edits)
    assert not result.problems, f"seed {SEED + number}"
    then, foretold = timezone.now(), told_by(change_decisions(edits[0].change, seconds=None))
    account = published(account, edits)
    assert told_by(change_decisions(Change.objects.get(), seconds=None)) == foretold, f"seed {SEED + number}"
    now = read_content(account)
    assert canonical(now) == canonical(result.content), f"seed {SEED + number}: {[str(edit) for edit in edits]}"
    assert letters(now) == letters(result.content) == letters(account)
    for at, expected in ((then, before), (timezone.now(), now)):
        assert canonical(content_at(account, at)) == canonical(expected), f"seed {SEED + number}"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_decision_diff_tells_every_cell_whose_letter_changes(account: Account, number: int) -> None:
    dice = random.Random(SEED + 1_000 + number)
    edits = drafted(account, dice)
    if not edits:
        return
    before = read_content(account)
    after = with_edits(before, edits).content
    found = decision_diff(account, edits, seconds=None)
    matrix, _ = compiled_matrix(account, Question())
    columns = matrix.space.columns
    sides = letters(before), letters(after)
    told = {
        (bearer.arn, cell.change.action, cell.change.resource_type): (cell.before, cell.after)
        for group in found.groups
        for cell in group.cells
        for bearer in group.bearers
    }
    silent = "I" * len(columns)
    for arn in {**sides[0], **sides[1]}:
        for column, one, other in zip(columns, sides[0].get(arn, silent), sides[1].get(arn, silent), strict=True):
            place = (arn, column.action, column.resource_type)
            if {one, other} <= {"I", "E"} or not column.types_known:
                continue
            if one != other:
                assert told.get(place) == (one, other), f"seed {SEED + 1_000 + number}: {place} {one} {other}"
            elif place in told:
                assert told[place] == (one, other)
