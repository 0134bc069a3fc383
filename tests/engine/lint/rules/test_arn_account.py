"""INVALID_ARN_ACCOUNT, ARN_ACCOUNT_NOT_ALLOWED, MISSING_ARN_ACCOUNT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:sqs:us-east-1:12345:q")),
        "identity",
        [("INVALID_ARN_ACCOUNT", ["Statement/0/Resource"])],
        id="no 12 digits",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3::111122223333:a")),
        "identity",
        [("ARN_ACCOUNT_NOT_ALLOWED", ["Statement/0/Resource"])],
        id="not allowed",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:sqs:us-east-1::q")),
        "identity",
        [("MISSING_ARN_ACCOUNT", ["Statement/0/Resource"])],
        id="missing",
    ),
    pytest.param(
        policy(
            allow(resource=["arn:aws:sqs:us-east-1:*:q", "arn:aws:iam::aws:policy/a", "arn:aws:ssm:*::document/AWS-a"])
        ),
        "identity",
        [],
        id="as they are",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_account", text, kind) == expected
