"""FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE, CONFIRM_AUDIENCE_CLAIM_TYPE."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("ForAnyValue:StringEquals", "accounts.google.com:aud", "x"),
        "trust",
        [
            (
                "FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE",
                ["Statement/0/Condition/ForAnyValue:StringEquals/accounts.google.com:aud"],
            )
        ],
        id="one audience",
    ),
    pytest.param(
        when("ForAnyValue:StringEquals", "idp.example.com:aud", "x"),
        "trust",
        [("CONFIRM_AUDIENCE_CLAIM_TYPE", ["Statement/0/Condition/ForAnyValue:StringEquals/idp.example.com:aud"])],
        id="perhaps several",
    ),
    pytest.param(when("StringEquals", "accounts.google.com:aud", "x"), "trust", [], id="without a qualifier"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("audience", text, kind) == expected
