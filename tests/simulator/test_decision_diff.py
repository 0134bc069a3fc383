"""What a change decides differently: for whom, which cells, with requests that plain decisions confirm."""

import json
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.engine.analyse.trust import Entrance
from policystudio.simulator.content_diff import DecisionDiff, Group
from policystudio.simulator.decision_diff import decision_diff
from policystudio.simulator.decision_words import as_json, as_text, headline
from tests import factories as make

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
SHARED = f"arn:aws:iam::{NUMBER}:policy/shared"
TRAINER = f"arn:aws:iam::{NUMBER}:role/trainer"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: str = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


LOOK = allow(["sagemaker:List*", "sagemaker:Describe*"])
OWN = allow("sagemaker:DeleteModel", "arn:aws:sagemaker:*:*:model/${aws:username}-*")
FULL = json.loads(document(allow("*")))


@pytest.fixture
def account() -> Account:
    """Three users who share a policy, one through a group, one with a boundary that leaves nothing new, and a role."""
    root = make.make_organization().units.get(parent=None)
    account = make.make_account(NUMBER, "research", unit=root)
    shared = make.make_managed_policy(account, "shared", json.loads(document(LOOK)))
    boundary = make.make_managed_policy(account, "limit", json.loads(document(LOOK)))
    team = make.make_identity(account, "group", "team")
    for name in ("ana", "ben"):
        make.attach(make.make_identity(account, "user", name, tags={"name": name}), shared)
    make.join(make.make_identity(account, "user", "cleo"), team)
    make.attach(team, shared)
    make.attach(make.make_identity(account, "user", "dan", boundary=boundary), shared)
    make.attach(make.make_identity(account, "user", "eve"), boundary)
    make.make_identity(account, "role", "trainer")
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def edit(kind: str, target: str, **values: Any) -> Edit:
    return Edit(kind=kind, target=target, **values)


def names(group: Group) -> list[str]:
    return [bearer.name for bearer in group.bearers]


def cells(group: Group) -> list[tuple[str, str, str, str]]:
    return [(one.change.action, one.change.resource_type, one.before, one.after) for one in group.cells]


def diff(account: Account, *edits: Edit) -> DecisionDiff:
    return decision_diff(account, edits, seconds=None)


def test_those_who_share_a_policy_are_one_group_whatever_their_names(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text=document(LOOK, OWN)))
    (group,) = [group for group in found.groups if "ana" in names(group)]
    assert names(group) == ["ana", "ben", "cleo"]  # the group has no name, so that its cell has another letter
    assert cells(group) == [("sagemaker:DeleteModel", "model", "I", "S")]
    witness = group.comparison.newly_allowed
    assert witness is not None
    assert "/ana-" in witness.resource
    assert (found.total, found.touched, found.gaining, found.losing) == (8, 5, 4, 0)
    assert found.same == 1  # dan, whose boundary does not let it through
    assert headline(found) == "Gives 4 of 8 identities new access: 1 cell; takes nothing away."
    assert found.is_complete


def test_what_is_taken_away_is_told(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text=document(allow("sagemaker:List*"))))
    assert (found.gaining, found.losing) == (0, 5)
    assert headline(found).startswith("Gives nobody new access; takes access away from 5 of 8 identities: ")
    assert all(cell.after == "I" for group in found.groups for cell in group.cells)


def test_actions_of_other_services_count(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text=document(LOOK, allow("iam:PassRole"))))
    (group,) = [group for group in found.groups if "ana" in names(group)]
    assert [change.action for change in group.others] == ["iam:PassRole"]
    assert "1 action of other services" in headline(found)


def test_a_text_that_is_no_policy_leaves_everybody_undecided(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text="{"))
    assert (found.undecided, found.gaining, found.losing) == (5, 0, 0)
    assert not found.is_complete
    assert headline(found).endswith("For 5 identities it is undecided.")


def test_the_same_text_touches_nobody(account: Account) -> None:
    text = json.dumps(json.loads(document(LOOK)), indent=2)
    found = diff(account, edit("managed-policy", SHARED, text=text))
    assert (found.touched, found.groups) == (0, ())
    assert headline(found) == "Changes no access of any of 8 identities."


