"""UNSUPPORTED_CONDITION_KEY_FOR_…, RESTRICT_ACCESS_TO_…, RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Service": "sagemaker.amazonaws.com"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        "trust",
        [
            (
                "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                ["Statement/0/Condition/StringEquals/aws:PrincipalOrgID", "Statement/0/Principal/Service"],
            )
        ],
        id="a key of callers",
    ),
    pytest.param(
        trust({"Service": "sns.amazonaws.com"}, "sqs:SendMessage"),
        "resource",
        [("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", ["Statement/0/Principal/Service"])],
        id="open",
    ),
    pytest.param(
        trust({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", Condition={"StringEquals": {"aws:Referer": "x"}}),
        "resource",
        [("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", ["Statement/0/Condition/StringEquals/aws:Referer"])],
        id="by the referer",
    ),
    pytest.param(
        trust({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", Condition={"ArnLike": {"aws:SourceArn": "x"}}),
        "resource",
        [],
        id="by the source",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("service_principal_condition", text, kind) == expected
