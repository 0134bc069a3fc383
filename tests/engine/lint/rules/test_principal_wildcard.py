"""UNSUPPORTED_WILDCARD_IN_PRINCIPAL, ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust("*"),
        "trust",
        [("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", ["Statement/0/Principal"])],
        id="everyone",
    ),
    pytest.param(
        trust({"AWS": "arn:aws:iam::111122223333:role/a*"}),
        "trust",
        [("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", ["Statement/0/Principal/AWS"])],
        id="a pattern",
    ),
    pytest.param(
        trust({"Service": "*"}),
        "trust",
        [("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", ["Statement/0/Principal/Service"])],
        id="any service",
    ),
    pytest.param(trust({"AWS": "*"}), "trust", [], id="everyone under AWS"),
    pytest.param(trust("*"), "resource", [], id="everyone in a resource policy"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("principal_wildcard", text, kind) == expected