def test_other_words_for_the_same_change_nothing(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text=document(LOOK, LOOK)))
    assert (found.touched, found.same, found.groups) == (5, 5, ())
    assert headline(found) == "Changes nothing: what 5 identities may do stays as it is."


def test_tags_of_the_principal_decide(account: Account) -> None:
    tagged = allow("sagemaker:DeleteModel", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}})
    own = allow("sagemaker:DeleteModel", "arn:aws:sagemaker:*:*:model/${aws:PrincipalTag/name}-*")
    shared = make.make_managed_policy(account, "tagged", json.loads(document(tagged, own)))
    ana = account.identities.get(name="ana")
    make.attach(ana, shared)
    account.refresh_from_db()
    given = diff(account, edit("tags", ana.arn, data={"tags": {"name": "ana", "team": "ml"}}))
    assert [cells(group) for group in given.groups] == [[("sagemaker:DeleteModel", "model", "S", "A")]]
    renamed = diff(account, edit("tags", ana.arn, data={"tags": {"name": "bob"}}))
    (group,) = renamed.groups
    assert (group.gains, group.loses) == (True, True)
    for witness, name in ((group.comparison.newly_allowed, "bob"), (group.comparison.newly_denied, "ana")):
        assert witness is not None
        assert f"model/{name}-" in witness.resource


def test_new_and_removed_identities_gain_and_lose_all(account: Account) -> None:
    new = f"arn:aws:iam::{NUMBER}:user/finn"
    ana = account.identities.get(name="ana").arn
    found = diff(account, edit("identity", new), edit("attach", new, other=SHARED), edit("identity-delete", ana))
    standings = {names(group)[0]: (group.standing, group.gains, group.loses) for group in found.groups}
    assert standings == {"finn": ("new", True, False), "ana": ("removed", False, True)}


def test_who_may_assume_a_role_is_told_with_somebody_who_can(account: Account) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    found = diff(account, edit("trust-policy", TRAINER, text=json.dumps(trust)))
    (role,) = found.roles
    assert isinstance(role.comparison.newly_allowed, Entrance)
    assert role.comparison.newly_allowed.resource == TRAINER
    assert role.comparison.newly_allowed.principal.split(":")[4] == "999999999999"
    assert role.comparison.newly_denied is not None
    assert "More can assume trainer. Fewer can assume trainer." in headline(found)
    (undecided,) = diff(account, edit("trust-policy", TRAINER, text="{")).roles
    assert undecided.comparison.no_new_access is None


def test_a_policy_of_the_organization_touches_every_account_that_may_be_seen(account: Account) -> None:
    organization = account.organization
    assert organization is not None
    other = make.make_account("444455556666", "other", unit=account.unit)
    top = organization.units.get(parent=None)
    make.make_organization_policy(organization, name="full", targets=(top, account, other))
    make.attach(make.make_identity(other, "user", "zoe"), make.make_managed_policy(other, "all", FULL))
    root = organization.units.get(parent=None)
    deny = document(allow("sagemaker:DeleteModel", effect="Deny"), allow("s3:*", effect="Deny"))
    edits = [
        edit("organization-policy", "new:fence", text=deny, data={"kind": "scp", "name": "fence"}),
        edit("organization-attach", "new:fence", other=root.unit_id),
    ]
    accounts = Account.objects.select_related("unit__organization")
    found = decision_diff(account, edits, visible=accounts, seconds=None)
    losing = {(group.account.number, name) for group in found.groups if group.loses for name in names(group)}
    assert losing == {(NUMBER, "root"), ("444455556666", "root"), ("444455556666", "zoe")}
    alone = decision_diff(account, edits, visible=[account], seconds=None)
    assert {group.account.number for group in alone.groups} == {NUMBER}
    assert "whole organization" in alone.problems[0]


def fence(account: Account, text: str) -> list[Edit]:
    root = account.unit
    assert root is not None
    return [
        edit("organization-policy", "new:fence", text=text, data={"kind": "rcp", "name": "fence"}),
        edit("organization-attach", "new:fence", other=root.unit_id),
    ]


