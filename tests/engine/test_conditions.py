"""Conditions: missing keys, set operators, IfExists, Null and operators that do not fit their key."""

import pytest

from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.catalog.types import ConditionKey, ConditionKeys, KeyType
from policystudio.engine.conditions import NULL, OPERATORS, condition_holds, keys_read
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.request import Context
from tests.engine.documents import condition

# Keys of the tests' own: "x:one" and the like are in no catalogue, so they have no type.
KEYS = ConditionKeys(
    (
        ConditionKey("k:string", KeyType.STRING, False),
        ConditionKey("k:strings", KeyType.STRING, True),
        ConditionKey("k:arn", KeyType.ARN, False),
        ConditionKey("k:bool", KeyType.BOOL, False),
        ConditionKey("k:number", KeyType.NUMERIC, False),
        ConditionKey("k:date", KeyType.DATE, False),
        ConditionKey("k:address", KeyType.IP_ADDRESS, False),
        ConditionKey("k:binary", KeyType.BINARY, False),
    )
)


def holds(operator: str, key: str, wanted: list[str], *given: str, enabled: bool = True) -> bool:
    return condition_holds(condition(operator, key, *wanted), Context({key: given}), KEYS, enabled)


POSITIVE = {
    "StringEquals": "a",
    "StringEqualsIgnoreCase": "a",
    "StringLike": "a",
    "NumericEquals": "1",
    "NumericLessThan": "1",
    "NumericLessThanEquals": "1",
    "NumericGreaterThan": "1",
    "NumericGreaterThanEquals": "1",
    "DateEquals": "2026-01-01",
    "DateLessThan": "2026-01-01",
    "DateLessThanEquals": "2026-01-01",
    "DateGreaterThan": "2026-01-01",
    "DateGreaterThanEquals": "2026-01-01",
    "Bool": "true",
    "BinaryEquals": "YQ==",
    "IpAddress": "192.0.2.0/24",
    "ArnEquals": "arn:aws:s3:::b",
    "ArnLike": "arn:aws:s3:::b",
}
NEGATED = {
    "StringNotEquals": "a",
    "StringNotEqualsIgnoreCase": "a",
    "StringNotLike": "a",
    "NumericNotEquals": "1",
    "DateNotEquals": "2026-01-01",
    "NotIpAddress": "192.0.2.0/24",
    "ArnNotEquals": "arn:aws:s3:::b",
    "ArnNotLike": "arn:aws:s3:::b",
}


def test_all_operators_are_here() -> None:
    assert set(POSITIVE) | set(NEGATED) == set(OPERATORS)
    assert {name for name, operator in OPERATORS.items() if operator.negated} == set(NEGATED)


class TestMissingKey:
    @pytest.mark.parametrize(("operator", "value"), POSITIVE.items())
    def test_a_positive_operator_fails(self, operator: str, value: str) -> None:
        assert not holds(operator, "x:one", [value])

    @pytest.mark.parametrize(("operator", "value"), NEGATED.items())
    def test_a_negated_operator_holds(self, operator: str, value: str) -> None:
        assert holds(operator, "x:one", [value])

    @pytest.mark.parametrize(("operator", "value"), [*POSITIVE.items(), *NEGATED.items()])
    def test_if_exists_holds(self, operator: str, value: str) -> None:
        assert holds(f"{operator}IfExists", "x:one", [value])
        assert holds(f"ForAnyValue:{operator}IfExists", "x:one", [value])

    @pytest.mark.parametrize(("operator", "value"), [*POSITIVE.items(), *NEGATED.items()])
    def test_for_all_values_holds_and_for_any_value_fails(self, operator: str, value: str) -> None:
        assert holds(f"ForAllValues:{operator}", "x:one", [value])
        assert not holds(f"ForAnyValue:{operator}", "x:one", [value])

    def test_a_key_without_values_is_missing(self) -> None:
        assert condition_holds(condition("StringNotEquals", "x:one", "a"), Context({"x:one": []}), KEYS, True)
        assert condition_holds(condition("StringNotEquals", "x:one", "a"), Context({"x:one": None}), KEYS, True)


class TestIfExists:
    def test_where_the_key_is_there_it_is_the_plain_operator(self) -> None:
        assert holds("StringEqualsIfExists", "x:one", ["a"], "a")
        assert not holds("StringEqualsIfExists", "x:one", ["a"], "b")
        assert not holds("StringNotEqualsIfExists", "x:one", ["a"], "a")
        assert holds("StringNotEqualsIfExists", "x:one", ["a"], "b")
        assert not holds("BoolIfExists", "x:one", ["true"], "false")

    def test_an_empty_value_is_there(self) -> None:
        assert not holds("StringEqualsIfExists", "x:one", ["a"], "")
        assert holds("StringEqualsIfExists", "x:one", [""], "")


