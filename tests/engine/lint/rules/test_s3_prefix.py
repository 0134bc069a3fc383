"""S3_PREFIX_IN_NEGATIVE_CONTEXT."""

import pytest

from tests.engine.lint.helpers import Found, deny, found, policy, when

CASES = [
    pytest.param(
        policy(deny("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "private/*"}})),
        "identity",
        [("S3_PREFIX_IN_NEGATIVE_CONTEXT", ["Statement/0/Condition/StringLike/s3:prefix"])],
        id="a Deny",
    ),
    pytest.param(
        when("StringNotLike", "s3:prefix", "private/*"),
        "identity",
        [("S3_PREFIX_IN_NEGATIVE_CONTEXT", ["Statement/0/Condition/StringNotLike/s3:prefix"])],
        id="negated in an Allow",
    ),
    pytest.param(when("StringLike", "s3:prefix", "public/*"), "identity", [], id="an Allow"),
    pytest.param(
        policy(deny("s3:ListBucket", Condition={"StringNotLike": {"s3:prefix": "public/*"}})),
        "identity",
        [],
        id="a Deny of all others",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("s3_prefix", text, kind) == expected
