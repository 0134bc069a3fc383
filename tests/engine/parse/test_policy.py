"""The document and its statements: elements, what each kind of policy must and may have, where statements stand."""

import json
from pathlib import Path

import pytest

from policystudio.engine.document import Effect, Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.source import Problem
from tests.engine.parse.helpers import GOOD, Json, document, found, found_in_one, parse_one, problems, statement

IDENTITY, RESOURCE, TRUST = PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.TRUST
SCP, RCP = PolicyKind.SERVICE_CONTROL, PolicyKind.RESOURCE_CONTROL


# --- What a policy says ----------------------------------------------------------------------------------------------


def test_a_policy_keeps_every_element() -> None:
    text = """{
  "Version": "2012-10-17",
  "Id": "nightly",
  "Statement": [
    {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": ["123456789012"]}, "Action": ["s3:Get*", "s3:List?"],
     "NotResource": "arn:aws:s3:::b/*"},
    {"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, "NotAction": "*", "Resource": ["*"]}
  ]
}"""
    policy = parse_policy(text, RESOURCE)
    assert (policy.text, policy.kind, policy.version, policy.id) == (text, RESOURCE, "2012-10-17", "nightly")
    first, second = policy.statements
    assert (first.index, first.sid, first.effect) == (0, "one", Effect.ALLOW)
    assert [entry.value for entry in first.principals] == ["123456789012"]
    assert first.not_principals == ()
    assert (first.actions, first.not_actions) == (("s3:Get*", "s3:List?"), ())
    assert (first.resources, first.not_resources) == ((), ("arn:aws:s3:::b/*",))
    assert (second.index, second.sid, second.effect) == (1, None, Effect.DENY)
    assert [entry.value for entry in second.not_principals] == ["123456789012"]
    assert (second.actions, second.not_actions, second.resources) == ((), ("*",), ("*",))
    assert first.conditions == ()


@pytest.mark.parametrize("kind", list(PolicyKind))
def test_a_good_policy_of_each_kind(kind: PolicyKind) -> None:
    assert parse_one(kind).kind is kind


def test_a_policy_without_version_is_of_2008() -> None:
    policy = parse_policy(json.dumps({"Statement": [statement()]}))
    assert policy.version == "2008-10-17"
    assert not policy.has_variables


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_versions(version: str) -> None:
    assert parse_policy(document(statement(), Version=version)).version == version


@pytest.mark.parametrize("version", ["2012-10-18", "2012-10-17 ", "", 20121017, None, ["2012-10-17"]])
def test_other_versions_are_refused(version: Json) -> None:
    assert found(document(statement(), Version=version)) == [("version", json.dumps(version))]


# --- Where statements stand (evaluation.md 7.2) ----------------------------------------------------------------------

POSITIONS = json.loads((Path(__file__).parent.parent / "vectors.json").read_text())


@pytest.mark.parametrize("vector", [vector for vector in POSITIONS if vector["kind"] == "position"])
def test_published_positions(vector: dict[str, Json]) -> None:
    span = parse_policy(vector["policy"]).statements[vector["statement"]].span
    assert [span.start.line, span.start.column] == vector["start"]
    assert [span.end.line, span.end.column] == vector["end"]


def spans(policy: Policy) -> list[str]:
    return [policy.text[each.span.start.offset : each.span.end.offset] for each in policy.statements]


def test_a_span_starts_behind_the_token_before_the_statement() -> None:
    first, second = json.dumps(statement()), json.dumps(statement(Effect="Deny"))
    text = f'{{"Statement": [\n  {first} ,\n {second}\n]}}'
    assert spans(parse_policy(text)) == [f"\n  {first}", f" ,\n {second}"]
    assert parse_policy(text).statements[1].span.start.line == 2


def test_a_lone_statement_starts_behind_its_own_brace() -> None:
    alone = json.dumps(statement())
    assert spans(parse_policy(f'{{"Statement": {alone}}}')) == [alone[1:]]