class TestSeveralPolicyValues:
    def test_a_positive_operator_needs_one_of_them(self) -> None:
        assert holds("StringEquals", "x:one", ["a", "b"], "b")
        assert not holds("StringEquals", "x:one", ["a", "b"], "c")

    def test_a_negated_operator_needs_none_of_them(self) -> None:
        assert not holds("StringNotEquals", "x:one", ["a", "b"], "b")
        assert holds("StringNotEquals", "x:one", ["a", "b"], "c")
        assert not holds("NumericNotEquals", "x:one", ["1", "2"], "2.0")
        assert not holds("ArnNotLike", "x:one", ["arn:aws:s3:::a", "arn:aws:s3:::*"], "arn:aws:s3:::b")

    def test_without_values_a_positive_operator_fails_and_a_negated_one_holds(self) -> None:
        none = Condition(Quantifier.NONE, "StringEquals", False, "x:one", ())
        assert not condition_holds(none, Context({"x:one": "a"}), KEYS, True)
        none = Condition(Quantifier.NONE, "StringNotEquals", False, "x:one", ())
        assert condition_holds(none, Context({"x:one": "a"}), KEYS, True)


class TestSetOperators:
    def test_for_all_values_needs_every_value_of_the_request(self) -> None:
        assert holds("ForAllValues:StringEquals", "k:strings", ["a", "b"], "a", "b")
        assert holds("ForAllValues:StringEquals", "k:strings", ["a", "b"], "b")
        assert not holds("ForAllValues:StringEquals", "k:strings", ["a", "b"], "a", "c")

    def test_for_any_value_needs_one_value_of_the_request(self) -> None:
        assert holds("ForAnyValue:StringEquals", "k:strings", ["a", "b"], "c", "b")
        assert not holds("ForAnyValue:StringEquals", "k:strings", ["a", "b"], "c", "d")

    def test_negated_for_all_values_needs_no_value_to_match(self) -> None:
        assert holds("ForAllValues:StringNotEquals", "k:strings", ["a", "b"], "c", "d")
        assert not holds("ForAllValues:StringNotEquals", "k:strings", ["a", "b"], "c", "a")

    def test_negated_for_any_value_needs_one_value_that_does_not_match(self) -> None:
        assert holds("ForAnyValue:StringNotEquals", "k:strings", ["a", "b"], "a", "c")
        assert not holds("ForAnyValue:StringNotEquals", "k:strings", ["a", "b"], "a", "b")

    def test_for_all_values_with_string_not_like_follows_the_rule(self) -> None:
        # The table of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        # shows its opposite.
        paths = ["o-a/r-a/ou-media/", "o-a/r-a/ou-sports/*"]
        assert not holds("ForAllValues:StringNotLike", "aws:ResourceOrgPaths", paths, "o-a/r-a/ou-sports/x/")
        assert holds("ForAllValues:StringNotLike", "aws:ResourceOrgPaths", paths, "o-a/r-a/ou-media/x/")
        assert holds("ForAllValues:StringNotLike", "aws:ResourceOrgPaths", paths)

    @pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
    def test_only_empty_values_are_an_empty_set(self, operator: str) -> None:
        assert holds(f"ForAllValues:{operator}", "k:strings", ["a"], "", "")
        assert not holds(f"ForAnyValue:{operator}", "k:strings", ["a"], "")
        assert not holds("ForAllValues:StringEquals", "k:strings", ["a"], "", "a")

    def test_they_work_with_a_key_of_one_value_as_with_a_set_of_one(self) -> None:
        assert holds("ForAllValues:StringEquals", "k:string", ["a"], "a")
        assert not holds("ForAllValues:StringEquals", "k:string", ["a"], "b")
        assert holds("ForAnyValue:StringLike", "k:string", ["a*"], "ab")

    def test_they_join_with_if_exists(self) -> None:
        assert holds("ForAnyValue:StringEqualsIfExists", "k:strings", ["a"])
        assert not holds("ForAnyValue:StringEqualsIfExists", "k:strings", ["a"], "b")
        assert holds("ForAllValues:StringLikeIfExists", "k:strings", ["a*"], "ab", "a")

    def test_they_work_with_every_family(self) -> None:
        assert holds("ForAllValues:NumericLessThan", "x:many", ["5"], "1", "4.9")
        assert holds("ForAnyValue:IpAddress", "x:many", ["192.0.2.0/24"], "203.0.113.1", "192.0.2.1")
        assert holds("ForAllValues:Bool", "x:many", ["true"], "true", "TRUE")
        assert not holds("ForAllValues:DateLessThan", "x:many", ["2026"], "2025", "2027")


