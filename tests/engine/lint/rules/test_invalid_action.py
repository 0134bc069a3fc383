"""INVALID_ACTION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(["s3:GetObject", "s3:GetObjects"])),
        "identity",
        [("INVALID_ACTION", ["Statement/0/Action/1"])],
        id="unknown",
    ),
    pytest.param(
        policy(allow(None, NotAction="s3:GetObjects")),
        "identity",
        [("INVALID_ACTION", ["Statement/0/NotAction"])],
        id="in NotAction",
    ),
    pytest.param(policy(allow("GetObject")), "identity", [("INVALID_ACTION", ["Statement/0/Action"])], id="no service"),
    pytest.param(policy(allow("S3:getobject")), "identity", [], id="in any letter case"),
    pytest.param(policy(allow(["s3:GetObjectss*", "*"])), "identity", [], id="patterns"),
    # https://github.com/aws-samples/resource-control-policy-examples
    pytest.param(policy(allow("rolesanywhere:CreateSession")), "identity", [], id="beside the reference"),
    pytest.param(policy(allow("nosuch:Get")), "identity", [], id="of an unknown service"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("invalid_action", text, kind) == expected
