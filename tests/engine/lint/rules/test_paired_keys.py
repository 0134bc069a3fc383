"""MISSING_PAIRED_CONDITION_KEYS."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        when("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
        "identity",
        [("MISSING_PAIRED_CONDITION_KEYS", ["Statement/0/Condition/IpAddress/aws:VpcSourceIp"])],
        id="alone",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"},
                    "StringEquals": {"aws:SourceVpc": "vpc-12345678"},
                }
            )
        ),
        "identity",
        [],
        id="together",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("paired_keys", text, kind) == expected