class TestMultivaluedKeyWithoutSetOperator:
    @pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals", "StringLikeIfExists", "StringNotLike"])
    @pytest.mark.parametrize("given", [(), ("a",), ("b",), ("a", "b")])
    def test_never_holds(self, operator: str, given: tuple[str, ...]) -> None:
        assert not holds(operator, "k:strings", ["a"], *given)

    @pytest.mark.parametrize("operator", ["StringEquals", "StringNotEquals"])
    @pytest.mark.parametrize("key", ["x:unknown", "k:string"])
    def test_a_request_with_several_values_makes_a_key_multivalued(self, operator: str, key: str) -> None:
        assert not holds(operator, key, ["a"], "a", "a")
        assert not holds(operator, key, ["c"], "a", "b")

    def test_an_unknown_key_with_one_value_is_single_valued(self) -> None:
        assert holds("StringEquals", "x:unknown", ["a"], "a")

    def test_null_asks_for_presence_whatever_the_key(self) -> None:
        assert holds("Null", "k:strings", ["false"], "a", "b")
        assert holds("Null", "k:strings", ["true"])


class TestNull:
    @pytest.mark.parametrize(
        ("wanted", "given", "expected"),
        [
            ("true", (), True),
            ("false", (), False),
            ("true", ("a",), False),
            ("false", ("a",), True),
            ("TRUE", (), True),
            ("False", ("a",), True),
            ("true", ("",), True),
            ("false", ("",), False),
            ("true", ("", "a"), False),
            ("yes", (), False),
            ("${x:other}", (), False),
        ],
    )
    def test_presence(self, wanted: str, given: tuple[str, ...], expected: bool) -> None:
        assert holds("Null", "x:one", [wanted], *given) is expected

    @pytest.mark.parametrize("key", [key.name for key in KEYS.keys])
    def test_it_fits_every_type(self, key: str) -> None:
        assert holds("Null", key, ["false"], "anything")

    def test_both_values_always_hold(self) -> None:
        assert holds("Null", "x:one", ["true", "false"])


class TestTypes:
    """An operator of the wrong family: the match always fails and the statement never applies."""

    @pytest.mark.parametrize(
        ("operator", "key", "value"),
        [
            ("StringEquals", "k:bool", "true"),
            ("StringLike", "k:number", "5"),
            ("StringEquals", "k:binary", "YQ=="),
            ("NumericEquals", "k:string", "5"),
            ("NumericEquals", "k:date", "5"),
            ("NumericEquals", "k:bool", "1"),
            ("DateEquals", "k:number", "5"),
            ("DateEquals", "k:bool", "2026"),
            ("DateEquals", "k:string", "2026"),
            ("Bool", "k:string", "true"),
            ("Bool", "k:number", "true"),
            ("IpAddress", "k:string", "192.0.2.1"),
            ("IpAddress", "k:arn", "192.0.2.1"),
            ("BinaryEquals", "k:string", "YQ=="),
            ("ArnEquals", "k:bool", "arn:aws:s3:::b"),
            ("ArnEquals", "k:address", "arn:aws:s3:::b"),
        ],
    )
    def test_a_mismatch_fails(self, operator: str, key: str, value: str) -> None:
        assert not holds(operator, key, [value], value)
        assert not holds(f"{operator}IfExists", key, [value])
        assert not holds(f"ForAllValues:{operator}", key, [value])
        assert holds(operator, "x:untyped", [value], value)

    @pytest.mark.parametrize(("operator", "value"), [("NumericNotEquals", "5"), ("NotIpAddress", "192.0.2.1")])
    def test_a_negated_mismatch_fails_too(self, operator: str, value: str) -> None:
        assert not holds(operator, "k:string", [value], "x")
        assert not holds(operator, "k:string", [value])
        assert holds(operator, "x:untyped", [value])

    @pytest.mark.parametrize(
        ("operator", "key", "value"),
        [
            ("StringEquals", "k:arn", "arn:aws:s3:::b"),
            ("StringLike", "k:arn", "arn:*"),
            ("StringEquals", "k:address", "192.0.2.1"),
            ("StringLike", "k:date", "2026-*"),
            ("ArnLike", "k:string", "arn:aws:s3:::b"),
        ],
    )
    def test_texts_of_several_types_compare_by_value(self, operator: str, key: str, value: str) -> None:
        given = {"k:address": "192.0.2.1", "k:date": "2026-01-01"}.get(key, "arn:aws:s3:::b")
        assert holds(operator, key, [value], given)

    @pytest.mark.parametrize(
        ("operator", "key"),
        [("Bool", "k:bool"), ("NumericEquals", "k:number"), ("DateEquals", "k:date"), ("BinaryEquals", "k:binary")],
    )
    def test_a_key_takes_the_operators_of_its_type(self, operator: str, key: str) -> None:
        value = POSITIVE[operator]
        assert holds(operator, key, [value], value)

    def test_epoch_time_takes_dates_and_numbers(self) -> None:
        keys, context = load_condition_keys(), Context({"aws:EpochTime": "1767225600"})
        assert condition_holds(condition("DateEquals", "aws:EpochTime", "2026-01-01"), context, keys, True)
        assert condition_holds(condition("NumericLessThan", "AWS:epochtime", "1767225601"), context, keys, True)
        assert not condition_holds(condition("NumericLessThan", "aws:CurrentTime", "5"), Context(), keys, True)

    def test_keys_of_sagemaker_have_their_types(self) -> None:
        keys, context = load_condition_keys(), Context({"sagemaker:NetworkIsolation": "true"})
        isolated = condition("Bool", "sagemaker:NetworkIsolation", "true")
        assert condition_holds(isolated, context, keys, True)
        as_text = condition("StringEquals", "sagemaker:NetworkIsolation", "true")
        assert not condition_holds(as_text, context, keys, True)
        single = condition("StringLike", "sagemaker:InstanceTypes", "ml.t3.*")
        assert not condition_holds(single, Context({"sagemaker:InstanceTypes": "ml.t3.medium"}), keys, True)


