"""INVALID_EFFECT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(Effect="allow")), "identity", [("INVALID_EFFECT", ["Statement/0/Effect"])], id="in lower case"
    ),
    pytest.param(policy(allow(Effect="Deny")), "identity", [], id="a Deny"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("effect", text, kind) == expected
