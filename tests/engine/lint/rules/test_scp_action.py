"""SCP_SYNTAX_ERROR_ACTION_WILDCARD."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy

CASES = [
    pytest.param(
        policy(deny(["iam:*Role", "iam:Get*"])),
        "scp",
        [("SCP_SYNTAX_ERROR_ACTION_WILDCARD", ["Statement/0/Action/0"])],
        id="in the middle",
    ),
    pytest.param(policy(allow("*"), deny("iam:Get*")), "scp", [], id="at the end"),
    pytest.param(policy(deny("iam:*Role")), "identity", [], id="an identity policy"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("scp_action", text, kind) == expected
