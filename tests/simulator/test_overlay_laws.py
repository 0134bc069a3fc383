"""Laws: a change applied without writing is what publishing it writes; the past is what was.

The decision diff of a random change says of every cell what the matrices before and after it say.
"""

import json
import os
import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import change_approve, change_begin, change_propose, change_publish
from policystudio.changes.services.checks import EditError
from policystudio.changes.services.planning import plan
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
from tests import factories as make
from tests.support.content import canonical

pytestmark = pytest.mark.django_db
ROUNDS = int(os.environ.get("PROPERTY_CHANGES", "24"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
NUMBER = "111122223333"
HEAD = f"arn:aws:iam::{NUMBER}:"
USERS = [f"{HEAD}user/{name}" for name in ("ana", "people/ben", "cleo", "new")]
GROUPS = [f"{HEAD}group/{name}" for name in ("team", "other", "fresh")]
ROLES = [f"{HEAD}role/{name}" for name in ("trainer", "deploy")]
POLICIES = [f"{HEAD}policy/{name}" for name in ("own", "spare", "teams/new")]
TEXTS = [
    json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    for statements, indent in (
        ([{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}], None),
        ([{"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*"}], 1),
        (
            [
                {
                    "Effect": "Allow",
                    "Action": ["sagemaker:*Model", "iam:PassRole"],
                    "Resource": "arn:aws:sagemaker:*:*:model/${aws:username}-*",
                }
            ],
            None,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Action": "sagemaker:DeleteApp",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
                }
            ],
            None,
        ),
    )
]
TRUSTS = [
    json.dumps(make.TRUST_SAGEMAKER),
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": NUMBER}, "Action": "sts:AssumeRole"}],
        }
    ),
]


@pytest.fixture
def account() -> Account:
    root = make.make_organization().units.get(parent=None)
    account = make.make_account(NUMBER, "research", unit=root, read_at=timezone.now() - timedelta(days=3))
    make.make_organization_policy(root.organization, name="full", targets=(root, account))
    own = make.make_managed_policy(account, "own", json.loads(TEXTS[0]))
    make.make_managed_policy(account, "spare", json.loads(TEXTS[1]))
    make.make_managed_policy(account, "ReadOnly", aws=True)
    ana, ben = make.make_identity(account, "user", "ana"), make.make_identity(account, "user", "ben", path="/people/")
    cleo, team = make.make_identity(account, "user", "cleo"), make.make_identity(account, "group", "team")
    make.make_identity(account, "group", "other")
    make.join(ana, team)
    make.join(cleo, team)
    make.attach(team, own)
    make.make_inline_policy(ben, json.loads(TEXTS[2]), "mine")
    make.make_identity(account, "role", "trainer", boundary=own)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def random_edit(dice: random.Random, account: Account) -> dict[str, Any]:
    """One edit of any kind; many cannot be applied."""
    anyone, text = dice.choice([*USERS, *GROUPS, *ROLES]), dice.choice(TEXTS)
    policy = dice.choice([*POLICIES, "arn:aws:iam::aws:policy/ReadOnly"])
    user, group, role = dice.choice(USERS), dice.choice(GROUPS), dice.choice(ROLES)
    tags = {"tags": {"team": dice.choice(("ml", "vision"))}}
    root = account.unit.unit_id if account.unit else ""
    scp = {"kind": "scp", "name": "fence"}
    return dice.choice(
        [
            {"kind": "managed-policy", "target": policy, "text": text},
            {"kind": "managed-policy", "target": POLICIES[0], "text": text},
            {"kind": "managed-policy-delete", "target": policy},
            {"kind": "inline-policy", "target": anyone, "name": dice.choice(("mine", "a")), "text": text},
            {"kind": "inline-policy-delete", "target": anyone, "name": "mine"},
            {"kind": "trust-policy", "target": role, "text": dice.choice(TRUSTS)},
            {"kind": "boundary", "target": dice.choice([user, role]), "other": dice.choice([policy, ""])},
            {"kind": "attach", "target": anyone, "other": policy},
            {"kind": "detach", "target": anyone, "other": policy},
            {"kind": "join-group", "target": user, "other": group},
            {"kind": "leave-group", "target": user, "other": group},
            {"kind": "tags", "target": dice.choice([user, role]), "data": tags},
            {"kind": "identity", "target": USERS[3], "data": tags},
            {"kind": "identity", "target": GROUPS[2]},
            {"kind": "identity", "target": ROLES[1], "text": TRUSTS[0]},
            {"kind": "identity-delete", "target": anyone},
            {"kind": "organization-policy", "target": "new:fence", "text": TEXTS[1], "data": scp},
            {"kind": "organization-attach", "target": "new:fence", "other": dice.choice([root, NUMBER])},
        ]
    )


def drafted(account: Account, dice: random.Random) -> list[Edit]:
    """A change of a few edits that can all be applied."""
    change, kept = None, list[Edit]()
    for _ in range(dice.randint(2, 8)):
        fields = {"name": "", "other": "", "text": "", "data": {}} | random_edit(dice, account)
        same = [one for one in kept if all(getattr(one, name) == fields[name] for name in ("kind", "target", "name"))]
        trial = Edit(**fields)
        if same or with_edits(read_content(account), [*kept, trial]).problems:
            continue
        try:
            edit = change_begin(account=account, by=None, title="Random", change=change, **fields)
        except EditError:
            continue
        kept.append(edit)
        change = edit.change
        if plan(account, kept).problems:
            kept.pop()
            edit.delete()
    return kept


def published(account: Account, edits: list[Edit]) -> Account:
    change = edits[0].change
    change.refresh_from_db()
    change = change_propose(change=change, by=None)
    change = change_approve(change=change, by=None)
    change_publish(change=change, by=None)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


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
