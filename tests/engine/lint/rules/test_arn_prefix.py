"""INVALID_ARN_PREFIX."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="my-bucket")), "identity", [("INVALID_ARN_PREFIX", ["Statement/0/Resource"])], id="a name"
    ),
    pytest.param(
        policy(allow(resource=["arn:aws:s3:::a", "*", "${aws:PrincipalTag/arn}"])), "identity", [], id="an ARN"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_prefix", text, kind) == expected
