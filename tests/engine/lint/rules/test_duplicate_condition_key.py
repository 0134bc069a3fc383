"""DUPLICATE_KEYS_WITH_DIFFERENT_CASE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(Condition={"StringEquals": {"aws:username": "a", "aws:UserName": "b"}})),
        "identity",
        [
            (
                "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
                ["Statement/0/Condition/StringEquals/aws:username", "Statement/0/Condition/StringEquals/aws:UserName"],
            )
        ],
        id="twice",
    ),
    pytest.param(
        policy(allow(Condition={"StringEquals": {"aws:username": "a"}, "StringLike": {"aws:UserName": "b"}})),
        "identity",
        [],
        id="under two operators",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("duplicate_condition_key", text, kind) == expected
