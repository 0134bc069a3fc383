"""WILDCARD_WITHOUT_LIKE_OPERATOR."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "aws:username", ["a", "a*"]),
        "identity",
        [("WILDCARD_WITHOUT_LIKE_OPERATOR", ["Statement/0/Condition/StringEquals/aws:username/1"])],
        id="a star",
    ),
    pytest.param(when("StringEquals", "aws:username", "${*}"), "identity", [], id="a variable of a star"),
    pytest.param(when("StringLike", "aws:username", "a*"), "identity", [], id="a pattern"),
    pytest.param(when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/a"), "identity", [], id="an ARN"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("wildcard_without_like", text, kind) == expected
