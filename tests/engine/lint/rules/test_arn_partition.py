"""INVALID_PARTITION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:azure:s3:::a")),
        "identity",
        [("INVALID_PARTITION", ["Statement/0/Resource"])],
        id="unknown",
    ),
    pytest.param(
        policy(allow(resource=["arn:aws-cn:s3:::a", "arn:aws*:s3:::a", "arn:${aws:PrincipalTag/p}:s3:::a"])),
        "identity",
        [],
        id="known and patterns",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_partition", text, kind) == expected
