"""REDUNDANT_ACTION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(["iam:Get*", "iam:List*", "iam:GetCredentialReport"])),
        "identity",
        [("REDUNDANT_ACTION", ["Statement/0/Action/0", "Statement/0/Action/2"])],
        id="the example of AWS",
    ),
    pytest.param(
        policy(allow(["s3:GetObject", "s3:getobject"])),
        "identity",
        [("REDUNDANT_ACTION", ["Statement/0/Action/0", "Statement/0/Action/1"])],
        id="the same twice in any letter case",
    ),
    pytest.param(
        policy(allow(["s3:Get*", "s3:GetObject", "s3:List*", "s3:ListBucket"])),
        "identity",
        [
            ("REDUNDANT_ACTION", ["Statement/0/Action/0", "Statement/0/Action/1"]),
            ("REDUNDANT_ACTION", ["Statement/0/Action/2", "Statement/0/Action/3"]),
        ],
        id="two groups",
    ),
    pytest.param(policy(allow(["iam:Get*", "iam:*CredentialReport"])), "identity", [], id="half of a pattern"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("redundant_action", text, kind) == expected
