"""ALLOW_WITH_NOT_PRINCIPAL, ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy, trust

CASES = [
    pytest.param(
        policy(allow(NotPrincipal={"AWS": "111122223333"})),
        "resource",
        [("ALLOW_WITH_NOT_PRINCIPAL", ["Statement/0/NotPrincipal", "Statement/0/Effect"])],
        id="in a resource policy",
    ),
    pytest.param(
        policy(deny(NotPrincipal={"AWS": "111122223333"})),
        "trust",
        [("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", ["Statement/0/NotPrincipal"])],
        id="in a trust policy",
    ),
    pytest.param(trust({"AWS": "111122223333"}), "trust", [], id="Principal"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("not_principal", text, kind) == expected
