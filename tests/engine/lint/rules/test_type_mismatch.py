"""TYPE_MISMATCH."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "aws:ViaAWSService", "true"),
        "identity",
        [("TYPE_MISMATCH", ["Statement/0/Condition/StringEquals/aws:ViaAWSService"])],
        id="a Boolean as a text",
    ),
    pytest.param(
        when("NumericEquals", "aws:username", "5"),
        "identity",
        [("TYPE_MISMATCH", ["Statement/0/Condition/NumericEquals/aws:username"])],
        id="a text as a number",
    ),
    pytest.param(when("StringEquals", "aws:PrincipalArn", "a"), "identity", [], id="an ARN as a text"),
    pytest.param(
        when("ArnLike", "aws:SourceAccount", "a"),
        "identity",
        [("TYPE_MISMATCH", ["Statement/0/Condition/ArnLike/aws:SourceAccount"])],
        id="a text as an ARN",
    ),
    pytest.param(
        when("ArnLike", "aws:ResourceTag/owner", "arn:aws:iam::*:role/a"), "identity", [], id="a tag as an ARN"
    ),
    pytest.param(when("Null", "aws:ViaAWSService", "true"), "identity", [], id="Null"),
    pytest.param(when("Bool", "no:key", "true"), "identity", [], id="an unknown key"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("type_mismatch", text, kind) == expected
