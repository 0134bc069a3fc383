"""INVALID_ARN_SERVICE_CASE, INVALID_SERVICE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:S3:::a")),
        "identity",
        [("INVALID_ARN_SERVICE_CASE", ["Statement/0/Resource"])],
        id="capital letters",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:nosuch:::a")),
        "identity",
        [("INVALID_SERVICE", ["Statement/0/Resource"])],
        id="unknown",
    ),
    pytest.param(policy(allow(resource="arn:aws:s3:::a")), "identity", [], id="known"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_service", text, kind) == expected
