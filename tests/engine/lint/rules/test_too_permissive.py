"""WILDCARD_USAGE_TOO_PERMISSIVE, VARIABLE_USAGE_TOO_PERMISSIVE."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringLike", "aws:SourceAccount", "1111*"),
        "identity",
        [("WILDCARD_USAGE_TOO_PERMISSIVE", ["Statement/0/Condition/StringLike/aws:SourceAccount"])],
        id="a sensitive key",
    ),
    pytest.param(
        when("StringLike", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
        "identity",
        [("VARIABLE_USAGE_TOO_PERMISSIVE", ["Statement/0/Condition/StringLike/aws:ResourceAccount"])],
        id="a variable in a pattern",
    ),
    pytest.param(
        when("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"),
        "identity",
        [],
        id="a variable as a whole value",
    ),
    pytest.param(
        when("StringLike", "aws:userid", "AROA*:jane"),
        "identity",
        [("WILDCARD_USAGE_TOO_PERMISSIVE", ["Statement/0/Condition/StringLike/aws:userid"])],
        id="a user id",
    ),
    pytest.param(when("StringLike", "aws:userid", "AROAEXAMPLE:*"), "identity", [], id="the session of a user id"),
    pytest.param(when("StringLike", "aws:userid", "*:jane"), "identity", [], id="any user id"),
    pytest.param(
        when("StringLike", "token.actions.githubusercontent.com:sub", "repo:*"),
        "trust",
        [
            (
                "WILDCARD_USAGE_TOO_PERMISSIVE",
                ["Statement/0/Condition/StringLike/token.actions.githubusercontent.com:sub"],
            )
        ],
        id="five letters",
    ),
    pytest.param(
        when("StringLike", "accounts.google.com:sub", "*"),
        "trust",
        [("WILDCARD_USAGE_TOO_PERMISSIVE", ["Statement/0/Condition/StringLike/accounts.google.com:sub"])],
        id="everybody who has a token",
    ),
    pytest.param(
        when("StringLike", "token.actions.githubusercontent.com:sub", "repo:acme/*"), "trust", [], id="more letters"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("too_permissive", text, kind) == expected
