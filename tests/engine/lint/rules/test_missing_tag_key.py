"""MISSING_TAG_KEY_IN_CONDITION."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "aws:ResourceTag", "a"),
        "identity",
        [("MISSING_TAG_KEY_IN_CONDITION", ["Statement/0/Condition/StringEquals/aws:ResourceTag"])],
        id="global",
    ),
    pytest.param(
        when("StringEquals", "ec2:ResourceTag/", "a"),
        "identity",
        [("MISSING_TAG_KEY_IN_CONDITION", ["Statement/0/Condition/StringEquals/ec2:ResourceTag/"])],
        id="of a service",
    ),
    pytest.param(when("StringEquals", "aws:ResourceTag/team", "a"), "identity", [], id="with a name"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("missing_tag_key", text, kind) == expected
