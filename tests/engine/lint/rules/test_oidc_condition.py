"""MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL, MISSING_GITHUB_…, SPECIFIC_GITHUB_…."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity"),
        "trust",
        [("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", ["Statement/0/Principal/Federated"])],
        id="everybody of Google",
    ),
    pytest.param(
        trust(
            {"Federated": "accounts.google.com"},
            "sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {"accounts.google.com:aud": "x"}},
        ),
        "trust",
        [],
        id="some of Google",
    ),
    pytest.param(
        trust(
            {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "sts:AssumeRoleWithWebIdentity",
        ),
        "trust",
        [("MISSING_GITHUB_REPO_CONDITION_KEY", ["Statement/0/Principal/Federated"])],
        id="every repository",
    ),
    pytest.param(
        trust(
            {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "sts:AssumeRoleWithWebIdentity",
            Condition={"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"}},
        ),
        "trust",
        [
            (
                "SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED",
                ["Statement/0/Condition/StringLike/token.actions.githubusercontent.com:sub"],
            )
        ],
        id="every branch",
    ),
    pytest.param(
        trust(
            {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
            "sts:AssumeRoleWithWebIdentity",
            Condition={
                "StringEquals": {"token.actions.githubusercontent.com:sub": "repo:acme/app:ref:refs/heads/main"}
            },
        ),
        "trust",
        [],
        id="one branch",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("oidc_condition", text, kind) == expected
