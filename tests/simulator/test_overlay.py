"""An account's content with the edits of a change applied: each kind of edit, and what cannot be applied."""

import json
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.policies.services import document_digest
from policystudio.simulator.content import Content, read_content
from policystudio.simulator.overlay import ORDER, with_edits
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import subject_reader
from policystudio.simulator.stacks import Subject, bearers
from tests import factories as make

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
OWN = f"arn:aws:iam::{NUMBER}:policy/own"
SPARE = f"arn:aws:iam::{NUMBER}:policy/spare"
AWS = "arn:aws:iam::aws:policy/ReadOnly"
ANA, TRAINER, TEAM = (f"arn:aws:iam::{NUMBER}:{one}" for one in ("user/ana", "role/trainer", "group/team"))
TEXT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})


@pytest.fixture
def account() -> Account:
    organization = make.make_organization()
    root = organization.units.get(parent=None)
    account = make.make_account(NUMBER, "research", unit=root)
    make.make_organization_policy(organization, name="full", targets=(root, account))
    own = make.make_managed_policy(account, "own")
    make.make_managed_policy(account, "spare")
    make.make_managed_policy(account, "ReadOnly", aws=True)
    ana, team = make.make_identity(account, "user", "ana"), make.make_identity(account, "group", "team")
    make.join(ana, team)
    make.attach(ana, own)
    make.make_inline_policy(ana, TEXT, "mine")
    make.make_identity(account, "role", "trainer", boundary=own)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def edit(kind: str, target: str, **values: Any) -> Edit:
    return Edit(kind=kind, target=target, **values)


def edited(account: Account, *edits: Edit) -> Content:
    result = with_edits(read_content(account), edits)
    assert not result.problems
    return result.content


def problem(account: Account, *edits: Edit) -> str:
    """The one problem that there is; everything else stays as it was."""
    before = read_content(account)
    result = with_edits(before, edits)
    (found,) = result.problems
    return found.message


def subject(content: Content, arn: str) -> Subject:
    (row,) = bearers(content, IdentityFilter(arns=(arn,)))
    return subject_reader(content, Question()).subjects([row])[0]


def names(content: Content, arn: str) -> list[str]:
    return [policy.name for policy in subject(content, arn).policies]


def test_a_managed_policy_is_changed_for_all_who_have_it(account: Account) -> None:
    content = edited(account, edit("managed-policy", OWN, text=TEXT))
    assert subject(content, ANA).row.stack.identity_policies[1].policy.text == TEXT
    boundary = subject(content, TRAINER).row.stack.permissions_boundary
    assert boundary is not None
    assert boundary.policy.text == TEXT
    assert content.policies_by_arn[OWN].digest == document_digest(kind="identity", text=TEXT)


def test_a_new_policy_can_be_attached_at_once_whatever_the_order(account: Account) -> None:
    new = f"arn:aws:iam::{NUMBER}:policy/teams/new"
    content = edited(account, edit("attach", ANA, other=new), edit("managed-policy", new, text=TEXT))
    assert names(content, ANA) == ["mine", "own", "new"]
    assert subject(content, ANA).policies[-1].policy_id is None


def test_a_text_that_is_no_policy_makes_it_unreadable(account: Account) -> None:
    content = edited(account, edit("managed-policy", OWN, text="{"))
    assert subject(content, ANA).row.unreadable_identity == ("own",)
    assert subject(content, TRAINER).row.unreadable_around == ("own",)


def test_inline_policies_come_and_go(account: Account) -> None:
    content = edited(
        account, edit("inline-policy", ANA, name="a", text=TEXT), edit("inline-policy-delete", ANA, name="mine")
    )
    assert names(content, ANA) == ["a", "own"]
    assert names(edited(account, edit("inline-policy", TRAINER, name="z", text=TEXT)), TRAINER) == ["z"]


def test_trust_boundary_and_tags_are_replaced(account: Account) -> None:
    trust = json.dumps(make.TRUST_SAGEMAKER)
    content = edited(
        account,
        edit("trust-policy", TRAINER, text=trust),
        edit("boundary", TRAINER, other=""),
        edit("boundary", ANA, other=SPARE),
        edit("tags", ANA, data={"tags": {"team": "ml"}}),
        edit("tags", OWN, data={"tags": {"team": "ml"}}),
    )
    assert content.by_arn[TRAINER].trust_digest == document_digest(kind="trust", text=trust)
    assert content.documents([content.by_arn[TRAINER].trust_digest or ""])
    assert subject(content, TRAINER).boundary is None
    assert (subject(content, ANA).boundary or subject(content, ANA).policies[0]).name == "spare"
    assert subject(content, ANA).row.facts.known["aws:principaltag/team"] == ("ml",)


def test_attachments_and_memberships(account: Account) -> None:
    content = edited(
        account,
        edit("detach", ANA, other=OWN),
        edit("attach", TEAM, other=SPARE),
        edit("attach", TRAINER, other=AWS),
    )
    assert names(content, ANA) == ["mine", "spare"]
    assert names(content, TRAINER) == ["ReadOnly"]
    assert names(edited(account, edit("attach", TEAM, other=SPARE), edit("leave-group", ANA, other=TEAM)), ANA) == [
        "mine",
        "own",
    ]


