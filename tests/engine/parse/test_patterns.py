"""What an Action and a Resource may look like."""

import pytest

from policystudio.engine.document import PolicyKind
from tests.engine.parse.helpers import document, found_in_one, parse_one, problems, statement


@pytest.mark.parametrize(
    "action",
    [
        "*",
        "sagemaker:CreateModel",
        "SageMaker:*",
        "s3:Get?b*",
        "*:*",
        "s?:Get",
        "execute-api:Invoke",
        "vpc-lattice:A-B",
        "iam:*User*",
    ],
)
def test_actions(action: str) -> None:
    assert parse_one(Action=[action]).statements[0].actions == (action,)
    assert parse_one(Action=None, NotAction=action).statements[0].not_actions == (action,)


@pytest.mark.parametrize(
    ("action", "part"),
    [
        ("", "the empty text is not an action: write `service:Name`"),
        ("CreateModel", "`CreateModel` is not an action: write `service:Name`"),
        ("**", "`**` is not an action"),
        ("s3:", "`s3:` is not an action"),
        (":Get", "`:Get` is not an action"),
        ("s3:Get Object", "is not an action"),
        ("s3: Get", "is not an action"),
        ("s3:a:b", "`s3:a:b` is not an action"),
        ("arn:aws:s3:::b", "is not an action"),
        ("s3:Gét", "is not an action"),
        ("s3:${aws:username}", "variables are not allowed in actions"),
    ],
)
def test_other_actions_are_refused(action: str, part: str) -> None:
    (problem,) = problems(document(statement(Action=["*", action])))
    assert (problem.code, problem.path) == ("action", ("Statement", 0, "Action", 1))
    assert part in problem.message


@pytest.mark.parametrize("action", ["sts:AssumeRole", "STS:AssumeRoleWithSAML", "sts:*", "*"])
def test_a_trust_policy_is_about_sts(action: str) -> None:
    assert parse_one(PolicyKind.TRUST, Action=action)


def test_a_trust_policy_is_about_nothing_else() -> None:
    assert found_in_one(PolicyKind.TRUST, Action=["sts:TagSession", "s3:Get*"]) == [("action", '"s3:Get*"')]


@pytest.mark.parametrize(
    "resource",
    [
        "*",
        "arn:aws:sagemaker:us-east-1:123456789012:model/m",
        "arn:*:sagemaker:*:*:endpoint/*",
        "arn:aws*:s3:::b",
        "arn:aws:sqs",
        "arn:aws:sqs:*",
        "arn:aws:iam::*:role/?x",
        "arn:aws:s3:::${aws:username}/*",
        "arn:aws:s3:::${aws:PrincipalTag/team, 'none'}",
        "arn:*:kms:*:${aws:PrincipalAccount}:key/*",
        "arn:aws:logs:*:*:log-group:/aws/x:*",
        "arn:aws:S3:::b",
    ],
)
def test_resources(resource: str) -> None:
    assert parse_one(Resource=resource).statements[0].resources == (resource,)
    assert parse_one(Resource=None, NotResource=[resource]).statements[0].not_resources == (resource,)


@pytest.mark.parametrize(
    "resource",
    ["", "**", "model/x", "arn", "arn:aws", "arn:*", "ARN:aws:s3:::b", "arn::s3:::b", "arn:aws::::b", " *", "s3:::b"],
)
def test_other_resources_are_refused(resource: str) -> None:
    (problem,) = problems(document(statement(Resource=["*", resource])))
    assert (problem.code, problem.path) == ("resource", ("Statement", 0, "Resource", 1))
    assert "is not an ARN: write `arn:partition:service:region:account:resource`" in problem.message


@pytest.mark.parametrize(
    "resource", ["arn:aws:*:us-east-1:123456789012:model/m", "arn:aws:s?:::b", "arn:aws:*", "arn:aws:${aws:x}:::b"]
)
def test_the_service_of_a_resource_is_spelled_out(resource: str) -> None:
    (problem,) = problems(document(statement(Resource=resource)))
    assert problem.code == "resource"
    assert "the service of an ARN may not have wildcards or variables" in problem.message
