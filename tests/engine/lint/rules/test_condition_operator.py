"""INVALID_CONDITION_OPERATOR, NULL_WITH_IF_EXISTS, NULL_WITH_QUALIFIER."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEqual", "aws:username", "a"),
        "identity",
        [("INVALID_CONDITION_OPERATOR", ["Statement/0/Condition/StringEqual"])],
        id="unknown",
    ),
    pytest.param(
        when("NullIfExists", "aws:username", "true"),
        "identity",
        [("NULL_WITH_IF_EXISTS", ["Statement/0/Condition/NullIfExists"])],
        id="Null if exists",
    ),
    pytest.param(
        when("ForAllValues:Null", "aws:TagKeys", "true"),
        "identity",
        [("NULL_WITH_QUALIFIER", ["Statement/0/Condition/ForAllValues:Null"])],
        id="Null of all",
    ),
    pytest.param(when("forallvalues:stringLikeIfExists", "aws:TagKeys", "a"), "identity", [], id="in any letter case"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("condition_operator", text, kind) == expected
