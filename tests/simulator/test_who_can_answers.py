"""Answers in words and as data: what each way takes, what stands in the way, and requests as proof."""

from typing import Any

import pytest

from policystudio.accounts.models import Account
from policystudio.engine.document import Condition, Quantifier
from policystudio.simulator.who_can import forget_answers
from policystudio.simulator.who_can_answers import answer_as_json, answer_as_lines, rows_as_json
from policystudio.simulator.who_can_question import who_can_question
from policystudio.simulator.who_can_words import answer_of, name_of, phrase, phrases, question_of
from tests import factories as make
from tests.simulator.test_who_can import (
    ASSUME,
    AWAY,
    DELETE,
    ENDPOINT,
    MFA,
    ONE,
    TWO,
    arn,
    ask,
    role,
    root,
    user,
)
from tests.support.stored import allow, deny, document, trust

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_known() -> None:
    forget_answers()


@pytest.fixture
def one() -> Account:
    return make.make_account(ONE, "one")


@pytest.fixture
def two() -> Account:
    return make.make_account(TWO, "two")


def rule(operator: str, key: str, *values: str, if_exists: bool = False) -> Condition:
    return Condition(Quantifier.NONE, operator, if_exists, key, values)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (rule("Bool", "aws:MultiFactorAuthPresent", "true"), "signed in with MFA"),
        (rule("Bool", "aws:MultiFactorAuthPresent", "false"), "when aws:MultiFactorAuthPresent is false"),
        (
            rule("Bool", "aws:MultiFactorAuthPresent", "true", if_exists=True),
            "when aws:MultiFactorAuthPresent, if present, is true",
        ),
        (rule("NumericLessThan", "aws:MultiFactorAuthAge", "3600"), "with MFA of the last 3600 seconds"),
        (rule("StringEquals", "sts:ExternalId", "q-7"), "with the ExternalId q-7"),
        (rule("Null", "sts:ExternalId", "false"), "with an ExternalId"),
        (
            rule("IpAddress", "aws:SourceIp", "203.0.113.0/24", "198.51.100.0/24"),
            "from 203.0.113.0/24 or 198.51.100.0/24",
        ),
        (rule("StringEquals", "aws:PrincipalOrgID", "o-1"), "from organization o-1"),
        (rule("StringEquals", "aws:SourceVpce", "vpce-1"), "through VPC endpoint vpce-1"),
        (rule("StringEquals", "aws:SourceAccount", ONE), f"on behalf of account {ONE}"),
        (rule("StringEquals", "aws:RequestedRegion", "eu-west-1"), "in eu-west-1"),
        (rule("StringEquals", "aws:PrincipalTag/team", "ml"), "when aws:PrincipalTag/team is ml"),
        (rule("StringNotEquals", "sts:ExternalId", "x"), "when sts:ExternalId is not x"),
    ],
)
def test_conditions_as_people_say_them(condition: Condition, said: str) -> None:
    assert phrase(condition) == said


def test_conditions_together() -> None:
    mfa = rule("Bool", "aws:MultiFactorAuthPresent", "true")
    age = rule("NumericLessThan", "aws:MultiFactorAuthAge", "900")
    team, stage = (rule("StringEquals", f"aws:PrincipalTag/{name}", "x") for name in ("team", "stage"))
    assert (
        phrases([team, mfa, stage])
        == "signed in with MFA, when aws:PrincipalTag/team is x and aws:PrincipalTag/stage is x"
    )
    assert phrases([mfa, age]) == "with MFA of the last 900 seconds"


def test_names_of_keys() -> None:
    keys = {
        "sts:ExternalId": "ExternalId",
        "AWS:MultiFactorAuthPresent": "MFA",
        "aws:PrincipalTag/team": "tag of the caller",
        "token.actions.githubusercontent.com:sub": "claim of the identity provider",
        "saml:aud": "claim of the identity provider",
        "sagemaker:VpcSubnets": "",
    }
    assert {key: name_of(key) for key in keys} == keys


