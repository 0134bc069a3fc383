"""The matrix, concrete requests and the why of a cell, from rows of the database."""

import json
from dataclasses import replace
from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.decision import Decision, Layer, Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.identities.models import Identity
from policystudio.simulator.answers import decision_as_json
from policystudio.simulator.question import ColumnFilter, IdentityFilter, ListQuery, Question, question_from_query
from policystudio.simulator.selectors import SimulateRequest, UnknownIdentity, UnreadablePolicies, matrix, simulate
from policystudio.simulator.why import UnknownCell, why
from tests import factories as make

pytestmark = pytest.mark.django_db
MODELS = "arn:aws:sagemaker:*:*:model/"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(action: str = "*", resource: str = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


@pytest.fixture
def account() -> Account:
    return make.make_account("111122223333", "research")


def letter(account: Account, identity: str, question: Question | None = None, action: str = "DeleteModel") -> str:
    """The letter of one identity for an action on models."""
    question = question or Question()
    narrowed = replace(question, columns=ColumnFilter(action=action, types=("model",)))
    page = matrix(account, narrowed, limit=500)
    (row,) = [row for row in page.rows if row.name == identity]
    return row.verdicts


def user_with(account: Account, document: dict[str, Any] | str, name: str = "ana", **fields: Any) -> Identity:
    user = make.make_identity(account, "user", name, **fields)
    make.make_inline_policy(user, document, "own")
    return user


def test_a_user_has_what_its_groups_have(account: Account) -> None:
    user, group = make.make_identity(account, "user", "ana"), make.make_identity(account, "group", "ml")
    make.join(user, group)
    make.attach(group, make.make_managed_policy(account, "models", policy(statement("sagemaker:DeleteModel"))))
    assert letter(account, "ana") == "A"
    assert letter(account, "ml") == "A"
    page = matrix(account, Question(identities=IdentityFilter(kinds=frozenset({"user"}))))
    assert [(row.name, row.note) for row in page.rows] == [("ana", "ml")]


def test_the_root_user_has_a_row(account: Account) -> None:
    page = matrix(account, Question())
    assert [(row.kind, row.arn, set(row.verdicts)) for row in page.rows] == [
        ("root", "arn:aws:iam::111122223333:root", {"A"})
    ]


def test_boundary_organization_and_tags_take_part(account: Account) -> None:
    organization = make.make_organization()
    root = organization.units.get(parent=None)
    account.unit = root
    account.save()
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    make.make_organization_policy(organization, targets=(root, account))
    make.make_organization_policy(
        organization, policy(statement(effect="Deny", Condition=region)), name="regions", targets=(account,)
    )
    own = policy(statement("sagemaker:*", f"{MODELS}${{aws:PrincipalTag/team}}-*"))
    user_with(account, own, tags={"team": "ml"})
    assert letter(account, "ana") == "C"
    assert letter(account, "ana", Question(region="eu-west-1")) == "S"
    assert letter(account, "ana", Question(region="us-east-1")) == "E"
    assert letter(account, "root", Question(region="us-east-1")) == "E"
    bounded = make.make_managed_policy(account, "only-endpoints", policy(statement("sagemaker:*Endpoint*")))
    Identity.objects.filter(name="ana").update(boundary=bounded)
    assert letter(account, "ana", Question(region="eu-west-1")) == "I"


def test_organization_policies_leave_the_management_account_alone(account: Account) -> None:
    organization = make.make_organization()
    root = organization.units.get(parent=None)
    account.unit, account.is_management = root, True
    account.save()
    make.make_organization_policy(organization, policy(statement(effect="Deny")), targets=(root,))
    user_with(account, make.ALLOW_ALL)
    assert letter(account, "ana") == "A"


def test_a_service_linked_role_is_not_restricted_by_the_organization(account: Account) -> None:
    organization = make.make_organization()
    root = organization.units.get(parent=None)
    account.unit = root
    account.save()
    make.make_organization_policy(organization, policy(statement(effect="Deny")), targets=(root, account))
    role = make.make_identity(account, "role", "linked", service_linked=True)
    make.make_inline_policy(role)
    assert letter(account, "linked") == "A"


def test_context_region_and_absence_are_known(account: Account) -> None:
    user_with(account, policy(statement(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})))
    assert letter(account, "ana") == "C"
    assert letter(account, "ana", Question(context={"aws:MultiFactorAuthPresent": ("true",)})) == "A"
    assert letter(account, "ana", Question(context={"AWS:multifactorauthpresent": ("false",)})) == "I"
    assert letter(account, "ana", Question(context={"aws:MultiFactorAuthPresent": ()})) == "A"


