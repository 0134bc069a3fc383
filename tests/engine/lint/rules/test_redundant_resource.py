"""REDUNDANT_RESOURCE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource=["arn:aws:s3:::a*", "arn:aws:s3:::a*/*"])),
        "identity",
        [("REDUNDANT_RESOURCE", ["Statement/0/Resource/0", "Statement/0/Resource/1"])],
        id="a bucket and its objects",
    ),
    pytest.param(
        policy(allow(resource=["arn:aws:s3:::a", "*"])),
        "identity",
        [("REDUNDANT_RESOURCE", ["Statement/0/Resource/0", "Statement/0/Resource/1"])],
        id="beside everything",
    ),
    pytest.param(
        policy(allow(resource=["arn:aws:s3:::a", "arn:aws:s3:::A"])), "identity", [], id="in two letter cases"
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:::a*"), allow(resource="arn:aws:s3:::ab")),
        "identity",
        [],
        id="in two statements",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("redundant_resource", text, kind) == expected
