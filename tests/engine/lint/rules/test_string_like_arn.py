"""STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::*:root"),
        "identity",
        [("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", ["Statement/0/Condition/StringNotLike/aws:PrincipalArn"])],
        id="a pattern",
    ),
    pytest.param(when("StringEquals", "aws:PrincipalArn", "a"), "identity", [], id="a whole ARN"),
    pytest.param(when("ArnLike", "aws:PrincipalArn", "a"), "identity", [], id="a pattern of ARNs"),
    pytest.param(when("StringLike", "aws:username", "a*"), "identity", [], id="a text"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("string_like_arn", text, kind) == expected