def test_identities_come_and_go(account: Account) -> None:
    dana, team = f"arn:aws:iam::{NUMBER}:user/people/dana", f"arn:aws:iam::{NUMBER}:group/new"
    deploy = f"arn:aws:iam::{NUMBER}:role/deploy"
    content = edited(
        account,
        edit("join-group", dana, other=team),
        edit("identity", dana, data={"tags": {"team": "ml"}}),
        edit("identity", team),
        edit("identity", deploy, text=json.dumps(make.TRUST_SAGEMAKER)),
        edit("inline-policy", team, name="x", text=TEXT),
        edit("identity-delete", TEAM),
        edit("identity-delete", TRAINER),
    )
    assert sorted(content.by_arn) == sorted([ANA, dana, team, deploy])
    assert names(content, dana) == ["x"]
    assert content.by_arn[dana].path == "/people/"
    assert content.group_names([content.by_arn[ANA].id or 0]) == {}


def test_organization_policies(account: Account) -> None:
    before = read_content(account)
    assert before.organization is not None
    (full,) = before.organization.policies
    root = next(iter(before.organization.units))
    content = edited(
        account,
        edit("organization-policy", "new:fence", text=TEXT, data={"kind": "scp", "name": "fence"}),
        edit("organization-attach", "new:fence", other=root),
        edit("organization-detach", full, other=NUMBER),
        edit("organization-attach", "new:fence", other=NUMBER),
    )
    levels = content.levels("scp") or ()
    assert [[policy.name for policy in level.policies] for level in levels] == [["fence", "full"], ["fence"]]
    assert subject(content, ANA).row.stack.service_control_policies != ()
    gone = edited(account, edit("organization-policy-delete", full))
    assert gone.levels("scp") is None
    changed = edited(account, edit("organization-policy", full, text=TEXT)).levels("scp") or ()
    assert [[policy.text for policy in level.policies] for level in changed] == [[TEXT], [TEXT]]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (edit("managed-policy", AWS, text=TEXT), "managed by AWS"),
        (edit("managed-policy", "arn:aws:iam::aws:policy/Other", text=TEXT), "managed by AWS"),
        (edit("managed-policy-delete", OWN), "in use: ana, trainer"),
        (edit("managed-policy-delete", f"{OWN}2"), "no managed policy"),
        (edit("inline-policy", f"{ANA}2", name="x", text=TEXT), "no user, group or role"),
        (edit("inline-policy-delete", ANA, name="x"), "no inline policy `x`"),
        (edit("trust-policy", ANA, text=TEXT), "is a user, not a role"),
        (edit("boundary", TEAM, other=OWN), "is a group"),
        (edit("boundary", ANA, other=f"{OWN}2"), "no managed policy"),
        (edit("attach", ANA, other=OWN), "already"),
        (edit("attach", ANA, other=f"{OWN}2"), "no managed policy"),
        (edit("detach", ANA, other=SPARE), "is not attached"),
        (edit("join-group", ANA, other=TEAM), "already"),
        (edit("join-group", ANA, other=TRAINER), "not a group"),
        (edit("leave-group", TRAINER, other=TEAM), "not a user"),
        (edit("tags", f"{ANA}2", data={"tags": {}}), "no user"),
        (edit("identity", f"arn:aws:iam::{NUMBER}:user/x/ANA"), "of this name already"),
        (edit("identity", "arn:aws:iam::999999999999:user/x"), "does not belong"),
        (edit("identity-delete", f"{ANA}2"), "no user"),
        (edit("organization-policy", "p-none", text=TEXT), "no policy `p-none`"),
        (edit("organization-policy-delete", "p-none"), "no policy `p-none`"),
        (edit("organization-attach", "p-none", other=NUMBER), "no policy `p-none`"),
    ],
)
def test_what_cannot_be_applied_is_told(account: Account, wrong: Edit, said: str) -> None:
    assert said in problem(account, wrong)


def test_an_account_in_no_organization_has_no_organization_policies() -> None:
    account = make.make_account("444455556666")
    assert "stands in no organization" in problem(account, edit("organization-policy", "new:x", text=TEXT))


def test_what_can_be_applied_is_applied_beside_what_cannot(account: Account) -> None:
    edits = [edit("attach", ANA, other=OWN), edit("attach", ANA, other=SPARE)]
    result = with_edits(read_content(account), edits)
    assert [one.edit for one in result.problems] == edits[:1]
    assert "spare" in names(result.content, ANA)


def test_every_kind_of_edit_has_its_turn() -> None:
    assert sorted(ORDER) == sorted(Edit.Kind.values)


def test_the_content_that_was_read_stays_as_it_was(account: Account) -> None:
    before = read_content(account)
    with_edits(before, [edit("identity-delete", ANA), edit("managed-policy", OWN, text=TEXT)])
    assert before == read_content(account)
