"""INVALID_SERVICE_PRINCIPAL_FORMAT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, trust, when

CASES = [
    pytest.param(
        when("StringEquals", "iam:PassedToService", "sagemaker"),
        "identity",
        [("INVALID_SERVICE_PRINCIPAL_FORMAT", ["Statement/0/Condition/StringEquals/iam:PassedToService"])],
        id="a service",
    ),
    pytest.param(
        when("StringEquals", "kms:ViaService", "s3.amazonaws.com"),
        "identity",
        [("INVALID_SERVICE_PRINCIPAL_FORMAT", ["Statement/0/Condition/StringEquals/kms:ViaService"])],
        id="without a Region",
    ),
    pytest.param(
        trust({"Service": "sagemaker"}),
        "trust",
        [("INVALID_SERVICE_PRINCIPAL_FORMAT", ["Statement/0/Principal/Service"])],
        id="a principal",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "StringEquals": {
                        "iam:PassedToService": "sagemaker.amazonaws.com",
                        "kms:ViaService": "s3.us-east-1.amazonaws.com",
                    }
                }
            )
        ),
        "identity",
        [],
        id="as they are",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("service_principal_format", text, kind) == expected
