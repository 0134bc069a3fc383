"""UNSUPPORTED_ACTION_IN_POLICY."""

from typing import Any

import pytest

from tests.engine.lint.helpers import Found, found, policy, trust

CODE = "UNSUPPORTED_ACTION_IN_POLICY"
AWS = {"AWS": "111122223333"}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"], []),
        (["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "STS:assume*", "sts:*"], []),
        (["sts:AssumeRole", "s3:GetObject"], [(CODE, ["Statement/0/Action/1"])]),
        ("s3:Get*", [(CODE, ["Statement/0/Action"])]),
        ("sts:GetCallerIdentity", [(CODE, ["Statement/0/Action"])]),
        (["sts:AssumeRolle", "nothing:AssumeRole", "*", 5], []),
    ],
    ids=["of roles", "also by patterns", "another service", "a pattern of it", "not about a role", "what is none"],
)
def test_actions_of_a_trust_policy(action: Any, expected: Found) -> None:
    assert found("trust_action", trust(AWS, action), "trust") == expected


def test_other_policies_have_every_action() -> None:
    assert found("trust_action", policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})) == []