def test_what_if_takes_away_and_adds(account: Account) -> None:
    user = user_with(account, make.ALLOW_ALL)
    denying = make.make_managed_policy(account, "denying", policy(statement(effect="Deny")))
    make.attach(user, denying)
    assert letter(account, "ana") == "E"

    def asked(*pairs: tuple[str, str]) -> str:
        return letter(account, "ana", question_from_query(ListQuery(pairs)))

    assert asked(("exclude", denying.arn)) == "A"
    assert asked(("exclude", "inline:ana/own")) == "I"
    assert asked(("exclude", denying.arn), ("exclude", "inline:ana/own")) == "I"
    only_models = json.dumps(policy(statement("sagemaker:DeleteModel", f"{MODELS}a*")))
    assert asked(("exclude", denying.arn), ("exclude", "inline:ana/own"), ("add", only_models)) == "S"
    assert asked(("exclude", denying.arn), ("add", denying.arn)) == "E"


@pytest.mark.parametrize("lost", ["unreadable", "without a document", "gap"])
def test_what_could_not_be_read_is_undecided(account: Account, lost: str) -> None:
    user = user_with(account, make.ALLOW_ALL, gaps=["the group `x` is not in the export"] if lost == "gap" else [])
    if lost == "unreadable":
        make.attach(user, make.make_managed_policy(account, "lost", "{"))
    elif lost == "without a document":
        make.attach(user, make.make_managed_policy(account, "lost", None))
    assert letter(account, "ana") == "U"
    answer = simulate(account, [SimulateRequest(user.arn, "sagemaker:Search", "*", {})])
    assert isinstance(answer[0], UnreadablePolicies)


def test_what_is_unknown_of_a_group_is_unknown_of_its_members(account: Account) -> None:
    group = make.make_identity(account, "group", "ml", gaps=["its inline policies were not understood"])
    make.join(user_with(account, make.ALLOW_ALL), group)
    assert letter(account, "ana") == "U"


@pytest.mark.parametrize(
    ("effect", "condition", "expected"),
    [
        ("Allow", {"StringLike": {"aws:userid": "{id}:*"}}, "A"),
        ("Allow", {"StringLike": {"aws:userid": "AROAOTHER:*"}}, "I"),
        ("Allow", {"Null": {"aws:userid": "false"}}, "A"),
        ("Allow", {"StringLike": {"aws:userid": "{id}:dana"}}, "C"),
        ("Deny", {"StringNotLike": {"aws:userid": "{id}:*"}}, "A"),
        ("Deny", {"StringLike": {"aws:userid": ["{id}:*", "AIDAEXAMPLE"]}}, "E"),
    ],
)
def test_of_a_roles_session_the_user_id_is_known_but_for_its_name(
    account: Account, effect: str, condition: dict[str, Any], expected: str
) -> None:
    role = make.make_identity(account, "role", "exec")
    written = json.loads(json.dumps(condition).replace("{id}", role.unique_id))
    more = [] if effect == "Allow" else [statement()]
    make.make_inline_policy(role, policy(*more, statement(effect=effect, Condition=written)), "own")
    assert letter(account, "exec") == expected


def test_filters_and_pages(account: Account) -> None:
    for number in range(5):
        user_with(
            account, make.ALLOW_ALL, f"user{number}", path="/a/" if number % 2 else "/b/", tags={"n": str(number)}
        )

    def names(**fields: Any) -> list[str]:
        wanted = IdentityFilter(**{"kinds": frozenset({"user"}), **fields})
        return [row.name for row in matrix(account, Question(identities=wanted)).rows]

    assert names(path="/a/") == ["user1", "user3"]
    assert names(path="*/b/") == ["user0", "user2", "user4"]
    assert names(name="ER3") == ["user3"]
    assert names(name="user[0]") == []
    assert names(tag_key="n", tag_value="2") == ["user2"]
    assert names(tag_key="n") == [f"user{number}" for number in range(5)]
    page = matrix(account, Question(), offset=2, limit=2)
    assert ([row.name for row in page.rows], page.total) == (["user2", "user3"], 6)


def test_rows_can_be_filtered_by_letter(account: Account) -> None:
    user_with(account, make.ALLOW_ALL, "all")
    user_with(account, policy(statement("sagemaker:DeleteModel", f"{MODELS}a*")), "some")
    user_with(account, policy(statement("s3:*")), "none")
    columns = ColumnFilter(action="DeleteModel")

    def names(letters: str) -> list[str]:
        question = Question(IdentityFilter(frozenset({"user"})), columns, verdicts=frozenset(letters))
        return [row.name for row in matrix(account, question).rows]

    assert names("A") == ["all"]
    assert names("S") == ["some"]
    assert names("IS") == ["none", "some"]


def test_columns_are_filtered_by_level_name_and_type(account: Account) -> None:
    def columns(**fields: Any) -> list[tuple[str, str]]:
        page = matrix(account, Question(columns=ColumnFilter(**fields)))
        return [(column.action, column.resource_type) for column in page.columns]

    assert columns(action="sagemaker:DeleteModel") == [("sagemaker:DeleteModel", "model")]
    assert {name for name, _ in columns(access_levels=frozenset({"Tagging"}))} == {
        "sagemaker:AddTags",
        "sagemaker:DeleteTags",
    }
    assert {kind for _, kind in columns(types=("model",))} == {"model"}
    assert all("endpoint" in name.lower() for name, _ in columns(action="endpoint"))
    assert columns()[0][1] == "notebook-instance"