def trusted_by_others(account: Account) -> None:
    """Three roles: two that another account may assume, one for the account alone; and policies that allow all."""
    organization = account.organization
    assert organization is not None
    top = organization.units.get(parent=None)
    make.make_organization_policy(
        organization, document(allow("*", Principal="*")), kind="rcp", name="full", targets=(top, account)
    )
    for name, number in (("guest", "999999999999"), ("visitor", "999999999999"), ("own", NUMBER)):
        statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{number}:root"}, "Action": "sts:AssumeRole"}
        make.make_identity(account, "role", name, trust_document=make.make_document(document(statement), "trust"))


def test_a_resource_control_policy_changes_no_action_of_sagemaker_and_who_assumes_roles(account: Account) -> None:
    trusted_by_others(account)
    organization = account.organization
    assert organization is not None
    outside = {
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": organization.org_id},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},  # SageMaker itself assumes the role `trainer`
    }
    found = diff(account, *fence(account, document(allow("*", effect="Deny", Principal="*", Condition=outside))))
    assert found.groups == ()
    assert [role.bearer.name for role in found.roles] == ["guest", "visitor"]
    for role in found.roles:
        assert (role.comparison.no_new_access, role.comparison.no_lost_access) == (True, False)
        assert role.comparison.newly_denied is not None
        assert role.comparison.newly_denied.resource == role.bearer.arn
    said = "No identity of 11 is known to gain or lose access. Fewer can assume guest, visitor."
    assert headline(found) == said
    (problem,) = found.problems
    assert "AWS applies them to no action of SageMaker" in problem
    assert not found.is_complete  # what other services' resources allow is not compared
    (line,) = [line for line in as_text(found) if "AWS applies them to no action of SageMaker" in line]
    assert line


def test_a_resource_control_policy_around_one_role_is_told_of_that_role_alone(account: Account) -> None:
    trusted_by_others(account)
    one = f"arn:aws:iam::{NUMBER}:role/visitor"
    found = diff(account, *fence(account, document(allow("sts:*", one, effect="Deny", Principal="*"))))
    assert [role.bearer.name for role in found.roles] == ["visitor"]


def test_roles_that_were_not_compared_for_want_of_time_are_told(account: Account) -> None:
    trusted_by_others(account)
    times = iter(range(100))
    edits = fence(account, document(allow("*", effect="Deny", Principal="*")))
    found = decision_diff(account, edits, seconds=0.5, clock=lambda: next(times))
    assert {bearer.name for bearer in found.left} >= {"guest", "visitor", "own", "trainer"}
    assert "were not compared" in headline(found)


def test_an_edit_that_cannot_be_applied_is_a_problem(account: Account) -> None:
    found = diff(account, edit("attach", TRAINER, other=f"{SHARED}2"), edit("attach", TRAINER, other=SHARED))
    assert "no managed policy" in found.problems[0]
    assert [names(group) for group in found.groups] == [["trainer"]]
    assert not found.is_complete


def test_what_was_not_compared_is_told(account: Account) -> None:
    times = iter(range(100))
    edits = [edit("managed-policy", SHARED, text=document(LOOK, OWN))]
    found = decision_diff(account, edits, seconds=0.5, clock=lambda: next(times))
    assert len(found.left) == 5
    assert "5 identities were not compared" in headline(found)
    assert not found.is_complete


def test_it_is_told_as_text_and_as_json(account: Account) -> None:
    found = diff(account, edit("managed-policy", SHARED, text=document(LOOK, OWN)))
    lines = list(as_text(found))
    assert lines[0] == headline(found)
    assert "3 identities gain 1 cell. user/ana, user/ben, user/cleo" in lines
    assert "  + sagemaker:DeleteModel  model" in lines
    told = json.loads(json.dumps(as_json(found)))
    assert told["identities"]["gaining"] == 4
    assert told["groups"][0]["cells"][0]["after"] == "S"
    assert told["groups"][0]["newly_allowed"]["action"] == "sagemaker:DeleteModel"
