"""UNSUPPORTED_ACTION_FOR_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust, when

CASES = [
    pytest.param(
        when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", Action=["iam:PassRole", "ec2:RunInstances"]),
        "identity",
        [
            (
                "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
                ["Statement/0/Action/1", "Statement/0/Condition/StringEquals/iam:PassedToService"],
            )
        ],
        id="an action too many",
    ),
    pytest.param(
        when("StringEquals", "iam:PassedToService", "ec2.amazonaws.com", Action=["iam:PassRole", "ec2:Run*"]),
        "identity",
        [],
        id="patterns",
    ),
    pytest.param(
        when("StringEquals", "ec2:ResourceTag/a", "b", Action="ec2:DescribeInstances"), "identity", [], id="tags"
    ),
    pytest.param(
        when("StringEquals", "aws:username", "b", Action="ec2:DescribeInstances"), "identity", [], id="global keys"
    ),
    pytest.param(
        when("StringEquals", "kms:EncryptionContext:a", "b", Action=["kms:Decrypt", "kms:DescribeKey"]),
        "identity",
        [
            (
                "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
                ["Statement/0/Action/1", "Statement/0/Condition/StringEquals/kms:EncryptionContext:a"],
            )
        ],
        id="a key that goes on with a name",
    ),
    pytest.param(
        when("StringLike", "s3:prefix", "a/*", Action=["s3:ListBucket", "s3:ListBucketMultipartUploads"]),
        "identity",
        [
            (
                "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
                ["Statement/0/Action/1", "Statement/0/Condition/StringLike/s3:prefix"],
            )
        ],
        id="a prefix of uploads",
    ),
    pytest.param(
        trust(
            {"AWS": "111122223333"},
            ["sts:AssumeRole", "sts:TagSession"],
            Condition={"StringEquals": {"sts:ExternalId": "a"}},
        ),
        "trust",
        [
            (
                "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
                ["Statement/0/Action/1", "Statement/0/Condition/StringEquals/sts:ExternalId"],
            )
        ],
        id="a session's tags with an external id",
    ),
    pytest.param(
        trust(
            {"Federated": "arn:aws:iam::111122223333:saml-provider/a"},
            ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        ),
        "trust",
        [],
        id="a provider's key that both carry",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("unsupported_action_for_key", text, kind) == expected