def test_concrete_requests(account: Account) -> None:
    user = user_with(account, policy(statement("sagemaker:DeleteModel", f"{MODELS}${{aws:username}}-*")))

    def asked(name: str, arn: str = "") -> Decision | UnknownIdentity | UnreadablePolicies:
        resource = f"arn:aws:sagemaker:eu-west-1:111122223333:model/{name}"
        return simulate(account, [SimulateRequest(arn or user.arn, "sagemaker:DeleteModel", resource, {})])[0]

    allowed, denied, unknown = asked("ana-1"), asked("bo-1"), asked("ana-1", "arn:aws:iam::111122223333:user/bo")
    assert isinstance(allowed, Decision)
    assert isinstance(denied, Decision)
    assert (allowed.verdict, denied.verdict) == (Verdict.ALLOWED, Verdict.IMPLICIT_DENY)
    assert isinstance(unknown, UnknownIdentity)


def test_why_shows_layers_statements_and_both_sides(account: Account) -> None:
    user = user_with(
        account,
        policy(
            statement("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:*:training-job/ml-*", Sid="Train"),
            statement("sagemaker:*", "*", "Deny", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
            statement("sagemaker:CreateTrainingJob", Condition={"StringEquals": {"sagemaker:ModelArn": "x"}}),
            statement("iam:PassRole", "arn:aws:iam::*:role/ml/*"),
        ),
    )
    found = why(account, Question(), user.arn, "sagemaker:CreateTrainingJob", "training-job")
    assert (found.letter, found.cell.by_resource, found.cell.by_context) == (CellVerdict.CONDITIONAL, True, True)
    assert found.allowed is not None
    assert found.denied is not None
    assert found.allowed.decision.verdict is Verdict.ALLOWED
    assert found.denied.decision.verdict is not Verdict.ALLOWED
    assert [layer.layer for layer in found.layers] == [Layer.IDENTITY]
    assert found.absent_keys == ("sagemaker:ModelArn",)
    assert {(item.action, item.letter) for item in found.also_needed} == {
        ("iam:PassRole", CellVerdict.SOME),
        ("sagemaker:AddTags", CellVerdict.IMPLICIT_DENY),
    }
    train = next(item for item in found.statements if item.trace.statement.sid == "Train")
    lines = train.policy.policy.text.splitlines()[train.first_line - 1 : train.last_line]
    assert json.loads("\n".join(lines).rstrip(","))["Sid"] == "Train"
    assert train.matched_allowed


def test_why_of_a_group_asks_as_a_member_of_it(account: Account) -> None:
    group = make.make_identity(account, "group", "ml")
    make.make_inline_policy(group, policy(statement(Condition={"StringLike": {"aws:username": "a*"}})))
    found = why(account, Question(), group.arn, "sagemaker:DeleteModel", "model")
    assert found.letter is CellVerdict.CONDITIONAL
    assert found.allowed is not None
    assert found.denied is not None
    assert found.allowed.decision.verdict is Verdict.ALLOWED
    assert found.denied.decision.verdict is Verdict.IMPLICIT_DENY


def test_why_of_what_is_not_there(account: Account) -> None:
    user = make.make_identity(account, "user", "ana")
    with pytest.raises(UnknownIdentity):
        why(account, Question(), "arn:aws:iam::111122223333:user/bo", "sagemaker:DeleteModel", "model")
    with pytest.raises(UnknownCell):
        why(account, Question(), user.arn, "sagemaker:DeleteModel", "endpoint")
    found = why(account, Question(), user.arn, "sagemaker:DeleteModel", "model")
    assert (found.letter, found.sentence) == (CellVerdict.IMPLICIT_DENY, "Implicit deny: no identity policy allows it.")


def test_many_requests_at_once_are_decided_as_each_alone(account: Account) -> None:
    """From some requests on, the policies of an identity are compiled for them."""
    own = statement("sagemaker:*Model", f"{MODELS}${{aws:username}}-*")
    team = statement(effect="Deny", Condition={"StringNotEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}})
    user = user_with(account, policy(own, team, statement("sagemaker:List*")), tags={"team": "ml"})
    requests = [
        SimulateRequest(user.arn, action, f"arn:aws:sagemaker:eu-west-1:111122223333:model/{name}", context)
        for action in ("sagemaker:CreateModel", "sagemaker:ListModels", "sts:AssumeRole")
        for name in ("ana-1", "bo-1")
        for context in ({}, {"aws:ResourceTag/team": ("ml",)}, {"aws:ResourceTag/team": ("hr",)})
    ]
    together = simulate(account, requests)
    alone = [simulate(account, [request])[0] for request in requests]
    assert {type(answer).__name__ for answer in together} == {"Answer"}
    assert list(map(decision_as_json, together)) == list(map(decision_as_json, alone))
    assert len({answer["decision"] for answer in map(decision_as_json, together)}) == 3
