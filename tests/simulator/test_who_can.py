"""Who can do an action on a resource: each case is a few accounts, a question, and what is said of whom."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.accounts.services import content_changed
from policystudio.engine.decision import Layer
from policystudio.engine.exact.cell import CellVerdict
from policystudio.identities.models import Identity
from policystudio.simulator.who_can import Answer, Found, forget_answers, who_can
from policystudio.simulator.who_can_evidence import Prover
from policystudio.simulator.who_can_question import who_can_question
from tests import factories as make
from tests.support.stored import Json, allow, deny, document, trust

pytestmark = pytest.mark.django_db

ONE, TWO, AWAY = "111122223333", "444455556666", "777788889999"
ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ONE}:endpoint/prod-1"
DELETE = allow("sagemaker:DeleteEndpoint")
ASSUME = allow("sts:AssumeRole")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    forget_answers()


@pytest.fixture
def one() -> Account:
    return make.make_account(ONE, "one")


@pytest.fixture
def two() -> Account:
    return make.make_account(TWO, "two")


def ask(account: Account, action: str = "sagemaker:DeleteEndpoint", resource: str = ENDPOINT, **more: Any) -> Answer:
    values = {name: value if isinstance(value, list) else [value] for name, value in more.items()}
    question = who_can_question(account, {"action": [action], "resource": [resource], **values})
    return who_can(account, question, Account.objects.select_related("unit__organization"))


def told(answer: Answer) -> dict[str, str]:
    """The rows that are possible: by name, the letter of the verdict."""
    return {row.name: row.verdict.value for row in answer.rows if row.is_possible and row.kind != "root"}


def row_of(answer: Answer, name: str) -> Found:
    (found,) = [row for row in answer.rows if row.name == name]
    return found


def ways(answer: Answer, name: str) -> list[str]:
    """The chains of somebody: `role A>other C`, the letter behind each role being that of its step."""
    chains, _ = answer.chains(row_of(answer, name))
    return [">".join(f"{one.role.rpartition('/')[2]} {one.cell.verdict.value}" for one in chain) for chain in chains]


def user(account: Account, name: str, *statements: Json, **fields: Any) -> Identity:
    made = make.make_identity(account, "user", name, **fields)
    if statements:
        make.make_inline_policy(made, document(*statements), "own")
    return made


def role(account: Account, name: str, trusts: list[Json], *statements: Json, **fields: Any) -> Identity:
    made = make.make_identity(
        account, "role", name, trust_document=make.make_document(document(*trusts), "trust"), **fields
    )
    if statements:
        make.make_inline_policy(made, document(*statements), "own")
    return made


def arn(account: str, kind: str, name: str) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def root(account: str) -> Json:
    return {"AWS": f"arn:aws:iam::{account}:root"}


# --- By their own policies -------------------------------------------------------------------------------------------


def test_own_policies_of_a_group_and_none(one: Account) -> None:
    user(one, "ana", DELETE)
    bo = user(one, "bo")
    team = make.make_identity(one, "group", "team")
    make.make_inline_policy(team, document(allow("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint/prod-*")))
    make.join(bo, team)
    user(one, "cy", allow("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint/dev-*"))
    user(one, "di", DELETE, deny("*", ENDPOINT))
    answer = ask(one)
    assert told(answer) == {"ana": "A", "bo": "A", "team": "A"}
    assert [(row.name, row.verdict.value) for row in answer.rows] == [
        ("ana", "A"), ("bo", "A"), ("cy", "I"), ("di", "E"), ("team", "A"), ("root", "A"),
    ]  # fmt: skip
    assert answer.verdicts == {"A": 4, "I": 1, "E": 1}
    assert all(row.hops == 0 and row.by_roles is None for row in answer.rows)


def test_boundary_and_organization_limit(one: Account) -> None:
    limit = make.make_managed_policy(one, "limit", document(allow("sagemaker:*Model")))
    user(one, "ana", DELETE, boundary=limit)
    user(one, "bo", DELETE)
    assert told(ask(one)) == {"bo": "A"}
    organization = make.make_organization()
    one.unit = organization.units.get()
    one.save()
    make.make_organization_policy(organization, targets=(one.unit, one))
    guard = deny("sagemaker:Delete*", ENDPOINT, ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/rescue"})
    make.make_organization_policy(organization, document(guard), targets=(one,))
    role(one, "rescue", [trust(root(ONE))], DELETE)
    forget_answers()
    answer = ask(one)
    assert told(answer) == {"rescue": "A"}
    assert row_of(answer, "bo").verdict is row_of(answer, "root").verdict is CellVerdict.EXPLICIT_DENY
    assert row_of(answer, "ana").verdict is CellVerdict.IMPLICIT_DENY


def test_conditions_and_what_is_known(one: Account) -> None:
    user(one, "ana", allow("sagemaker:DeleteEndpoint", **MFA))
    answer = ask(one)
    assert told(answer) == {"ana": "C"}
    cell = row_of(answer, "ana").direct
    assert cell.allowed is not None
    assert cell.allowed.context == {"aws:MultiFactorAuthPresent": ("true",)}
    assert told(ask(one, context="aws:MultiFactorAuthPresent=true")) == {"ana": "A"}
    assert told(ask(one, context="!aws:MultiFactorAuthPresent")) == {}


def test_the_region_of_the_resource_is_known(one: Account) -> None:
    there = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    user(one, "ana", allow("sagemaker:DeleteEndpoint", **there))
    assert told(ask(one)) == {"ana": "A"}
    assert told(ask(one, resource=ENDPOINT.replace("eu-west-1", "us-east-1"))) == {}
    assert told(ask(one, resource=ENDPOINT.replace("eu-west-1", "*"))) == {"ana": "C"}
    assert told(ask(one, context="aws:RequestedRegion=us-east-1")) == {}


def test_the_tags_of_a_resource_that_is_known(one: Account) -> None:
    user(one, "ana", allow("sagemaker:DeleteEndpoint", StringEquals={"aws:ResourceTag/team": "ml"}))
    user(one, "bo", allow("sagemaker:DeleteEndpoint", StringEquals={"sagemaker:ResourceTag/stage": "dev"}))
    user(one, "cy", allow("sagemaker:DeleteEndpoint", Null={"aws:ResourceTag/owner": "true"}))
    assert told(ask(one)) == {"ana": "C", "bo": "C", "cy": "C"}
    make.make_resource(one, "endpoint", "prod-1", region="eu-west-1", tags={"team": "ml"})
    forget_answers()
    assert told(ask(one)) == {"ana": "A", "cy": "A"}
    assert told(ask(one, context="aws:ResourceTag/team=other")) == {"cy": "A"}
    assert told(ask(one, resource=ENDPOINT.replace("prod-1", "prod-2"))) == {"ana": "C", "bo": "C", "cy": "C"}


def test_the_user_id_of_a_role_s_sessions(one: Account, two: Account) -> None:
    """Whatever their names, unless a policy asks for them."""
    role(one, "ci", [trust(root(ONE))], allow("sagemaker:*", StringLike={"aws:userid": "AROACI:*"}), unique_id="AROACI")
    role(one, "cd", [trust(root(ONE))], allow("sagemaker:*", StringLike={"aws:userid": "AROACI:*"}), unique_id="AROACD")
    role(
        one,
        "me",
        [trust(root(ONE))],
        allow("sagemaker:*", StringEquals={"aws:userid": "AROAME:me"}),
        unique_id="AROAME",
    )
    assert told(ask(one)) == {"ci": "A", "me": "C"}
    role(two, "hub", [trust(root(TWO))], ASSUME, unique_id="AROAHUB")
    named = {"StringEquals": {"aws:userid": ["AROAHUB:deploy", "AROACI:x"]}}
    role(one, "operator", [trust({"AWS": "*"}, **named)], DELETE)
    content_changed(one)
    assert told(ask(one)) == {"ci": "A", "me": "C", "operator": "A", "hub": "C", "anyone in any other account": "C"}


def test_any_of_a_pattern(one: Account) -> None:
    user(one, "ana", allow("sagemaker:DeleteEndpoint", "arn:aws:sagemaker:*:*:endpoint/prod-a*"))
    user(one, "bo", allow("sagemaker:DeleteEndpoint", "arn:aws:sagemaker:*:*:endpoint/p*"))
    user(one, "cy", allow("sagemaker:DeleteEndpoint", "arn:aws:sagemaker:*:*:endpoint/dev-*"))
    user(one, "di", allow("sagemaker:DeleteEndpoint", f"arn:aws:sagemaker:*:{ONE}:endpoint/${{aws:username}}-*"))
    pattern = "arn:aws:sagemaker:*:*:endpoint/prod-*"
    answer = ask(one, resource=pattern)
    assert told(answer) == {"ana": "S", "bo": "A"}
    assert answer.question.resource == f"arn:aws:sagemaker:*:{ONE}:endpoint/prod-*"
    assert told(ask(one, resource="arn:aws:sagemaker:*:*:endpoint/di-*")) == {"di": "A"}
    assert told(ask(one, resource="*")) == {"ana": "S", "bo": "S", "cy": "S", "di": "S"}


def test_an_action_without_a_resource(one: Account) -> None:
    user(one, "ana", allow("sagemaker:ListEndpoints"))
    user(one, "bo", allow("sagemaker:ListEndpoints", "arn:aws:sagemaker:*:*:endpoint/*"))
    assert told(ask(one, "sagemaker:ListEndpoints", "*")) == {"ana": "A"}


def test_an_action_on_what_it_does_not_act_on_is_noted(one: Account) -> None:
    answer = ask(one, resource=f"arn:aws:sagemaker:eu-west-1:{ONE}:model/x")
    assert "sagemaker:DeleteEndpoint does not act on a resource with such an ARN." in answer.notes


# --- By assuming roles -----------------------------------------------------------------------------------------------


def test_who_may_assume_a_role_can_what_it_can(one: Account) -> None:
    user(one, "ana", ASSUME)
    user(one, "bo", allow("sts:AssumeRole", arn(ONE, "role", "other")))
    user(one, "cy")
    role(one, "operator", [trust(root(ONE))], DELETE)
    answer = ask(one)
    assert told(answer) == {"ana": "A", "operator": "A"}
    ana = row_of(answer, "ana")
    assert (ana.direct.verdict, ana.by_roles, ana.hops) == (CellVerdict.IMPLICIT_DENY, CellVerdict.ALLOWED, 1)
    assert ways(answer, "ana") == ["operator A"]
    assert told(ask(one, hops="0")) == {"operator": "A"}


def test_filters_choose_among_the_rows(one: Account) -> None:
    user(one, "ana", ASSUME)
    user(one, "bo")
    role(one, "operator", [trust(root(ONE))], DELETE)
    values = {"action": ["sagemaker:DeleteEndpoint"], "resource": [ENDPOINT]}
    answer = ask(one)

    def chosen(**more: list[str]) -> list[str]:
        return [row.name for row in answer.chosen(who_can_question(one, {**values, **more}))]

    assert chosen() == ["ana", "bo", "operator", "root"]
    assert chosen(verdict=["A"]) == ["ana", "operator", "root"]
    assert chosen(verdict=["I"]) == ["bo"]
    assert chosen(direct=["1"]) == ["operator", "root"]


def test_a_trust_policy_that_names_the_user_needs_no_policy_of_the_user(one: Account) -> None:
    user(one, "ana")
    user(one, "bo", boundary=make.make_managed_policy(one, "limit", document(allow("s3:*"))))
    user(one, "cy", deny("sts:*"))
    role(one, "operator", [trust({"AWS": [arn(ONE, "user", name) for name in ("ana", "bo", "cy")]})], DELETE)
    assert told(ask(one)) == {"ana": "A", "bo": "A", "operator": "A"}


def test_one_that_names_a_role_leaves_its_boundary_in_force(one: Account) -> None:
    role(one, "free", [trust(root(ONE))])
    limit = make.make_managed_policy(one, "limit", document(allow("s3:*")))
    role(one, "bound", [trust(root(ONE))], boundary=limit)
    role(one, "operator", [trust({"AWS": [arn(ONE, "role", "free"), arn(ONE, "role", "bound")]})], DELETE)
    assert told(ask(one)) == {"free": "A", "operator": "A"}


def test_chains_of_two_roles_and_a_limit_that_cuts_them(one: Account) -> None:
    user(one, "ana", allow("sts:AssumeRole", arn(ONE, "role", "first")))
    role(one, "first", [trust(root(ONE))], allow("sts:AssumeRole", arn(ONE, "role", "second")))
    role(one, "second", [trust({"AWS": arn(ONE, "role", "first")}, **MFA)], DELETE)
    answer = ask(one)
    assert told(answer) == {"ana": "C", "first": "C", "second": "A"}
    assert ways(answer, "ana") == ["first A>second C"]
    assert (row_of(answer, "ana").hops, row_of(answer, "first").hops, answer.cut) == (2, 1, False)
    short = ask(one, hops="1")
    assert told(short) == {"first": "C", "second": "A"}
    assert short.cut


def test_across_accounts_both_sides_must_allow(one: Account, two: Account) -> None:
    user(two, "ana", allow("sts:AssumeRole", arn(ONE, "role", "operator")))
    user(two, "bo")
    user(two, "cy", ASSUME)
    role(one, "operator", [trust({"AWS": [arn(TWO, "user", "ana"), arn(TWO, "user", "bo")]})], DELETE)
    answer = ask(one)
    assert told(answer) == {"operator": "A", "ana": "A"}
    assert row_of(answer, "ana").account == TWO
    assert [row.account for row in answer.rows].count(TWO) == 1  # of other accounts only who can


def test_chains_across_accounts(one: Account, two: Account) -> None:
    user(two, "ana", allow("sts:AssumeRole", arn(TWO, "role", "hub")))
    role(two, "hub", [trust(root(TWO))], allow("sts:AssumeRole", arn(ONE, "role", "operator")))
    role(one, "operator", [trust({"AWS": arn(TWO, "role", "hub")}, StringEquals={"sts:ExternalId": "q-7"})], DELETE)
    answer = ask(one)
    assert told(answer) == {"operator": "A", "ana": "C", "hub": "C"}
    assert ways(answer, "ana") == ["hub A>operator C"]
    (chain,), _ = answer.chains(row_of(answer, "ana"))
    assert chain[1].cell.allowed is not None
    assert chain[1].cell.allowed.context == {"sts:ExternalId": ("q-7",)}
    assert told(ask(one, context="sts:ExternalId=q-7")) == {"operator": "A", "ana": "A", "hub": "A"}
    assert told(ask(one, context="sts:ExternalId=other")) == {"operator": "A"}


def test_asked_from_another_account_its_people_come_first(one: Account, two: Account) -> None:
    user(two, "ana", ASSUME)
    role(one, "operator", [trust(root(TWO))], DELETE)
    answer = ask(two)
    assert [(row.account, row.name) for row in answer.rows] == [
        (TWO, "ana"), (TWO, "root"), (ONE, "operator"), (ONE, "root"),
    ]  # fmt: skip
    assert told(answer) == {"ana": "A", "operator": "A"}


def test_organization_policies_take_part_in_assuming(one: Account, two: Account) -> None:
    user(two, "ana", ASSUME)
    role(one, "operator", [trust(root(TWO))], DELETE)
    organization = make.make_organization()
    for account in (one, two):
        account.unit = organization.units.get()
        account.save()
    make.make_organization_policy(organization, targets=(one, two, organization.units.get()))
    assert told(ask(one)) == {"operator": "A", "ana": "A"}
    everything = document({**allow("*"), "Principal": "*"})
    make.make_organization_policy(organization, everything, kind="rcp", targets=(one, two, organization.units.get()))
    foreign = {"StringNotEquals": {"aws:PrincipalAccount": ONE}}
    strict = document({**deny("sts:*", arn(ONE, "role", "operator"), **foreign), "Principal": "*"})
    make.make_organization_policy(organization, strict, kind="rcp", targets=(one,))
    forget_answers()
    assert told(ask(one)) == {"operator": "A"}


def test_a_resource_control_policy_tells_roles_of_one_trust_policy_apart(one: Account) -> None:
    organization = make.make_organization()
    one.unit = organization.units.get()
    one.save()
    strict = document({**deny("sts:*", arn(ONE, "role", "a")), "Principal": "*"}, {**allow("*"), "Principal": "*"})
    make.make_organization_policy(organization, strict, kind="rcp", targets=(one, organization.units.get()))
    make.make_organization_policy(organization, targets=(one, organization.units.get()))
    service = [trust({"Service": "lambda.amazonaws.com"})]
    role(one, "a", service, DELETE)
    role(one, "b", service, DELETE)
    answer = ask(one)
    assert ways(answer, "lambda.amazonaws.com") == ["b A"]


# --- Single sessions, services, providers, and others who are no identities ------------------------------------------


def test_a_single_session_of_a_role(one: Account) -> None:
    user(one, "ana", allow("sts:AssumeRole", arn(ONE, "role", "ci")))
    role(one, "ci", [trust(root(ONE))])
    session = f"arn:aws:sts::{ONE}:assumed-role/ci/deploy"
    role(one, "operator", [trust({"AWS": session})], DELETE)
    answer = ask(one)
    assert told(answer) == {"ana": "C", "ci": "C", "operator": "A", "assumed-role/ci/deploy": "A"}
    assert row_of(answer, "assumed-role/ci/deploy").kind == "session"
    (chain,), _ = answer.chains(row_of(answer, "ana"))
    assert [step.besides for step in chain] == ["", "the session is named `deploy`"]


def test_a_session_s_arn_does_not_tell_the_path_of_its_role(one: Account) -> None:
    role(one, "ci", [trust(root(ONE))], path="/automation/")
    session = f"arn:aws:sts::{ONE}:assumed-role/ci/deploy"
    role(one, "operator", [trust({"AWS": session})], DELETE)
    answer = ask(one)
    assert told(answer) == {"ci": "C", "operator": "A", "assumed-role/ci/deploy": "A"}
    evidence = Prover(answer).chains(row_of(answer, "ci"))[0][0].steps[0][1]
    assert evidence.allowed is not None


def test_a_denied_session_leaves_the_others(one: Account) -> None:
    role(one, "ci", [trust(root(ONE))])
    session = f"arn:aws:sts::{ONE}:assumed-role/ci/deploy"
    role(one, "operator", [trust({"AWS": arn(ONE, "role", "ci")}), trust({"AWS": session}, effect="Deny")], DELETE)
    answer = ask(one)
    assert told(answer) == {"ci": "C", "operator": "A"}
    (chain,), _ = answer.chains(row_of(answer, "ci"))
    assert chain[0].besides == "the session is not named `deploy`"


def test_a_session_of_another_account_needs_its_role_s_policies(one: Account, two: Account) -> None:
    role(two, "ci", [trust(root(TWO))])
    role(two, "cd", [trust(root(TWO))], ASSUME)
    sessions = [f"arn:aws:sts::{TWO}:assumed-role/{name}/deploy" for name in ("ci", "cd", "nobody")]
    role(one, "operator", [trust({"AWS": sessions})], DELETE)
    assert told(ask(one)) == {"operator": "A", "cd": "C", "assumed-role/cd/deploy": "A"}


def test_services_are_no_identities_but_assume_roles(one: Account) -> None:
    service = {"Service": "sagemaker.amazonaws.com"}
    role(one, "job", [trust(service, StringEquals={"aws:SourceAccount": ONE})], DELETE)
    answer = ask(one)
    found = row_of(answer, "sagemaker.amazonaws.com")
    assert (found.kind, found.account, found.verdict, found.hops) == ("service", "", CellVerdict.CONDITIONAL, 1)
    assert told(ask(one, context=f"aws:SourceAccount={ONE}"))["sagemaker.amazonaws.com"] == "A"


def test_identity_providers_assume_roles_by_their_own_actions(one: Account) -> None:
    oidc = f"arn:aws:iam::{ONE}:oidc-provider/token.actions.githubusercontent.com"
    saml = f"arn:aws:iam::{ONE}:saml-provider/office"
    subject = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:quillmere/*"}}
    role(one, "ci", [trust({"Federated": oidc}, "sts:AssumeRoleWithWebIdentity", **subject)], DELETE)
    role(one, "staff", [trust({"Federated": saml}, "sts:AssumeRoleWithSAML")], DELETE)
    role(one, "wrong", [trust({"Federated": saml}, "sts:AssumeRole")], DELETE)
    answer = ask(one)
    actions = {
        name: [(step.action, step.role.rpartition("/")[2]) for (step,) in answer.chains(row_of(answer, name))[0]]
        for name in ("token.actions.githubusercontent.com", "office")
    }
    assert actions == {
        "token.actions.githubusercontent.com": [("sts:AssumeRoleWithWebIdentity", "ci")],
        "office": [("sts:AssumeRoleWithSAML", "staff")],
    }
    assert told(answer)["token.actions.githubusercontent.com"] == "C"
    assert told(answer)["office"] == "A"


def test_principals_of_accounts_that_are_not_known_are_told_as_such(one: Account) -> None:
    role(
        one,
        "partner",
        [trust({"AWS": [AWAY, arn(AWAY, "role", "sync")]}, Bool={"aws:SecureTransport": "true"})],
        DELETE,
    )
    answer = ask(one)
    assert told(answer) == {"partner": "A", f"account {AWAY}": "C", f"role/sync of account {AWAY}": "C"}
    (chain,), _ = answer.chains(row_of(answer, f"account {AWAY}"))
    assert "which are not known here" in chain[0].besides


def test_everyone(one: Account, two: Account) -> None:
    user(one, "ana")
    user(two, "bo", ASSUME)
    user(two, "cy")
    role(one, "open", [trust("*")], DELETE)
    answer = ask(one)
    assert told(answer) == {"ana": "A", "open": "A", "bo": "A", "anyone in any other account": "C"}


# --- Who may assume a role -------------------------------------------------------------------------------------------


def test_who_may_assume_a_role(one: Account, two: Account) -> None:
    user(one, "ana", ASSUME)
    user(one, "bo", ASSUME, deny("sts:AssumeRole", arn(ONE, "role", "operator"), **MFA))
    user(one, "cy", ASSUME, deny("sts:*"))
    user(one, "di")
    user(two, "eve", ASSUME)
    role(one, "hub", [trust({"AWS": arn(ONE, "user", "di")})], ASSUME)
    role(one, "operator", [trust({"AWS": [ONE, TWO]}), trust({"Service": "ec2.amazonaws.com"})])
    answer = ask(one, "sts:AssumeRole", arn(ONE, "role", "operator"))
    assert {row.name: row.verdict.value for row in answer.rows} == {
        "ana": "A", "bo": "C", "cy": "E", "di": "A", "hub": "A", "operator": "I", "root": "I", "eve": "A",
        "ec2.amazonaws.com": "A",
    }  # fmt: skip
    assert (row_of(answer, "di").hops, row_of(answer, "di").direct.verdict.value) == (1, "I")
    assert ways(answer, "di") == ["hub A"]
    layers = {placed.layer for placed in answer.steps[arn(ONE, "user", "ana")].placed}
    assert layers == {Layer.IDENTITY, Layer.RESOURCE}


def test_a_role_that_is_not_there(one: Account) -> None:
    user(one, "ana", ASSUME)
    answer = ask(one, "sts:AssumeRole", arn(ONE, "role", "nothing"))
    assert told(answer) == {}
    assert "The role is not known here, so nothing can be said of whom it trusts." in answer.notes


# --- What is not known -----------------------------------------------------------------------------------------------


def test_a_policy_that_cannot_be_read_leaves_it_undecided(one: Account) -> None:
    ana = user(one, "ana", DELETE)
    make.make_inline_policy(ana, '{"Statement": 7}', "broken")
    user(one, "bo", DELETE, boundary=make.make_managed_policy(one, "lost", None))
    user(one, "cy", gaps=["the group `x` is not in the export"])
    user(one, "di", boundary=make.make_managed_policy(one, "limit", document(allow("s3:*"))), gaps=["something"])
    answer = ask(one)
    assert told(answer) == {"ana": "U", "bo": "U", "cy": "U"}
    assert "broken" in row_of(answer, "ana").direct.undecided
    assert "lost" in row_of(answer, "bo").direct.undecided


def test_a_trust_policy_that_cannot_be_read_lets_in_nobody_knows_whom(one: Account) -> None:
    user(one, "ana", ASSUME)
    broken = make.make_document('{"Statement": []}', "trust")
    lost = make.make_identity(one, "role", "lost", trust_document=broken)
    make.make_inline_policy(lost, document(DELETE))
    answer = ask(one)
    assert told(answer) == {"lost": "A", "whoever lost trusts": "U"}
    found = row_of(answer, "whoever lost trusts")
    assert (found.kind, ways(answer, found.name)) == ("unread", ["lost U"])
    assert "Whom these roles trust could not be read: lost." in answer.notes
    assumed = ask(one, "sts:AssumeRole", lost.arn)
    assert told(assumed) == {"whoever lost trusts": "U"}


def test_a_resource_control_policy_that_cannot_be_read(one: Account) -> None:
    organization = make.make_organization()
    one.unit = organization.units.get()
    one.save()
    make.make_organization_policy(organization, targets=(one, one.unit))
    make.make_organization_policy(organization, "{", kind="rcp", name="guard", targets=(one, one.unit))
    user(one, "ana", ASSUME)
    role(one, "operator", [trust(root(ONE)), trust({"Service": "ec2.amazonaws.com"})], DELETE)
    role(one, "linked", [trust(root(ONE))], ASSUME, service_linked=True)
    answer = ask(one)
    assert told(answer) == {"ana": "U", "operator": "A", "linked": "A", "ec2.amazonaws.com": "U"}


def test_the_resource_of_an_account_that_is_not_known(one: Account, two: Account) -> None:
    user(one, "ana", allow("sts:AssumeRole", f"arn:aws:iam::{AWAY}:role/*"), DELETE)
    user(one, "bo", allow("sts:AssumeRole", arn(ONE, "role", "hub")))
    user(one, "cy", DELETE, allow("sts:AssumeRole", arn(ONE, "role", "other")))
    role(one, "hub", [trust(root(ONE))], ASSUME)
    user(two, "eve", ASSUME)
    answer = ask(one, resource=ENDPOINT.replace(ONE, AWAY))
    assert told(answer) == {"ana": "U", "bo": "U", "hub": "U", "eve": "U"}
    assert ways(answer, "bo") == ["hub A>* U"]
    assert any(f"Account {AWAY}" in note and "is not known here" in note for note in answer.notes)
    assumed = ask(one, "sts:AssumeRole", arn(AWAY, "role", "admin"))
    assert told(assumed) == {"ana": "U", "bo": "U", "hub": "U", "eve": "U"}
    assert row_of(assumed, "bo").direct.verdict is CellVerdict.IMPLICIT_DENY


def test_policies_of_resources_are_noted(one: Account) -> None:
    user(one, "ana", allow("*"))
    s3 = ask(one, "s3:GetObject", "arn:aws:s3:::reports/*")
    kms = ask(one, "kms:Decrypt", f"arn:aws:kms:eu-west-1:{ONE}:key/6f1d0c52")
    assert (told(s3), told(kms)) == ({"ana": "A"}, {"ana": "A"})
    assert any("Policies of resources of s3 are not stored" in note for note in s3.notes)
    assert any("Key policies are not stored" in note for note in kms.notes)
    assert not ask(one, "sagemaker:DeleteModel", f"arn:aws:sagemaker:eu-west-1:{ONE}:model/x").notes


# --- Whose accounts count, and what is kept --------------------------------------------------------------------------


def test_accounts_that_the_asker_may_not_see_are_as_if_not_known(one: Account, two: Account) -> None:
    user(two, "ana", ASSUME)
    role(one, "operator", [trust(root(TWO))], DELETE)
    question = who_can_question(one, {"action": ["sagemaker:DeleteEndpoint"], "resource": [ENDPOINT]})
    everybody = who_can(one, question, Account.objects.all())
    only = who_can(one, question, Account.objects.filter(pk=one.pk))
    assert told(everybody) == {"operator": "A", "ana": "A"}
    assert told(only) == {"operator": "A", f"account {TWO}": "C"}


def test_answers_are_kept_until_something_changes(one: Account, django_assert_num_queries: Any) -> None:
    user(one, "ana", DELETE)
    first = ask(one)
    with django_assert_num_queries(1):
        assert ask(one) is first
    assert ask(one, verdict="A") is first
    assert ask(one, hops="1") is not first
    user(one, "bo", DELETE)
    content_changed(one)
    again = ask(one)
    assert again is not first
    assert told(again) == {"ana": "A", "bo": "A"}
