"""STUDIO_ESCALATION_…."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(["sagemaker:CreateNotebookInstance", "iam:PassRole"])),
        "identity",
        [("STUDIO_ESCALATION_PASS_ROLE", ["Statement/0/Action/1", "Statement/0/Resource", "Statement/0/Action/0"])],
        id="a role for a notebook",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateTrainingJob"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/ml-*")),
        "identity",
        [("STUDIO_ESCALATION_PASS_ROLE", ["Statement/1/Action", "Statement/1/Resource", "Statement/0/Action"])],
        id="in two statements",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateTrainingJob"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/training")),
        "identity",
        [],
        id="a role that is named",
    ),
    pytest.param(
        policy(
            allow("sagemaker:CreateTrainingJob"),
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ),
        "identity",
        [],
        id="a role for another service",
    ),
    pytest.param(policy(allow("iam:PassRole")), "identity", [], id="nothing to use it with"),
    pytest.param(
        policy(allow(["sagemaker:UpdateNotebookInstanceLifecycleConfig", "sagemaker:StartNotebookInstance"])),
        "identity",
        [("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/Action/0", "Statement/0/Action/1"])],
        id="a script of a notebook",
    ),
    pytest.param(
        policy(allow(["sagemaker:CreateStudioLifecycleConfig", "sagemaker:UpdateUserProfile"])),
        "identity",
        [("STUDIO_ESCALATION_LIFECYCLE_CONFIG", ["Statement/0/Action/0", "Statement/0/Action/1"])],
        id="a script of Studio",
    ),
    pytest.param(
        policy(allow("sagemaker:CreateStudioLifecycleConfig")), "identity", [], id="a script that nobody runs"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_escalation", text, kind) == expected
