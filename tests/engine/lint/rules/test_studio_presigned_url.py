"""STUDIO_PRESIGNED_URL_OPEN."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy, when

CASES = [
    pytest.param(
        policy(allow("sagemaker:CreatePresigned*")),
        "identity",
        [("STUDIO_PRESIGNED_URL_OPEN", ["Statement/0/Action", "Statement/0/Resource"])],
        id="everywhere",
    ),
    pytest.param(
        policy(allow("sagemaker:CreatePresignedDomainUrl", "arn:aws:sagemaker:*:*:user-profile/*/*")),
        "identity",
        [("STUDIO_PRESIGNED_URL_OPEN", ["Statement/0/Action", "Statement/0/Resource"])],
        id="of every profile",
    ),
    pytest.param(
        policy(allow("sagemaker:CreatePresignedDomainUrl", "arn:aws:sagemaker:*:*:user-profile/*/${aws:username}")),
        "identity",
        [],
        id="of one's own",
    ),
    pytest.param(
        when("StringEquals", "aws:ResourceTag/team", "a", Action="sagemaker:CreatePresignedDomainUrl"),
        "identity",
        [],
        id="of one team",
    ),
    pytest.param(
        policy(allow("sagemaker:CreatePresignedDomainUrl"), deny("sagemaker:CreatePresigned*")),
        "identity",
        [],
        id="a Deny of all",
    ),
    pytest.param(
        policy(allow("sagemaker:CreatePresigned*"), deny("sagemaker:CreatePresignedDomainUrl")),
        "identity",
        [("STUDIO_PRESIGNED_URL_OPEN", ["Statement/0/Action", "Statement/0/Resource"])],
        id="a Deny of one",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_presigned_url", text, kind) == expected
