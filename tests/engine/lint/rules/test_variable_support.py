"""VARIABLE_UNSUPPORTED_IN_ELEMENT, _IN_VERSION, INVALID_VARIABLE_FOR_OPERATOR."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        policy(allow("s3:${aws:username}")),
        "identity",
        [("VARIABLE_UNSUPPORTED_IN_ELEMENT", ["Statement/0/Action"])],
        id="in an action",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:::${aws:username}")).replace("2012", "2008"),
        "identity",
        [("VARIABLE_UNSUPPORTED_IN_VERSION", ["Statement/0/Resource"])],
        id="in an old policy",
    ),
    pytest.param(
        when("NumericLessThan", "s3:max-keys", "${aws:PrincipalTag/keys}"),
        "identity",
        [("INVALID_VARIABLE_FOR_OPERATOR", ["Statement/0/Condition/NumericLessThan/s3:max-keys"])],
        id="as a number",
    ),
    pytest.param(
        when("StringEquals", "aws:username", "${aws:PrincipalTag/name}"), "identity", [], id="where they count"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("variable_support", text, kind) == expected
