"""What an identity can do: cells of which the same can be said are one line, with what it takes or what denies it."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.identities.models import Identity
from policystudio.simulator.question import ListQuery, Question, QuestionError
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.what_can import Line, Summary, what_can
from policystudio.simulator.what_can_answers import question_of
from policystudio.simulator.what_can_words import (
    incomplete_text,
    named,
    sentence_of,
    shared_of,
    shared_text,
    text_of,
    types_of,
    untold_text,
)
from policystudio.simulator.why import why as explain
from tests import factories as make

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
DANA = f"arn:aws:iam::{NUMBER}:user/dana"
SAGEMAKER = "arn:aws:sagemaker:*:*:"
MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
TEAM = {"StringEquals": {"aws:RequestTag/team": "ml"}}


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def account() -> Account:
    return make.make_account(NUMBER, "research")


@pytest.fixture
def dana(account: Account) -> Identity:
    return make.make_identity(account, "user", "dana", tags={"team": "ml"})


def has(identity: Identity, *statements: dict[str, Any], name: str = "own") -> None:
    make.make_inline_policy(identity, document(*statements), name)


def ask(account: Account, *pairs: tuple[str, str], arn: str = DANA) -> Summary:
    return what_can(account, question_of(ListQuery([("identity", arn), *pairs])))


def told(summary: Summary) -> list[tuple[str, str, str]]:
    """Each line as its letter, its actions with their types, and what is said of them."""
    shared = shared_of(summary)

    def names(line: Line) -> str:
        blocks = (f"{named(block)} {types_of(block, line, summary)}".strip() for block in line.blocks)
        return "; ".join(blocks).replace("sagemaker:", "")

    return [(line.verdict.value, names(line), text_of(line, shared)) for line in summary.lines]


def test_what_is_always_allowed_comes_first_and_what_only_looks_last(account: Account, dana: Identity) -> None:
    has(dana, statement(["sagemaker:List*", "sagemaker:Describe*"]), statement("sagemaker:CreateModel", Condition=TEAM))
    summary = ask(account)
    assert told(summary) == [
        ("A", "Describe*, List*", ""),
        ("C", "CreateModel", "when aws:RequestTag/team is ml"),
    ]
    assert summary.lines[0].levels == {"List": 96, "Read": 80}
    assert sentence_of(summary) == (
        "177 of 460 actions are possible: 176 always, 1 on some resources or under conditions."
    )
    assert summary.untold == 684 - sum(len(line.cells) for line in summary.lines)
    assert untold_text(summary).endswith(
        "of 684 cells are implicit denies: none of its policies allows anything there."
    )


def test_a_statement_about_several_types_is_one_line(account: Account, dana: Identity) -> None:
    resources = [f"{SAGEMAKER}model/dev-*", f"{SAGEMAKER}endpoint/dev-*", "arn:aws:s3:::x"]
    has(dana, statement(["sagemaker:Delete*", "sagemaker:DescribeModel"], resources))
    [(letter, names, text)] = told(ask(account, ("type", "model"), ("type", "endpoint")))
    assert (letter, names) == ("S", "Delete*, DescribeModel")
    assert text == "on model/dev-*, endpoint/dev-*"


def test_the_same_in_two_policies_is_one_line_that_names_both(account: Account, dana: Identity) -> None:
    has(dana, statement("sagemaker:CreateModel", f"{SAGEMAKER}model/dev-*"), name="one")
    has(dana, statement(["sagemaker:DeleteModel", "sagemaker:CreateModel"], f"{SAGEMAKER}model/dev-*"), name="two")
    summary = ask(account)
    assert told(summary) == [("S", "CreateModel, DeleteModel", "on model/dev-*")]
    assert {item.policy for item in summary.lines[0].residue} == {"one", "two"}


def test_a_text_that_two_identities_have_is_named_as_each_of_them_names_it(account: Account, dana: Identity) -> None:
    for identity, name in ((dana, "hers"), (make.make_identity(account, "user", "erin"), "other")):
        has(identity, statement("sagemaker:CreateModel", f"{SAGEMAKER}model/dev-*"), name=name)
        found = ask(account, arn=identity.arn).lines[0].residue
        assert [item.policy for item in found] == [name]
        why = explain(account, Question(), identity.arn, "sagemaker:CreateModel", "model")
        assert [item.policy for item in why.residue] == [name]


def test_what_changes_nothing_is_not_told(account: Account, dana: Identity) -> None:
    has(
        dana,
        statement("sagemaker:*", f"{SAGEMAKER}model/dev-*"),
        statement("sagemaker:DeleteModel", f"{SAGEMAKER}model/dev-1", Condition=TEAM),
        statement("sagemaker:*", f"{SAGEMAKER}model/prod-*", "Deny"),
        statement("sagemaker:*", f"{SAGEMAKER}model/dev-1*", "Deny"),
        statement("sagemaker:*", f"{SAGEMAKER}model/dev-1-*", "Deny", Condition=TEAM),
    )
    [(letter, _, text)] = told(ask(account, ("type", "model")))
    assert (letter, text) == ("S", "on model/dev-*; not on model/dev-1*")


def test_of_exceptions_the_fewest_are_told(account: Account, dana: Identity) -> None:
    few, many = f"{SAGEMAKER}model/a*", [f"{SAGEMAKER}model/a*", f"{SAGEMAKER}model/b*"]
    both = [{"Effect": "Allow", "Action": "sagemaker:*", "NotResource": left_out} for left_out in (few, many)]
    has(dana, *both)
    assert [text for _, _, text in told(ask(account, ("type", "model")))] == ["on all but model/a*"]


def test_actions_on_some_of_their_types_say_on_which(account: Account, dana: Identity) -> None:
    has(dana, statement("sagemaker:AddTags", f"{SAGEMAKER}*"), statement("sagemaker:*", f"{SAGEMAKER}model*/*", "Deny"))
    summary = ask(account)
    letter, names, text = told(summary)[0]
    assert (letter, text) == ("A", "")
    assert names.startswith("AddTags on all of its 62 resource types but model, model-bias-job-definition, ")
    has(dana, statement("sagemaker:ListTags", f"{SAGEMAKER}*/dev-*", Condition=TEAM), name="dev")
    found = told(ask(account, ("type", "endpoint"), ("type", "cluster"), ("exclude", "inline:dana/own")))
    assert ("C", "ListTags", "on */dev-* when aws:RequestTag/team is ml") in found
    has(dana, statement("sagemaker:*", f"{SAGEMAKER}endpoint/*", "Deny"), name="no-endpoints")
    found = told(ask(account, ("type", "endpoint"), ("type", "cluster"), ("exclude", "inline:dana/own")))
    assert ("C", "ListTags on any cluster", "on */dev-* when aws:RequestTag/team is ml") in found


def test_what_all_of_it_takes_is_said_once(account: Account, dana: Identity) -> None:
    has(
        dana,
        statement("sagemaker:CreateModel", Condition=TEAM),
        statement("sagemaker:DeleteModel", f"{SAGEMAKER}model/dev-*"),
        statement("*", effect="Deny", Condition=MFA),
        statement("*", effect="Deny", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "10"}}),
    )
    summary = ask(account)
    age = "not when aws:MultiFactorAuthAge is less than 10"
    assert shared_text(summary) == "All of it only when aws:MultiFactorAuthPresent is true."
    assert told(summary) == [
        ("C", "CreateModel", f"when aws:RequestTag/team is ml; {age}"),
        ("C", "DeleteModel", f"on model/dev-*; {age}"),
    ]
    # A single line says it itself, and so does each where one needs less.
    [(_, _, alone)] = told(ask(account, ("type", "model"), ("context", "aws:RequestTag/team=x")))
    assert alone == f"on model/dev-*; only when aws:MultiFactorAuthPresent is true; {age}"
    assert shared_text(ask(account, ("context", "aws:MultiFactorAuthPresent=true"))) == ""


def test_every_way_must_take_a_condition_for_all_to_take_it(account: Account, dana: Identity) -> None:
    prod = {"StringEquals": {"aws:RequestTag/team": "ml", "aws:RequestTag/stage": "prod"}}
    has(
        dana,
        statement("sagemaker:CreateModel", f"{SAGEMAKER}model/a-*", Condition=TEAM),
        statement("sagemaker:CreateModel", f"{SAGEMAKER}model/b-*", Condition=prod),
        statement("sagemaker:CreateApp", Condition=TEAM),
    )
    summary = ask(account)
    assert shared_text(summary) == "All of it only when aws:RequestTag/team is ml."
    assert ("C", "CreateModel", "on model/a-*; or on model/b-* when aws:RequestTag/stage is prod") in told(summary)
    assert ("C", "CreateApp", "") in told(summary)


def test_what_is_kept_away_names_the_layer(account: Account, dana: Identity) -> None:
    has(dana, statement("sagemaker:*"))
    dana.boundary = make.make_managed_policy(
        account,
        "ml-boundary",
        document(
            {"Effect": "Allow", "NotAction": "sagemaker:*Endpoint", "Resource": "*"},
            statement("sagemaker:DeleteModel", effect="Deny"),
            statement("sagemaker:DeleteApp", effect="Deny", Condition={"Null": {"aws:RequestTag/x": "true"}}),
            statement("sagemaker:DeleteApp", effect="Deny", Condition={"Null": {"aws:RequestTag/x": "false"}}),
        ),
    )
    dana.save()
    summary = ask(account, ("type", "model"), ("type", "endpoint"), ("type", "app"))
    found = {(letter, names): text for letter, names, text in told(summary)}
    assert found["E", "DeleteApp, DeleteModel"] == "denied by permissions boundary `ml-boundary`"
    [kept] = [text for (letter, _), text in found.items() if letter == "I"]
    assert kept == "not allowed by permissions boundary `ml-boundary`"
    assert "I" not in [letter for letter, _, _ in told(ask(account, ("exclude", "boundary")))]


def test_an_organization_that_does_not_allow_is_named_by_its_level(account: Account, dana: Identity) -> None:
    organization = make.make_organization()
    top = organization.units.get()
    unit = make.make_unit(top, "Sandbox")
    account.unit = unit
    account.save()
    make.make_organization_policy(organization, targets=(top, account))
    make.make_organization_policy(
        organization, document(statement("sagemaker:List*")), name="only-lists", targets=(unit,)
    )
    has(dana, statement(["sagemaker:ListModels", "sagemaker:CreateModel"]))
    assert told(ask(account)) == [
        ("A", "ListModels", ""),
        ("I", "CreateModel", "not allowed by the service control policies of Sandbox"),
    ]
    root = told(ask(account, ("type", "model"), arn=f"arn:aws:iam::{NUMBER}:root"))
    assert [(letter, text) for letter, _, text in root][-1] == (
        "I",
        "not allowed by the service control policies of Sandbox",
    )


def test_layers_that_allow_different_parts_leave_nothing(account: Account, dana: Identity) -> None:
    has(dana, statement("sagemaker:DeleteModel", f"{SAGEMAKER}model/dev-*"))
    prod = document(statement("sagemaker:*", f"{SAGEMAKER}model/prod-*"))
    dana.boundary = make.make_managed_policy(account, "prod-only", prod)
    dana.save()
    assert told(ask(account)) == [("I", "DeleteModel", "not allowed by permissions boundary `prod-only`")]


def test_an_action_that_lacks_a_required_type_is_not_counted(account: Account, dana: Identity) -> None:
    has(dana, statement("sagemaker:CreateEndpoint", f"{SAGEMAKER}endpoint/*"))
    summary = ask(account)
    assert told(summary) == [("A", "CreateEndpoint on any endpoint", "")]
    assert sentence_of(summary) == "None of 460 actions is possible."
    [sentence] = incomplete_text(summary)
    assert sentence == (
        "sagemaker:CreateEndpoint is not possible after all: it takes endpoint-config as well as endpoint, and is "
        "never allowed on that."
    )
    narrowed = ask(account, ("type", "endpoint"))
    assert [one.action for one in narrowed.incomplete] == ["sagemaker:CreateEndpoint"]
    assert told(narrowed) == [("A", "CreateEndpoint", "")]
    has(dana, statement("sagemaker:CreateEndpoint", f"{SAGEMAKER}endpoint-config/a*"), name="more")
    assert not ask(account).incomplete


def test_what_cannot_be_decided_is_a_line_with_its_reason(account: Account, dana: Identity) -> None:
    make.attach(dana, make.make_managed_policy(account, "lost", None))
    make.make_organization_policy(make.make_organization())
    summary = ask(account)
    [line] = summary.lines
    assert (line.verdict.value, len(line.cells), line.residue) == ("U", 684, ())
    assert line.undecided == "policy documents that could not be read: lost"
    assert sentence_of(summary) == "460 are undecided."


def test_everything_and_nothing_are_said_in_a_sentence(account: Account, dana: Identity) -> None:
    assert sentence_of(ask(account)) == "None of 460 actions is possible."
    assert untold_text(ask(account)) == "All 684 cells are implicit denies: none of its policies allows anything there."
    root = ask(account, arn=f"arn:aws:iam::{NUMBER}:root")
    assert told(root) == [("A", "*", "")]
    assert sentence_of(root) == "All 460 actions are possible, on every resource and in every context."
    assert untold_text(root) == ""


def test_variables_that_are_known_are_filled_in_and_others_stay(account: Account, dana: Identity) -> None:
    group = make.make_identity(account, "group", "team")
    has(group, statement("sagemaker:DeleteModel", f"{SAGEMAKER}model/${{aws:username}}-*"))
    make.join(dana, group)
    assert told(ask(account)) == [("S", "DeleteModel", "on model/dana-*")]
    assert told(ask(account, arn=group.arn)) == [("C", "DeleteModel", "on model/${aws:username}-*")]
    old = {"Statement": [statement("sagemaker:DeleteModel", f"{SAGEMAKER}model/${{user}}-*")]}
    make.make_inline_policy(make.make_identity(account, "user", "erin"), old, "old")
    # In the language of 2008 there are no variables: it is text, and is written as such.
    assert told(ask(account, arn=DANA.replace("dana", "erin")))[0][2] == "on model/${$}{user}-*"


def test_a_chosen_region_and_what_ifs_count(account: Account, dana: Identity) -> None:
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    has(dana, statement("sagemaker:ListModels"), statement("*", effect="Deny", Condition=region))
    assert told(ask(account)) == [("C", "ListModels", "only when aws:RequestedRegion is eu-west-1")]
    assert told(ask(account, ("region", "eu-west-1"))) == [("A", "ListModels", "")]
    assert told(ask(account, ("region", "us-east-1"))) == [("E", "ListModels", "denied by identity policy `own`")]
    added = '{"Statement": {"Effect": "Allow", "Action": "sagemaker:CreateApp", "Resource": "*"}}'
    found = told(ask(account, ("region", "eu-west-1"), ("add", added)))
    assert found == [("A", "CreateApp, ListModels", "")]
    assert ask(account, ("add", f"arn:aws:iam::{NUMBER}:policy/nobody")).problems


def test_one_identity_must_be_named(account: Account, dana: Identity) -> None:
    with pytest.raises(QuestionError, match="name one identity"):
        question_of(ListQuery([]))
    with pytest.raises(QuestionError, match="name one identity"):
        question_of(ListQuery([("identity", DANA), ("identity", DANA.replace("dana", "erin"))]))
    with pytest.raises(UnknownIdentity):
        ask(account, arn=DANA.replace("dana", "nobody"))
