"""UNSUPPORTED_SID."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(policy(allow(Sid="Read it")), "identity", [("UNSUPPORTED_SID", ["Statement/0/Sid"])], id="a space"),
    pytest.param(policy(allow(Sid="Read1")), "identity", [], id="letters and digits"),
    pytest.param(policy(allow(Sid="Read it")), "scp", [], id="an SCP"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("sid_characters", text, kind) == expected