def row(answer: Any, name: str) -> dict[str, Any]:
    (found,) = [one for one in rows_as_json(answer, answer.rows) if one["name"] == name]
    return found


def test_the_question_and_its_answer_in_words(one: Account, two: Account) -> None:
    assert answer_of(ask(one)) == "The root user can."
    user(one, "ana", DELETE)
    assert question_of(ask(one).question) == "Who can DeleteEndpoint on endpoint/prod-1 in eu-west-1?"
    assert question_of(ask(one, "s3:GetObject", "arn:aws:s3:::logs/*").question) == "Who can s3:GetObject on logs/*?"
    assert question_of(ask(one, "sagemaker:ListModels", "*").question) == "Who can ListModels?"
    assert (
        question_of(ask(one, "sts:AssumeRole", arn(ONE, "role", "a/b")).question)
        == "Who can sts:AssumeRole on role/a/b?"
    )


def test_few_are_named_and_many_counted(one: Account, two: Account) -> None:
    user(one, "ana", allow("sagemaker:DeleteEndpoint", **MFA))
    user(two, "bo", ASSUME)
    operator = role(one, "operator", [trust(root(TWO))])
    assert answer_of(ask(one)) == "user/ana (under conditions) and the root user can."
    make.make_inline_policy(operator, document(DELETE))
    forget_answers()
    assert answer_of(ask(one)) == (
        "4 can: 3 always and 1 under conditions; of these 1 only by assuming roles and 1 from other accounts."
    )
    assert answer_of(ask(one, resource=ENDPOINT.replace(ONE, AWAY))) == "Nobody surely can; 1 is undecided."
    assert answer_of(ask(one, "sts:AssumeRole", arn(ONE, "role", "nobody"))) == "Nobody can."


def test_that_more_roles_would_let_others_in_is_told(one: Account) -> None:
    user(one, "ana", allow("sts:AssumeRole", arn(ONE, "role", "hub")))
    role(one, "hub", [trust(root(ONE))], ASSUME)
    role(one, "operator", [trust(root(ONE))], DELETE)
    assert answer_of(ask(one, hops="1")) == (
        "role/hub (by assuming a role), role/operator and the root user can; "
        "more than 1 role one after the other would let others in."
    )


def test_a_direct_cell_with_its_proof(one: Account) -> None:
    user(
        one,
        "ana",
        allow("sagemaker:*", "arn:aws:sagemaker:*:*:endpoint/prod-*", **MFA),
        deny("*", IpAddress={"aws:SourceIp": "192.0.2.0/24"}),
    )
    found = row(ask(one), "ana")
    cell = found["direct"]
    assert (cell["letter"], cell["verdict"], cell["by_context"]) == ("C", "conditional", True)
    assert cell["text"] == "allowed signed in with MFA, but not from 192.0.2.0/24"
    assert cell["conditions"] == [
        {"name": "MFA", "operator": "Bool", "key": "aws:MultiFactorAuthPresent", "values": ["true"], "denies": False},
        {
            "name": "source address",
            "operator": "IpAddress",
            "key": "aws:SourceIp",
            "values": ["192.0.2.0/24"],
            "denies": True,
        },
    ]
    assert cell["residue"]["allow"][0]["any_of"][0]["policy"] == "own"
    assert (cell["allowed"]["decision"], cell["allowed"]["resource"]) == ("allowed", ENDPOINT)
    assert cell["allowed"]["context"]["aws:MultiFactorAuthPresent"] == ["true"]
    assert cell["denied"]["decision"] in ("implicitDeny", "explicitDeny")
    assert found["by_roles"] is None


