"""MISSING_ARN_FIELD."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:s3::a")),
        "identity",
        [("MISSING_ARN_FIELD", ["Statement/0/Resource"])],
        id="too few",
    ),
    pytest.param(policy(allow(resource="arn:aws:s3:::a")), "identity", [], id="six"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_fields", text, kind) == expected
