"""STUDIO_PASS_ROLE_…."""

from typing import Any

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy

TRAINING = allow("sagemaker:CreateTrainingJob")
ONE = "arn:aws:iam::111122223333:role/training"
EVERY = "arn:aws:iam::111122223333:role/service-role/*"
ANY_SERVICE: Found = [("STUDIO_PASS_ROLE_ANY_SERVICE", ["Statement/1/Action"])]
ANY_ROLE: Found = [("STUDIO_PASS_ROLE_ANY_ROLE", ["Statement/1/Action", "Statement/1/Resource"])]


def passing(resource: str, operator: str = "", value: Any = "sagemaker.amazonaws.com", **more: Any) -> dict[str, Any]:
    """An Allow of iam:PassRole, with a condition on the service where an operator is given."""
    conditions = {**({operator: {"iam:PassedToService": value}} if operator else {}), **more}
    return allow("iam:PassRole", resource, Condition=conditions or None)


CASES = [
    pytest.param(policy(TRAINING, passing(ONE, "StringEquals")), [], id="one role to SageMaker"),
    pytest.param(policy(TRAINING, passing(ONE)), ANY_SERVICE, id="one role to any service"),
    pytest.param(policy(TRAINING, passing(ONE, "StringEqualsIfExists")), ANY_SERVICE, id="where no service is named"),
    pytest.param(policy(TRAINING, passing(ONE, "StringNotEquals")), ANY_SERVICE, id="any service but SageMaker"),
    pytest.param(policy(TRAINING, passing("*", "StringEquals")), ANY_ROLE, id="every role"),
    pytest.param(policy(TRAINING, passing(EVERY, "StringLike")), ANY_ROLE, id="every role of a path"),
    pytest.param(policy(TRAINING, passing("*")), [], id="AWS's check says both at once"),
    pytest.param(policy(TRAINING, passing("*", "StringEquals", "ec2.amazonaws.com")), [], id="another service"),
    pytest.param(
        policy(TRAINING, passing("*", "StringEquals", ArnLike={"iam:ResourceTag/team": "ml"})),
        [],
        id="roles by their tag",
    ),
    pytest.param(policy(allow("s3:*"), passing(ONE)), [], id="a policy without SageMaker"),
    pytest.param(policy(TRAINING, passing(ONE), deny("iam:Pass*", ONE)), [], id="a Deny of the role"),
    pytest.param(policy(TRAINING, passing(ONE), deny("iam:PassRole", f"{ONE}2")), ANY_SERVICE, id="of another role"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_what_is_found(text: str, expected: Found) -> None:
    assert found("studio_pass_role", text) == expected
