"""INVALID_REGION."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "aws:RequestedRegion", ["eu-west-1", "eu-wst-1"]),
        "identity",
        [("INVALID_REGION", ["Statement/0/Condition/StringEquals/aws:RequestedRegion/1"])],
        id="unknown",
    ),
    pytest.param(when("StringLike", "aws:RequestedRegion", "eu-*"), "identity", [], id="a pattern"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("requested_region", text, kind) == expected
