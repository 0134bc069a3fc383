"""ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, trust

CASES = [
    pytest.param(
        policy(allow()),
        "trust",
        [("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", ["Statement/0/Resource"])],
        id="a resource",
    ),
    pytest.param(trust({"AWS": "111122223333"}), "trust", [], id="none"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("trust_resource", text, kind) == expected
