"""UNSUPPORTED_PRINCIPAL, SCP_SYNTAX_ERROR_PRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, trust

CASES = [
    pytest.param(
        policy(allow(Principal="*")), "identity", [("UNSUPPORTED_PRINCIPAL", ["Statement/0/Principal"])], id="identity"
    ),
    pytest.param(
        policy(allow(NotPrincipal="*")), "scp", [("SCP_SYNTAX_ERROR_PRINCIPAL", ["Statement/0/NotPrincipal"])], id="SCP"
    ),
    pytest.param(trust("*"), "trust", [], id="trust"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("unsupported_principal", text, kind) == expected