# --- What is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (IDENTITY, "Principal"),
        (IDENTITY, "NotPrincipal"),
        (TRUST, "Resource"),
        (TRUST, "NotResource"),
        (TRUST, "NotPrincipal"),
        (SCP, "Principal"),
        (SCP, "NotPrincipal"),
        (RCP, "NotPrincipal"),
        (RCP, "NotAction"),
    ],
)
def test_elements_that_a_kind_may_not_have(kind: PolicyKind, name: str) -> None:
    plain = name.removeprefix("Not")
    others = {plain: None} if plain in GOOD[kind] else {}
    value = {"AWS": "*"} if "Principal" in name else "*"
    assert found_in_one(kind, **{**others, name: value}) == [("forbidden_element", json.dumps(value))]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (IDENTITY, "Effect", "the statement has no `Effect`"),
        (IDENTITY, "Action", "the statement has no `Action` or `NotAction`"),
        (IDENTITY, "Resource", "the statement has no `Resource` or `NotResource`"),
        (RESOURCE, "Principal", "the statement has no `Principal` or `NotPrincipal`"),
        (RESOURCE, "Action", "the statement has no `Action` or `NotAction`"),
        (TRUST, "Principal", "the statement has no `Principal`"),
        (TRUST, "Action", "the statement has no `Action` or `NotAction`"),
        (SCP, "Resource", "the statement has no `Resource` or `NotResource`"),
        (RCP, "Principal", "the statement has no `Principal`"),
        (RCP, "Action", "the statement has no `Action`"),
        (RCP, "Resource", "the statement has no `Resource` or `NotResource`"),
    ],
)
def test_elements_that_a_kind_must_have(kind: PolicyKind, name: str, message: str) -> None:
    (problem,) = problems(document(statement(kind, **{name: None})), kind)
    assert (problem.code, problem.message, problem.path) == ("missing_element", message, ("Statement", 0))


def test_a_resource_policy_may_be_about_its_own_resource() -> None:
    """As those of container repositories, which know no Resource element."""
    assert parse_one(RESOURCE, Resource=None).statements[0].resources == ()


@pytest.mark.parametrize("kind", [RESOURCE, TRUST, SCP, RCP])
def test_the_id_belongs_to_resource_policies(kind: PolicyKind) -> None:
    assert parse_policy(document(statement(kind), Id="any text"), kind).id == "any text"


def test_an_identity_policy_has_no_id() -> None:
    assert found(document(statement(), Id="x")) == [("forbidden_element", '"x"')]


@pytest.mark.parametrize(
    ("elements", "name"),
    [
        ({"NotAction": "s3:*"}, "NotAction"),
        ({"NotResource": "arn:aws:s3:::b"}, "NotResource"),
        ({"NotPrincipal": {"AWS": "123456789012"}, "Effect": "Deny"}, "NotPrincipal"),
    ],
)
def test_an_element_and_its_negation_exclude_each_other(elements: dict[str, Json], name: str) -> None:
    (problem,) = problems(document(statement(RESOURCE, **elements)), RESOURCE)
    assert (problem.code, problem.path) == ("combination", ("Statement", 0, name))
    assert problem.message.startswith(f"`{name.removeprefix('Not')}` and `{name}`")


def test_not_principal_denies() -> None:
    listed = {"AWS": "123456789012"}
    assert parse_one(RESOURCE, Principal=None, NotPrincipal=listed, Effect="Deny")
    assert found_in_one(RESOURCE, Principal=None, NotPrincipal=listed) == [("combination", json.dumps(listed))]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("effect", "unknown element `effect`: did you mean `Effect`?"),
        ("Actions", "unknown element `Actions`: did you mean `Action`?"),
        ("Conditons", "unknown element `Conditons`: did you mean `Condition`?"),
        ("NotActoin", "unknown element `NotActoin`: did you mean `NotAction`?"),
    ],
)
def test_an_unknown_element_proposes_the_known_one(name: str, message: str) -> None:
    (problem,) = problems(document({**statement(), name: "s3:*"}))
    assert (problem.code, problem.message, problem.path) == ("unknown_element", message, ("Statement", 0, name))


def test_a_misspelt_element_is_not_missing_too() -> None:
    assert found(document({"effect": "Allow", "Action": "*", "Resource": "*"})) == [("unknown_element", '"effect"')]
    assert found('{"Statements": []}') == [("unknown_element", '"Statements"')]


def test_an_element_like_no_other_lists_the_known_ones() -> None:
    (problem,) = problems(document(statement(), Comment="x"))
    assert problem.message == "unknown element `Comment`: a policy has `Version`, `Id`, `Statement`"


@pytest.mark.parametrize("effect", ["allow", "ALLOW", "Permit", "", None, True, ["Allow"]])
def test_effect(effect: Json) -> None:
    text = document({"Effect": effect, "Action": "*", "Resource": "*"})
    assert found(text) == [("effect", json.dumps(effect))]


@pytest.mark.parametrize("statements", ["x", 1, None, True])
def test_statement_is_an_object_or_a_list(statements: Json) -> None:
    assert found(json.dumps({"Statement": statements})) == [("type", json.dumps(statements))]


def test_a_statement_is_an_object() -> None:
    text = json.dumps({"Statement": ["x", [], 1, statement()]})
    assert found(text) == [("type", '"x"'), ("type", "[]"), ("type", "1")]


