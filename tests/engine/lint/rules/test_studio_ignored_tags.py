"""STUDIO_TAG_KEY_IGNORED_BY_…."""

from typing import Any

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy

BY_ALLOW, BY_DENY = "STUDIO_TAG_KEY_IGNORED_BY_ALLOW", "STUDIO_TAG_KEY_IGNORED_BY_DENY"


def when(operator: str, key: str, value: Any = "ml") -> dict[str, Any]:
    """A Condition element."""
    return {operator: {key: value}}


def said(code: str, action: str, condition: str) -> Found:
    """One finding at an action and a key."""
    return [(code, [f"Statement/0/{action}", f"Statement/0/Condition/{condition}"])]


CASES = [
    pytest.param(
        allow("sagemaker:ListModels", Condition=when("StringEquals", "aws:ResourceTag/team")),
        [],
        id="AWS's check says it",
    ),
    pytest.param(
        allow(["sagemaker:ListModels", "s3:GetObject"], Condition=when("StringEquals", "sagemaker:ResourceTag/team")),
        said(BY_ALLOW, "Action/0", "StringEquals/sagemaker:ResourceTag/team"),
        id="SageMaker's own key",
    ),
    pytest.param(
        deny("sagemaker:DeleteModel", Condition=when("StringLike", "aws:RequestTag/team", "*")),
        said(BY_DENY, "Action", "StringLike/aws:RequestTag/team"),
        id="new tags where none are given",
    ),
    pytest.param(
        allow("sagemaker:Delete*", Condition=when("ForAnyValue:StringEquals", "aws:TagKeys", "team")),
        [],
        id="one that a pattern means carries it",
    ),
    pytest.param(
        allow("sagemaker:DeleteModel*", Condition=when("ForAnyValue:StringEquals", "aws:TagKeys", "team")),
        said(BY_ALLOW, "Action", "ForAnyValue:StringEquals/aws:TagKeys"),
        id="none that a pattern means does",
    ),
    pytest.param(
        allow("sagemaker:DeleteModel", Condition=when("Null", "aws:TagKeys", "false")),
        said(BY_ALLOW, "Action", "Null/aws:TagKeys"),
        id="asked for by Null",
    ),
    pytest.param(
        allow("sagemaker:DeleteModel", Condition=when("Null", "aws:TagKeys", "true")), [], id="held to be missing"
    ),
    pytest.param(
        deny("sagemaker:DeleteModel", Condition=when("StringNotEquals", "aws:RequestTag/a")), [], id="negated"
    ),
    pytest.param(
        allow("sagemaker:CreateModel", Condition=when("StringEqualsIfExists", "aws:ResourceTag/team")),
        [],
        id="if there",
    ),
    pytest.param(
        allow("sagemaker:CreateModel", Condition=when("ForAllValues:StringEquals", "aws:ResourceTag/a")),
        [],
        id="of none",
    ),
    pytest.param(
        allow("sagemaker:CreateModel", Condition=when("StringEquals", "aws:RequestTag/team")), [], id="carried"
    ),
    pytest.param(allow("sagemaker:CreateModel", Condition=when("StringEquals", "aws:username")), [], id="no tag"),
    pytest.param(
        allow("sagemaker:NoSuchAction", Condition=when("StringEquals", "aws:RequestTag/team")), [], id="unknown"
    ),
]


@pytest.mark.parametrize(("statement", "expected"), CASES)
def test_what_is_found(statement: dict[str, Any], expected: Found) -> None:
    assert found("studio_ignored_tags", policy(statement)) == expected
