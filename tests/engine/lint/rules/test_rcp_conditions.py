"""RCP_MISSING_…."""

import pytest

from tests.engine.lint.helpers import Found, deny, found, policy

CASES = [
    pytest.param(
        policy(deny("s3:*", Principal="*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})),
        "rcp",
        [
            (
                "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY",
                ["Statement/0/Condition/StringNotEqualsIfExists/aws:PrincipalOrgID"],
            )
        ],
        id="services have no organization",
    ),
    pytest.param(
        policy(
            deny(
                "s3:*",
                Principal="*",
                Condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                },
            )
        ),
        "rcp",
        [],
        id="services are spared",
    ),
    pytest.param(
        policy(deny("s3:*", Principal="*", Condition={"StringNotEqualsIfExists": {"aws:SourceOrgID": "o-1"}})),
        "rcp",
        [
            (
                "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY",
                ["Statement/0/Condition/StringNotEqualsIfExists/aws:SourceOrgID"],
            ),
            (
                "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK",
                ["Statement/0/Condition/StringNotEqualsIfExists/aws:SourceOrgID"],
            ),
        ],
        id="services alone",
    ),
    pytest.param(
        policy(
            deny(
                "s3:*",
                Principal="*",
                Condition={
                    "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-1"},
                    "Null": {"aws:SourceAccount": "false"},
                    "Bool": {"aws:PrincipalIsAWSService": "true"},
                },
            )
        ),
        "rcp",
        [],
        id="services with a source",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("rcp_conditions", text, kind) == expected
