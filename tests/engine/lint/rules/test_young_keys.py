"""USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, trust, when

CODE = "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES"
HERE = [(CODE, ["Statement/0/Condition/StringEquals/aws:VpceAccount"])]
OF_ACCOUNT = {"StringEquals": {"aws:VpceAccount": "111122223333"}}

CASES = [
    pytest.param(policy(allow("s3:GetObject", Condition=OF_ACCOUNT)), "identity", [], id="a service that supports it"),
    pytest.param(policy(allow(["s3:*", "SQS:SendMessage"], Condition=OF_ACCOUNT)), "identity", HERE, id="one besides"),
    pytest.param(
        when("StringEquals", "aws:VpceOrgID", "o-a1b2c3d4e5", Action="sqs:SendMessage"),
        "identity",
        [],
        id="the organization is known to more services",
    ),
    pytest.param(policy(allow("*", Condition=OF_ACCOUNT)), "identity", HERE, id="every service"),
    pytest.param(policy(allow("iam:PassRole", Condition=OF_ACCOUNT)), "identity", HERE, id="the action without it"),
    pytest.param(policy(allow("iam:Get*", Condition=OF_ACCOUNT)), "identity", [], id="others of its service"),
    pytest.param(policy(allow(None, NotAction="s3:*", Condition=OF_ACCOUNT)), "identity", HERE, id="by exception"),
    pytest.param(trust({"AWS": "111122223333"}, Condition=OF_ACCOUNT), "trust", HERE, id="a trust policy"),
    pytest.param(
        when("ForAnyValue:StringLike", "AWS:vpceorgpaths", "o-a1b2c3d4e5/*", Action="sagemaker:ListModels"),
        "scp",
        [(CODE, ["Statement/0/Condition/ForAnyValue:StringLike/AWS:vpceorgpaths"])],
        id="in any letter case",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("young_keys", text, kind) == expected
