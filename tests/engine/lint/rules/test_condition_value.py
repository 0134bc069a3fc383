"""TYPE_MISMATCH_…, INVALID_DATE_VALUE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        when("Bool", "aws:SecureTransport", "yes"),
        "identity",
        [("TYPE_MISMATCH_BOOLEAN", ["Statement/0/Condition/Bool/aws:SecureTransport"])],
        id="a Boolean",
    ),
    pytest.param(
        when("NumericLessThan", "aws:MultiFactorAuthAge", ["1.5", "x"]),
        "identity",
        [("TYPE_MISMATCH_NUMBER", ["Statement/0/Condition/NumericLessThan/aws:MultiFactorAuthAge/1"])],
        id="a number",
    ),
    pytest.param(
        when("DateLessThan", "aws:CurrentTime", "tomorrow"),
        "identity",
        [("TYPE_MISMATCH_DATE", ["Statement/0/Condition/DateLessThan/aws:CurrentTime"])],
        id="a date",
    ),
    pytest.param(
        when("DateLessThan", "aws:CurrentTime", "1700000000"),
        "identity",
        [("INVALID_DATE_VALUE", ["Statement/0/Condition/DateLessThan/aws:CurrentTime"])],
        id="a date in seconds",
    ),
    pytest.param(
        when("IpAddress", "aws:SourceIp", "1.2.3"),
        "identity",
        [("TYPE_MISMATCH_IP_RANGE", ["Statement/0/Condition/IpAddress/aws:SourceIp"])],
        id="an address",
    ),
    pytest.param(
        when("BinaryEquals", "x:key", "%%"),
        "identity",
        [("TYPE_MISMATCH_STRING", ["Statement/0/Condition/BinaryEquals/x:key"])],
        id="base64",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "Bool": {"aws:SecureTransport": True},
                    "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
                    "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
                }
            )
        ),
        "identity",
        [],
        id="as they should be",
    ),
    pytest.param(when("NumericLessThan", "s3:max-keys", "${aws:PrincipalTag/keys}"), "identity", [], id="a variable"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("condition_value", text, kind) == expected
