"""MISMATCHED_ACTION_FOR_PRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Federated": "cognito-identity.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"]),
        "trust",
        [("MISMATCHED_ACTION_FOR_PRINCIPAL", ["Statement/0/Action/0", "Statement/0/Principal/Federated"])],
        id="the example of AWS",
    ),
    pytest.param(
        trust({"Federated": "arn:aws:iam::111122223333:saml-provider/a"}, "sts:AssumeRoleWithWebIdentity"),
        "trust",
        [("MISMATCHED_ACTION_FOR_PRINCIPAL", ["Statement/0/Action", "Statement/0/Principal/Federated"])],
        id="a SAML provider with a web identity",
    ),
    pytest.param(
        trust({"AWS": "111122223333"}, "sts:AssumeRoleWithSAML"),
        "trust",
        [("MISMATCHED_ACTION_FOR_PRINCIPAL", ["Statement/0/Action", "Statement/0/Principal/AWS"])],
        id="an account with SAML",
    ),
    pytest.param(
        trust({"Federated": "arn:aws:iam::111122223333:saml-provider/a"}, "sts:AssumeRoleWithSAML"),
        "trust",
        [],
        id="a SAML provider",
    ),
    pytest.param(trust({"Service": "sagemaker.amazonaws.com"}), "trust", [], id="a service"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("mismatched_action", text, kind) == expected
