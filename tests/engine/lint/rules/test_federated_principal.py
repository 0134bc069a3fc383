"""INVALID_FEDERATED_PRINCIPAL_SYNTAX_…, FEDERATED_PRINCIPAL_NOT_SUPPORTED."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Federated": "google"}),
        "trust",
        [("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", ["Statement/0/Principal/Federated"])],
        id="neither",
    ),
    pytest.param(
        trust(
            {
                "Federated": [
                    "accounts.google.com",
                    "arn:aws:iam::111122223333:saml-provider/a",
                    "arn:aws:iam::111122223333:oidc-provider/a.example/x",
                ]
            }
        ),
        "trust",
        [],
        id="a domain and providers",
    ),
    pytest.param(
        trust({"Federated": "accounts.google.com"}),
        "resource",
        [("FEDERATED_PRINCIPAL_NOT_SUPPORTED", ["Statement/0/Principal/Federated"])],
        id="in a resource policy",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("federated_principal", text, kind) == expected
