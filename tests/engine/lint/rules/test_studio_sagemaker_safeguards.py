"""STUDIO_CREATE_WITHOUT_…, STUDIO_CREATE_WITH_ROOT_ACCESS."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy, when

CASES = [
    pytest.param(
        policy(allow("sagemaker:CreateModel")),
        "identity",
        [
            ("STUDIO_CREATE_WITHOUT_VPC", ["Statement/0/Action"]),
            ("STUDIO_CREATE_WITHOUT_NETWORK_ISOLATION", ["Statement/0/Action"]),
        ],
        id="a model",
    ),
    pytest.param(
        when("Null", "sagemaker:VpcSubnets", "false", Action="sagemaker:UpdateNotebookInstance"),
        "identity",
        [("STUDIO_CREATE_WITH_ROOT_ACCESS", ["Statement/0/Action"])],
        id="root access",
    ),
    pytest.param(
        policy(
            allow("sagemaker:CreateModel"),
            deny("sagemaker:CreateModel", Condition={"Null": {"sagemaker:VpcSubnets": "true"}}),
            deny("sagemaker:CreateModel", Condition={"Bool": {"sagemaker:NetworkIsolation": "false"}}),
        ),
        "identity",
        [],
        id="a Deny holds for all",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateTransformJob")),
        "identity",
        [("STUDIO_CREATE_WITHOUT_ENCRYPTION", ["Statement/0/Action"])],
        id="a key for the volume",
    ),
    pytest.param(policy(allow("sagemaker:Describe*")), "identity", [], id="reading"),
    pytest.param(
        policy(
            allow("sagemaker:CreateTransformJob"),
            allow("sagemaker:CreateProcessingJob", Condition={"Null": {"sagemaker:VolumeKmsKeyArn": "false"}}),
            deny(
                "sagemaker:*",
                Condition={"Null": {"sagemaker:VpcSubnets": "true"}, "Bool": {"sagemaker:NetworkIsolation": "false"}},
            ),
        ),
        "identity",
        [("STUDIO_CREATE_WITHOUT_ENCRYPTION", ["Statement/0/Action"])],
        id="a condition of another statement is about that",
    ),
    pytest.param(
        policy(
            allow(["sagemaker:CreateTransformJob", "sagemaker:CreateModelPackage"]),
            deny("sagemaker:CreateModel", Condition={"Null": {"sagemaker:VolumeKmsKey": "true"}}),
        ),
        "identity",
        [("STUDIO_CREATE_WITHOUT_ENCRYPTION", ["Statement/0/Action/0"])],
        id="a Deny of another action is about that",
    ),
    pytest.param(
        policy(allow("sagemaker:Create*"), deny("sagemaker:Create*"), allow("sagemaker:CreateTransformJob")),
        "identity",
        [],
        id="a Deny of the action",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_sagemaker_safeguards", text, kind) == expected
