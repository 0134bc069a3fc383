"""EQUIVALENT_TO_NULL_FALSE, EQUIVALENT_TO_NULL_TRUE."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringLike", "aws:ResourceTag/team", "*"),
        "identity",
        [("EQUIVALENT_TO_NULL_FALSE", ["Statement/0/Condition/StringLike/aws:ResourceTag/team"])],
        id="any value",
    ),
    pytest.param(
        when("StringLike", "aws:RequestTag/team", ["*"]),
        "identity",
        [("EQUIVALENT_TO_NULL_FALSE", ["Statement/0/Condition/StringLike/aws:RequestTag/team/0"])],
        id="in a list",
    ),
    pytest.param(
        when("StringNotLike", "aws:ResourceTag/team", "*"),
        "identity",
        [("EQUIVALENT_TO_NULL_TRUE", ["Statement/0/Condition/StringNotLike/aws:ResourceTag/team"])],
        id="no value",
    ),
    pytest.param(when("StringLike", "aws:ResourceTag/team", "a*"), "identity", [], id="a pattern"),
    pytest.param(when("StringEquals", "aws:ResourceTag/team", "*"), "identity", [], id="letter by letter"),
    pytest.param(when("StringLikeIfExists", "aws:ResourceTag/team", "*"), "identity", [], id="always"),
    pytest.param(when("ForAllValues:StringLike", "aws:TagKeys", "*"), "identity", [], id="always, of all values"),
    pytest.param(when("ForAnyValue:StringNotLike", "aws:TagKeys", "*"), "identity", [], id="never"),
    pytest.param(
        when("ForAnyValue:StringLike", "aws:TagKeys", "*"),
        "identity",
        [("EQUIVALENT_TO_NULL_FALSE", ["Statement/0/Condition/ForAnyValue:StringLike/aws:TagKeys"])],
        id="one value at least",
    ),
    pytest.param(
        when("ForAllValues:StringNotLike", "aws:TagKeys", "*"),
        "identity",
        [("EQUIVALENT_TO_NULL_TRUE", ["Statement/0/Condition/ForAllValues:StringNotLike/aws:TagKeys"])],
        id="no value at all",
    ),
    pytest.param(
        when("ArnNotLikeIfExists", "aws:SourceArn", "*"),
        "identity",
        [("EQUIVALENT_TO_NULL_TRUE", ["Statement/0/Condition/ArnNotLikeIfExists/aws:SourceArn"])],
        id="no value, with a suffix",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("equivalent_to_null", text, kind) == expected
