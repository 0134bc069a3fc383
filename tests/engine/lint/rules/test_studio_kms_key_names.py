"""STUDIO_KMS_KEY_NAME."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        when("ArnEquals", "sagemaker:VolumeKmsKey", "a"),
        "identity",
        [("STUDIO_KMS_KEY_NAME", ["Statement/0/Condition/ArnEquals/sagemaker:VolumeKmsKey"])],
        id="the old name",
    ),
    pytest.param(
        when("ArnEquals", "sagemaker:VolumeKmsKeyArn", "a"),
        "identity",
        [("STUDIO_KMS_KEY_NAME", ["Statement/0/Condition/ArnEquals/sagemaker:VolumeKmsKeyArn"])],
        id="the new name",
    ),
    pytest.param(
        policy(
            allow(Condition={"ArnEqualsIfExists": {"sagemaker:VolumeKmsKey": "a", "sagemaker:VolumeKmsKeyArn": "a"}})
        ),
        "identity",
        [],
        id="both",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_kms_key_names", text, kind) == expected
