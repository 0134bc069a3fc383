"""PASS_ROLE_WITH_…."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy, when

CASES = [
    pytest.param(
        policy(allow("*")),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="everything",
    ),
    pytest.param(
        policy(allow(["s3:*", "iam:PassRole"], ["arn:aws:s3:::a", "arn:aws:iam::*:role/*"])),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE", ["Statement/0/Action/1", "Statement/0/Resource/1"])],
        id="any role",
    ),
    pytest.param(
        policy(allow("iam:PassRole", None, NotResource="arn:aws:iam::111122223333:role/a")),
        "identity",
        [("PASS_ROLE_WITH_NOT_RESOURCE", ["Statement/0/Action", "Statement/0/NotResource"])],
        id="any role but one",
    ),
    pytest.param(
        policy(allow("iam:Pass*", None, NotResource="arn:aws:iam::111122223333:role/a")),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", ["Statement/0/Action", "Statement/0/NotResource"])],
        id="by a pattern any role but one",
    ),
    pytest.param(
        policy(allow(None, NotAction="s3:*")),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", ["Statement/0/NotAction", "Statement/0/Resource"])],
        id="by exception",
    ),
    pytest.param(
        policy(allow(None, None, NotAction="s3:*", NotResource="arn:aws:s3:::a")),
        "identity",
        [("PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", ["Statement/0/NotAction", "Statement/0/NotResource"])],
        id="by two exceptions",
    ),
    pytest.param(policy(allow(None, NotAction="iam:*")), "identity", [], id="excepted"),
    pytest.param(
        when("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com", Action="iam:PassRole"),
        "identity",
        [],
        id="a service that is named",
    ),
    pytest.param(
        when("StringEqualsIfExists", "iam:PassedToService", "sagemaker.amazonaws.com", Action="iam:PassRole"),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="a service that may be missing",
    ),
    pytest.param(
        when("StringLike", "iam:PassedToService", "*.amazonaws.com", Action="iam:PassRole"),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="a pattern of services",
    ),
    pytest.param(
        policy(allow("iam:PassRole", "arn:aws:iam::*:role/AmazonSageMaker*")), "identity", [], id="roles of a service"
    ),
    pytest.param(
        policy(allow("iam:PassRole", "arn:aws:iam::*:role/jane*")),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="roles of no service",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html: some services
    # include their namespace in the name of their role.
    pytest.param(policy(allow("iam:PassRole", "arn:aws:iam::*:role/AWSBatchJobRole*")), "identity", [], id="a word"),
    pytest.param(policy(allow("iam:PassRole", "arn:aws:iam::*:role/aws-opsworks-cm-*")), "identity", [], id="words"),
    pytest.param(
        policy(allow("iam:PassRole", "arn:aws:iam::*:role/staging-*")),
        "identity",
        [("PASS_ROLE_WITH_STAR_IN_RESOURCE", ["Statement/0/Action", "Statement/0/Resource"])],
        id="letters of a service's name within a word",
    ),
    pytest.param(
        policy(allow("iam:PassRole", "arn:aws:iam::*:instance-profile/jane*")), "identity", [], id="no roles at all"
    ),
    pytest.param(
        policy(allow("iam:PassRole", "arn:aws:iam::*:role/jane")), "identity", [], id="one role in any account"
    ),
    pytest.param(policy(deny("iam:PassRole")), "identity", [], id="a Deny"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("pass_role", text, kind) == expected
