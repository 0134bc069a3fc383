"""REDUNDANT_KEY_… and REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringLikeIfExists", "aws:ResourceTag/team", "*"),
        "identity",
        [
            (
                "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION",
                ["Statement/0/Condition/StringLikeIfExists/aws:ResourceTag/team"],
            )
        ],
        id="always",
    ),
    pytest.param(
        when("ForAllValues:StringLike", "aws:TagKeys", "*"),
        "identity",
        [("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", ["Statement/0/Condition/ForAllValues:StringLike/aws:TagKeys"])],
        id="all of several",
    ),
    pytest.param(
        when("ForAnyValue:StringNotLike", "aws:TagKeys", "*"),
        "identity",
        [
            (
                "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION",
                ["Statement/0/Condition/ForAnyValue:StringNotLike/aws:TagKeys"],
            )
        ],
        id="never",
    ),
    pytest.param(when("StringLike", "aws:ResourceTag/team", "*"), "identity", [], id="like Null"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("always_or_never_matched", text, kind) == expected
