"""INVALID_KMS_KEY_VALUE."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "s3:x-amz-server-side-encryption-aws-kms-key-id", "1234"),
        "identity",
        [
            (
                "INVALID_KMS_KEY_VALUE",
                ["Statement/0/Condition/StringEquals/s3:x-amz-server-side-encryption-aws-kms-key-id"],
            )
        ],
        id="an id",
    ),
    pytest.param(
        when(
            "StringEquals",
            "s3:x-amz-server-side-encryption-aws-kms-key-id",
            "arn:aws:kms:us-east-1:111122223333:key/1234",
        ),
        "identity",
        [],
        id="an ARN",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("kms_key_value", text, kind) == expected
