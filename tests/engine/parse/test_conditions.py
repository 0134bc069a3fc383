"""The Condition element."""

import json

import pytest

from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.parse.conditions import OPERATORS
from tests.engine.parse.helpers import Json, document, found_in_one, parse_one, problems, statement


def conditions(block: Json) -> tuple[Condition, ...]:
    return parse_one(Condition=block).statements[0].conditions


def test_conditions_keep_their_order_and_their_keys_spelling() -> None:
    block = {"StringEquals": {"aws:PrincipalTag/Team": ["a", "b"], "aws:x": "c"}, "Null": {"AWS:y": "true"}}
    assert conditions(block) == (
        Condition(Quantifier.NONE, "StringEquals", False, "aws:PrincipalTag/Team", ("a", "b")),
        Condition(Quantifier.NONE, "StringEquals", False, "aws:x", ("c",)),
        Condition(Quantifier.NONE, "Null", False, "AWS:y", ("true",)),
    )


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_in_any_letter_case(operator: str) -> None:
    for written in (operator, operator.lower(), operator.upper()):
        (condition,) = conditions({written: {"aws:x": "1"}})
        assert (condition.quantifier, condition.operator, condition.if_exists) == (Quantifier.NONE, operator, False)
        (condition,) = conditions({f"ForAnyValue:{written}": {"aws:x": "1"}})
        assert condition.name == f"ForAnyValue:{operator}"


@pytest.mark.parametrize("operator", [operator for operator in OPERATORS if operator != "Null"])
def test_if_exists(operator: str) -> None:
    (condition,) = conditions({f"forallvalues:{operator}ifexists": {"aws:x": "1"}})
    assert condition.name == f"ForAllValues:{operator}IfExists"
    assert condition.operator == operator
    assert condition.if_exists


def test_there_are_27_operators() -> None:
    assert len(set(OPERATORS)) == 27


@pytest.mark.parametrize("operator", ["NullIfExists", "nullifexists", "ForAnyValue:NullIfExists"])
def test_null_has_no_if_exists(operator: str) -> None:
    (problem,) = problems(document(statement(Condition={operator: {"aws:x": "true"}})))
    assert problem.code == "operator"
    assert problem.message.startswith("`Null` cannot have `IfExists`")


@pytest.mark.parametrize(
    ("operator", "meant"),
    [
        ("StringEqual", "StringEquals"),
        ("StringEqualIfExists", "StringEqualsIfExists"),
        ("ForAnyValues:StringLike", "ForAnyValue:StringLike"),
        ("ForAllValue:ArnLike", "ForAllValues:ArnLike"),
        ("IPAdress", "IpAddress"),
        ("NumericLess", "NumericLessThan"),
        ("ForAllValues:StringLikes", "ForAllValues:StringLike"),
    ],
)
def test_an_unknown_operator_proposes_the_known_one(operator: str, meant: str) -> None:
    (problem,) = problems(document(statement(Condition={operator: {"aws:x": "1"}})))
    assert problem.code == "operator"
    assert problem.path == ("Statement", 0, "Condition", operator)
    assert problem.message == f"unknown condition operator `{operator}`: did you mean `{meant}`?"


@pytest.mark.parametrize("operator", ["", "IfExists", "ForAnyValue:", ":StringLike", "xyzzy", "StringLike:ForAnyValue"])
def test_an_operator_like_no_other(operator: str) -> None:
    assert found_in_one(Condition={operator: {"aws:x": "1"}}) == [("operator", json.dumps(operator))]


def test_booleans_and_numbers_keep_their_text() -> None:
    block = {"Bool": {"aws:x": True, "aws:y": [False, "true"]}, "NumericEquals": {"aws:z": [1, 2.50, "3"]}}
    assert [condition.values for condition in conditions(block)] == [("true",), ("false", "true"), ("1", "2.5", "3")]


@pytest.mark.parametrize("value", [None, {}, {"a": "b"}])
def test_a_value_is_text_a_number_or_a_boolean(value: Json) -> None:
    block = {"StringEquals": {"aws:x": value, "aws:y": ["ok", value, ["deep"]]}}
    assert found_in_one(Condition=block) == [("type", json.dumps(value))] * 2 + [("type", '["deep"]')]


def test_an_empty_list_of_values_is_kept() -> None:
    assert conditions({"StringEquals": {"aws:x": []}})[0].values == ()


@pytest.mark.parametrize("block", [{}, {"StringEquals": {}}])
def test_no_conditions(block: Json) -> None:
    assert conditions(block) == ()


@pytest.mark.parametrize("block", ["x", [], 1, None])
def test_the_block_is_an_object(block: Json) -> None:
    text = json.dumps({"Statement": {**statement(), "Condition": block}})
    (problem,) = problems(text)
    assert (problem.code, problem.message) == ("type", "`Condition` must be an object, `{…}`")
    (problem,) = problems(document(statement(Condition={"Bool": block})))
    assert (problem.code, problem.message) == ("type", "the block of `Bool` must be an object, `{…}`")


@pytest.mark.parametrize(
    "key",
    ["aws:PrincipalTag/a b:c", "token.actions.githubusercontent.com:sub", "SAML:aud", "kms:EncryptionContext:a:b"],
)
def test_condition_keys(key: str) -> None:
    assert conditions({"StringEquals": {key: "x"}})[0].key == key


@pytest.mark.parametrize("key", ["", "PrincipalArn", "aws:", ":PrincipalArn", " : "])
def test_other_condition_keys_are_refused(key: str) -> None:
    assert found_in_one(Condition={"StringEquals": {key: "x"}}) == [("condition_key", json.dumps(key))]


def test_keys_that_differ_in_letter_case_are_the_same() -> None:
    block = {"StringEquals": {"aws:PrincipalTag/Team": "a", "aws:principaltag/team": "b"}}
    assert found_in_one(Condition=block) == [("duplicate_key", '"aws:principaltag/team"')]
    assert conditions({"StringEquals": {"aws:x": "a"}, "StringLike": {"AWS:X": "b"}})


def test_operators_that_differ_in_letter_case_are_the_same() -> None:
    block = {"StringEquals": {"aws:x": "a"}, "stringequals": {"aws:y": "b"}, "StringEqualsIfExists": {"aws:z": "c"}}
    assert found_in_one(Condition=block) == [("duplicate_key", '"stringequals"')]