def test_what_stands_in_the_way(one: Account) -> None:
    limit = make.make_managed_policy(one, "limit", document(allow("s3:*")))
    user(one, "ana", DELETE, boundary=limit)
    user(one, "bo", DELETE, deny("sagemaker:*"))
    user(one, "cy")
    organization = make.make_organization()
    one.unit = organization.units.get()
    one.save()
    make.make_organization_policy(organization, targets=(one.unit, one))
    answer = ask(one)
    texts = {name: row(answer, name)["direct"]["text"] for name in ("ana", "bo", "cy")}
    assert texts == {
        "ana": "is not allowed by permissions boundary `limit`",
        "bo": "is denied by identity policy `own`",
        "cy": "is allowed by no identity policy",
    }
    make.make_organization_policy(organization, document(deny("sagemaker:Delete*")), name="guard", targets=(one,))
    forget_answers()
    assert row(ask(one), "root")["direct"]["text"] == "is denied by service control policy `guard`"


def test_chains_with_their_conditions(one: Account, two: Account) -> None:
    user(two, "ana", allow("sts:AssumeRole", arn(TWO, "role", "hub"), **MFA))
    role(two, "hub", [trust(root(TWO))], ASSUME)
    external = {"StringEquals": {"sts:ExternalId": "q-7"}}
    role(
        one,
        "operator",
        [trust(root(TWO), **external)],
        allow("sagemaker:*", NumericLessThan={"aws:MultiFactorAuthAge": "60"}),
    )
    found = row(ask(one), "ana")
    by_roles = found["by_roles"]
    assert (found["verdict"], found["hops"], by_roles["verdict"], by_roles["more"]) == (
        "conditional",
        2,
        "conditional",
        False,
    )
    (chain,) = by_roles["chains"]
    assert chain["text"] == (
        f"assumes role/hub of account {TWO} (signed in with MFA), then role/operator (with the ExternalId q-7); "
        "there allowed with MFA of the last 60 seconds"
    )
    assert [(step["action"], step["role"], step["letter"]) for step in chain["steps"]] == [
        ("sts:AssumeRole", arn(TWO, "role", "hub"), "C"),
        ("sts:AssumeRole", arn(ONE, "role", "operator"), "C"),
    ]
    assert [one["name"] for step in chain["steps"] for one in step["conditions"]] == ["MFA", "ExternalId"]
    assert chain["steps"][1]["allowed"]["context"] == {"sts:ExternalId": ["q-7"]}
    assert found["direct"]["text"] == f"is not of account {ONE}"


def test_outsiders_as_such(one: Account) -> None:
    role(one, "job", [trust({"Service": "sagemaker.amazonaws.com"}), trust({"AWS": AWAY})], DELETE)
    answer = ask(one)
    service = row(answer, "sagemaker.amazonaws.com")
    assert (service["kind"], service["account"], service["arn"]) == ("service", None, "sagemaker.amazonaws.com")
    assert service["by_roles"]["chains"][0]["text"] == "assumes role/job"
    assert service["by_roles"]["chains"][0]["steps"][0]["principal"] == "sagemaker.amazonaws.com"
    foreign = row(answer, f"account {AWAY}")
    assert (foreign["kind"], foreign["account"], foreign["verdict"]) == ("account", AWAY, "conditional")
    (step,) = foreign["by_roles"]["chains"][0]["steps"]
    assert step["besides"] == "the policies of its own account, which are not known here, allow it"
    assert step["allowed"]["decision"] == "allowed"
    assert step["principal"] is None


def test_who_makes_the_requests(one: Account) -> None:
    role(one, "ci", [trust(root(ONE))])
    session = f"arn:aws:sts::{ONE}:assumed-role/ci/deploy"
    role(one, "operator", [trust({"AWS": session})], DELETE)
    team = make.make_identity(one, "group", "team")
    make.make_inline_policy(team, document(DELETE))
    answer = ask(one)
    (step,) = row(answer, "ci")["by_roles"]["chains"][0]["steps"]
    assert (step["principal"], step["besides"]) == (session, "the session is named `deploy`")
    assert row(answer, "team")["direct"]["principal"] == f"arn:aws:iam::{ONE}:user/member-of-team"
    assert row(answer, "operator")["direct"]["principal"] == arn(ONE, "role", "operator")
    assert row(answer, "assumed-role/ci/deploy")["by_roles"]["chains"][0]["steps"][0]["principal"] == session


