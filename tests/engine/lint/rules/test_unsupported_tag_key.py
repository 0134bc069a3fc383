"""ALLOW_… and DENY_…WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy, when

CASES = [
    pytest.param(
        when(
            "StringEquals",
            "aws:ResourceTag/team",
            "a",
            Action=["sagemaker:ListAssociations", "sagemaker:DescribeModel"],
        ),
        "identity",
        [
            (
                "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
                ["Statement/0/Action/0", "Statement/0/Condition/StringEquals/aws:ResourceTag/team"],
            )
        ],
        id="a list action",
    ),
    pytest.param(
        when("StringEquals", "aws:ResourceTag/team", "a", Action="sagemaker:*Associations"),
        "identity",
        [
            (
                "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
                ["Statement/0/Action", "Statement/0/Condition/StringEquals/aws:ResourceTag/team"],
            )
        ],
        id="a pattern with one",
    ),
    pytest.param(
        when("StringEquals", "aws:ResourceTag/team", "a", Action="wisdom:CreateAssistant"),
        "identity",
        [],
        id="an action that makes the resource",
    ),
    pytest.param(
        when("StringNotEquals", "aws:ResourceTag/team", "a", Action="sagemaker:ListAssociations"),
        "identity",
        [],
        id="a negated operator",
    ),
    pytest.param(
        when("StringEqualsIfExists", "aws:ResourceTag/team", "a", Action="sagemaker:ListAssociations"),
        "identity",
        [],
        id="an open operator",
    ),
    pytest.param(
        policy(deny("sagemaker:ListAssociations", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})),
        "identity",
        [
            (
                "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
                ["Statement/0/Action", "Statement/0/Condition/StringEquals/aws:ResourceTag/team"],
            )
        ],
        id="a Deny",
    ),
    pytest.param(
        policy(allow(None, NotAction="s3:*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})),
        "identity",
        [
            (
                "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
                ["Statement/0/NotAction", "Statement/0/Condition/StringEquals/aws:ResourceTag/team"],
            )
        ],
        id="all actions but some",
    ),
    pytest.param(
        policy(deny(None, NotAction="s3:*", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})),
        "identity",
        [
            (
                "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
                ["Statement/0/NotAction", "Statement/0/Condition/StringEquals/aws:ResourceTag/team"],
            )
        ],
        id="no action but some",
    ),
    pytest.param(
        when("StringEquals", "aws:RequestTag/team", "a", Action="sagemaker:ListAssociations"),
        "identity",
        [],
        id="another key",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("unsupported_tag_key", text, kind) == expected
