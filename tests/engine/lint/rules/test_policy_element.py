"""INVALID_POLICY_ELEMENT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(), version="2012-10-17"), "identity", [("INVALID_POLICY_ELEMENT", ["version"])], id="of the policy"
    ),
    pytest.param(
        policy(allow(Actions="s3:*")),
        "identity",
        [("INVALID_POLICY_ELEMENT", ["Statement/0/Actions"])],
        id="of a statement",
    ),
    pytest.param(policy(allow(Sid="A", Condition={}), Id="x"), "identity", [], id="all that there are"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("policy_element", text, kind) == expected
