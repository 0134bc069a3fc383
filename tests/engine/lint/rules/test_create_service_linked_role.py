"""CREATE_SLR_WITH_…."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        policy(allow("iam:*")),
        "identity",
        [("CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="everything",
    ),
    pytest.param(
        policy(allow("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/*")),
        "identity",
        [("CREATE_SLR_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="of any service",
    ),
    pytest.param(
        policy(allow("iam:CreateServiceLinkedRole", "arn:aws:iam::*:role/aws-service-role/sagemaker.amazonaws.com/*")),
        "identity",
        [],
        id="of one service",
    ),
    pytest.param(
        when("StringLike", "iam:AWSServiceName", "cloud9.amazonaws.com", Action="iam:CreateServiceLinkedRole"),
        "identity",
        [],
        id="of a service that a condition names",
    ),
    pytest.param(
        when("StringLike", "iam:AWSServiceName", "*a4b.amazonaws.com", Action="iam:CreateServiceLinkedRole"),
        "identity",
        [("CREATE_SLR_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="of a pattern of services",
    ),
    pytest.param(
        policy(allow("iam:CreateServiceLinkedRole", None, NotResource="arn:aws:iam::*:role/a")),
        "identity",
        [("CREATE_SLR_WITH_NOT_RESOURCE", ["Statement/0/Action", "Statement/0/NotResource"])],
        id="of any but one",
    ),
    pytest.param(
        policy(allow("iam:Create*", None, NotResource="arn:aws:iam::*:role/a")),
        "identity",
        [("CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", ["Statement/0/Action", "Statement/0/NotResource"])],
        id="by a pattern of any but one",
    ),
    pytest.param(
        policy(allow(None, NotAction="s3:*")),
        "identity",
        [("CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", ["Statement/0/NotAction", "Statement/0/Resource"])],
        id="by exception",
    ),
    pytest.param(
        policy(allow(None, None, NotAction="s3:*", NotResource="arn:aws:s3:::a")),
        "identity",
        [("CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", ["Statement/0/NotAction", "Statement/0/NotResource"])],
        id="by two exceptions",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("create_service_linked_role", text, kind) == expected