class TestVariables:
    def test_their_values_are_compared(self) -> None:
        team = condition("StringEquals", "x:one", "${aws:PrincipalTag/team}")
        context = Context({"x:one": "ml", "aws:principaltag/TEAM": "ml"})
        assert condition_holds(team, context, KEYS, True)
        assert not condition_holds(team, context, KEYS, False)

    @pytest.mark.parametrize(
        ("operator", "expected"),
        [
            ("StringEquals", False),
            ("StringLike", False),
            ("StringEqualsIgnoreCase", False),
            ("ArnLike", False),
            ("StringNotEquals", True),
            ("StringNotLike", True),
            ("StringNotEqualsIgnoreCase", True),
            ("ArnNotEquals", True),
        ],
    )
    def test_without_value_nothing_matches(self, operator: str, expected: bool) -> None:
        assert holds(operator, "x:one", ["arn:aws:s3:::${x:none}"], "arn:aws:s3:::b") is expected

    def test_another_value_may_still_match(self) -> None:
        assert holds("StringEquals", "x:one", ["${x:none}", "a"], "a")
        assert not holds("StringNotEquals", "x:one", ["${x:none}", "a"], "a")

    def test_a_substituted_star_is_a_character(self) -> None:
        like = condition("StringLike", "x:one", "${x:two}")
        assert not condition_holds(like, Context({"x:one": "abc", "x:two": "a*"}), KEYS, True)
        assert condition_holds(like, Context({"x:one": "a*", "x:two": "a*"}), KEYS, True)

    @pytest.mark.parametrize(
        ("operator", "value"),
        [("Bool", "true"), ("NumericEquals", "5"), ("DateEquals", "2026"), ("IpAddress", "1.2.3.4")],
    )
    def test_other_operators_know_none(self, operator: str, value: str) -> None:
        context = Context({"x:one": value, "x:two": value})
        plain = Condition(Quantifier.NONE, operator, False, "x:one", ("${x:two}",))
        assert not condition_holds(plain, context, KEYS, True)
        assert list(keys_read(plain, True)) == ["x:one"]

    def test_the_keys_that_a_condition_reads(self) -> None:
        like = condition("StringLike", "x:One", "${aws:UserName}-*", "${*}", "${x:two, 'd'}")
        assert list(keys_read(like, True)) == ["x:One", "aws:UserName", "x:two"]
        assert list(keys_read(like, False)) == ["x:One"]


def test_key_names_have_no_letter_case() -> None:
    equals = condition("StringEquals", "AWS:RequestTag/Team", "ml")
    assert condition_holds(equals, Context({"aws:requesttag/TEAM": "ml"}), KEYS, True)


@pytest.mark.parametrize("name", ["StringEqual", "Null2", "", "NullIfExists", "stringequals"])
def test_an_operator_that_iam_does_not_have_is_an_error(name: str) -> None:
    unknown = Condition(Quantifier.NONE, name, False, "x:one", ("a",))
    with pytest.raises(ValueError, match=f"`{name}` is not a condition operator"):
        condition_holds(unknown, Context(), KEYS, True)


def test_null_is_not_among_the_comparing_operators() -> None:
    assert NULL not in OPERATORS
