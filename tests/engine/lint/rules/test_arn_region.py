"""INVALID_ARN_REGION, ARN_REGION_NOT_ALLOWED, MISSING_ARN_REGION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:sqs:us-east-11:111122223333:q")),
        "identity",
        [("INVALID_ARN_REGION", ["Statement/0/Resource"])],
        id="unknown",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:iam:us-east-1:111122223333:role/a")),
        "identity",
        [("ARN_REGION_NOT_ALLOWED", ["Statement/0/Resource"])],
        id="not allowed",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:sqs::111122223333:q")),
        "identity",
        [("MISSING_ARN_REGION", ["Statement/0/Resource"])],
        id="missing",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:us-east-1::a")),
        "identity",
        [("ARN_REGION_NOT_ALLOWED", ["Statement/0/Resource"])],
        id="a bucket",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:us-east-1:111122223333:accesspoint/a")), "identity", [], id="an access point"
    ),
    pytest.param(
        policy(allow(resource=["arn:aws:sqs:*:111122223333:q", "arn:aws:iam::111122223333:role/a"])),
        "identity",
        [],
        id="as they are",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_region", text, kind) == expected
