"""DYNAMODB_ATTRIBUTES_WITHOUT_SELECT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        when("ForAllValues:StringEquals", "dynamodb:Attributes", "a"),
        "identity",
        [
            (
                "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
                ["Statement/0/Condition/ForAllValues:StringEquals/dynamodb:Attributes"],
            )
        ],
        id="alone",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": "a"},
                    "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
                }
            )
        ),
        "identity",
        [],
        id="together",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": "a"},
                    "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
                }
            )
        ),
        "identity",
        [],
        id="together, as DynamoDB's guide has it",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "ForAllValues:StringEquals": {"dynamodb:Attributes": "a"},
                    "StringEquals": {"dynamodb:Select": ["SPECIFIC_ATTRIBUTES", "ALL_ATTRIBUTES"]},
                }
            )
        ),
        "identity",
        [
            (
                "DYNAMODB_ATTRIBUTES_WITHOUT_SELECT",
                ["Statement/0/Condition/ForAllValues:StringEquals/dynamodb:Attributes"],
            )
        ],
        id="held to more",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("dynamodb_attributes", text, kind) == expected