def test_there_is_at_least_one_statement() -> None:
    assert found('{"Version": "2012-10-17"}') == [("missing_element", '{"Version": "2012-10-17"}')]
    assert found('{"Statement": []}') == [("empty", "[]")]


@pytest.mark.parametrize("name", ["Action", "NotAction", "Resource", "NotResource"])
def test_lists_of_patterns_are_not_empty(name: str) -> None:
    """IAM: "Policy statement must contain actions", "… resources"."""
    elements = {name.removeprefix("Not"): None, name: []}
    assert found_in_one(**elements) == [("empty", "[]")]


@pytest.mark.parametrize("name", ["Action", "Resource"])
@pytest.mark.parametrize("value", [None, 1, True, {}, {"a": "b"}])
def test_patterns_are_texts(name: str, value: Json) -> None:
    text = json.dumps({"Statement": {**statement(), name: value}})
    assert found(text) == [("type", json.dumps(value))]
    text = json.dumps({"Statement": {**statement(), name: ["*", value]}})
    assert found(text) == [("type", json.dumps(value))]


@pytest.mark.parametrize("sid", [1, None, ["a"], {}])
def test_a_sid_is_text(sid: Json) -> None:
    text = json.dumps({"Statement": {**statement(), "Sid": sid}})
    assert found(text) == [("type", json.dumps(sid))]


@pytest.mark.parametrize("sid", ["with space", "dash-ed", "under_score", "dot.ted", "naïve", "a\n"])
def test_a_sid_of_an_identity_policy_is_alphanumeric(sid: str) -> None:
    assert found_in_one(Sid=sid) == [("sid", json.dumps(sid))]
    for kind in (RESOURCE, TRUST, SCP, RCP):
        assert parse_one(kind, Sid=sid).statements[0].sid == sid


def test_a_sid_is_unique_in_an_identity_policy() -> None:
    twice = [statement(Sid="a"), statement(Sid="b"), statement(Sid="a")]
    (problem,) = problems(document(*twice))
    assert (problem.code, problem.path) == ("duplicate_sid", ("Statement", 2, "Sid"))
    assert problem.message == "Sid `a` is already that of statement 1: a Sid must be unique in its policy"
    for kind in (RESOURCE, TRUST):
        assert parse_policy(document(*[statement(kind, Sid="a")] * 2), kind)


def test_several_statements_may_have_an_empty_sid() -> None:
    policy = parse_policy(document(statement(Sid=""), statement(Sid=""), statement()))
    assert [each.sid for each in policy.statements] == ["", "", None]


@pytest.mark.parametrize("kind", [IDENTITY, TRUST])
def test_the_characters_of_iam(kind: PolicyKind) -> None:
    condition = {"StringEquals": {"aws:x": "Zürich ÿ"}}
    text = document(statement(kind, Condition=condition)).replace(r"\u00fc", "ü").replace(r"\u00ff", "ÿ")
    assert parse_policy(text, kind).statements[0].conditions[0].values == ("Zürich ÿ",)
    text = text.replace("Zürich", "東京 x")
    assert found(text, kind) == [("character", "東京")]


def test_other_characters_as_escapes_and_where_another_service_keeps_the_policy() -> None:
    condition = {"StringEquals": {"aws:x": "東京"}}
    assert parse_one(Condition=condition).statements[0].conditions[0].values == ("東京",)
    for kind in (RESOURCE, SCP, RCP):
        raw = json.dumps({"Statement": [statement(kind, Condition=condition)]}, ensure_ascii=False)
        assert parse_policy(raw, kind).statements[0].conditions[0].values == ("東京",)


# --- Errors ----------------------------------------------------------------------------------------------------------


def test_the_error_lists_every_problem_a_line_in_the_order_of_the_text() -> None:
    text = '{\n "Version": "2013",\n "Statement": [\n  {"Effect": "Alow", "Action": "x"}\n ]\n}'
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    assert str(caught.value).split("\n") == [
        "line 2, column 13: unknown version `2013`: write `2012-10-17`",
        "line 4, column 3: the statement has no `Resource` or `NotResource`",
        "line 4, column 14: `Effect` must be `Allow` or `Deny`, not `Alow`",
        "line 4, column 32: `x` is not an action: write `service:Name`, or `*` for every action",
    ]
    assert all(isinstance(problem, Problem) for problem in caught.value.problems)


def test_long_input_is_shortened_in_messages() -> None:
    (problem,) = problems(document(statement(Action="x" * 5000)))
    assert len(problem.message) < 200


def test_policies_are_equal_when_their_texts_are() -> None:
    assert parse_one() == parse_one()
    assert parse_one() != parse_one(Effect="Deny")
    assert parse_one(SCP) != parse_policy(document(statement(SCP)), IDENTITY)
    assert hash(parse_one()) == hash(parse_one())