def test_why_somebody_may_not_assume_a_role(one: Account) -> None:
    user(one, "ana")
    user(one, "bo", ASSUME)
    user(one, "cy", ASSUME, deny("sts:*"))
    make.make_identity(one, "group", "team")
    role(one, "operator", [trust(root(ONE), **MFA), trust({"AWS": "*"}, "sts:TagSession")])
    role(one, "closed", [trust({"Service": "ec2.amazonaws.com"})])
    answer = ask(one, "sts:AssumeRole", arn(ONE, "role", "operator"))
    texts = {found["name"]: found["direct"]["text"] for found in rows_as_json(answer, answer.rows)}
    assert texts == {
        "ana": "is allowed by no identity policy",
        "bo": "allowed signed in with MFA",
        "cy": "is denied by identity policy `own`",
        "team": "is no principal: its members are asked themselves",
        "operator": "is the role itself",
        "closed": "is allowed by no identity policy",
        "root": "cannot assume roles",
    }
    closed = ask(one, "sts:AssumeRole", arn(ONE, "role", "closed"))
    assert row(closed, "bo")["direct"]["text"] == "is not named by the trust policy"


def test_kms_keys_are_asked_as_if_their_policy_let_the_account_decide(one: Account) -> None:
    user(one, "ana", allow("kms:Decrypt"))
    found = row(ask(one, "kms:Decrypt", f"arn:aws:kms:eu-west-1:{ONE}:key/6f1d0c52"), "ana")
    assert found["direct"]["allowed"]["decision"] == "allowed"


def test_lines_for_a_terminal(one: Account) -> None:
    user(one, "ana", ASSUME)
    user(one, "bo")
    role(one, "operator", [trust(root(ONE), **MFA)], DELETE)
    values = {"action": ["sagemaker:DeleteEndpoint"], "resource": [ENDPOINT]}
    answer, question = ask(one), who_can_question(one, values)
    assert list(answer_as_lines(answer, question, answer.chosen(question))) == [
        "user/ana (under conditions, by assuming a role), role/operator and the root user can.",
        "",
        "? user/ana  depends on conditions",
        "    ? assumes role/operator (signed in with MFA)",
        "",
        "✓ role/operator  allowed",
        "    by itself: allowed",
        "",
        "✓ the root user  allowed",
        "    by itself: allowed",
        "",
        "1 other cannot",
        "",
        f"note: {answer.notes[0]}",
    ]
    denied = who_can_question(one, {**values, "verdict": ["I"]})
    assert list(answer_as_lines(answer, denied, answer.chosen(denied)))[2:4] == [
        "  user/bo  implicit deny",
        "    by itself: is allowed by no identity policy",
    ]


def test_of_somebody_who_always_can_roles_are_only_mentioned(one: Account) -> None:
    user(one, "ana", ASSUME, DELETE)
    role(one, "operator", [trust(root(ONE))], DELETE)
    answer = ask(one)
    lines = list(answer_as_lines(answer, answer.question, answer.rows))
    assert lines[2:5] == ["✓ user/ana  allowed", "    by itself: allowed", "    also by assuming roles"]
    assert row(answer, "ana")["by_roles"]["chains"][0]["text"] == "assumes role/operator"


def test_the_answer_without_its_rows(one: Account) -> None:
    user(one, "ana", allow("s3:*"))
    answer = ask(one, "s3:GetObject", "arn:aws:s3:::logs/*", hops="2")
    assert answer_as_json(answer, answer.question) == {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::logs/*",
        "account": ONE,
        "owner": ONE,
        "hops": 2,
        "at": None,
        "change": None,
        "question": "Who can s3:GetObject on logs/*?",
        "sentence": "user/ana and the root user can.",
        "verdicts": {
            "allowed": 2, "some": 0, "conditional": 0, "explicitDeny": 0, "implicitDeny": 0, "undecided": 0,
        },
        "cut": False,
        "notes": list(answer.notes),
    }  # fmt: skip
