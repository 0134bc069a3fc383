"""UNSUPPORTED_ACTION_FOR_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", Action=["iam:PassRole", "ec2:RunInstances"]),
        "identity",
        [
            (
                "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
                ["Statement/0/Action/1", "Statement/0/Condition/StringEquals/iam:PassedToService"],
            )
        ],
        id="an action too many",
    ),
    pytest.param(
        when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", Action=["iam:PassRole", "ec2:Run*"]),
        "identity",
        [],
        id="patterns",
    ),
    pytest.param(
        when("StringEquals", "ec2:ResourceTag/a", "b", Action="ec2:DescribeInstances"), "identity", [], id="tags"
    ),
    pytest.param(
        when("StringEquals", "aws:username", "b", Action="ec2:DescribeInstances"), "identity", [], id="global keys"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("unsupported_action_for_key", text, kind) == expected
