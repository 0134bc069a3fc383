"""INVALID_CONDITION_DATA_TYPE, INVALID_CONDITION_MULTIPLE_BOOLEAN."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("NumericEquals", "aws:MultiFactorAuthAge", [5, "6"]),
        "identity",
        [("INVALID_CONDITION_DATA_TYPE", ["Statement/0/Condition/NumericEquals/aws:MultiFactorAuthAge"])],
        id="mixed",
    ),
    pytest.param(
        when("Bool", "aws:SecureTransport", ["true", "false"]),
        "identity",
        [("INVALID_CONDITION_MULTIPLE_BOOLEAN", ["Statement/0/Condition/Bool/aws:SecureTransport"])],
        id="two Booleans",
    ),
    pytest.param(when("ForAnyValue:Bool", "x:key", [True, False]), "identity", [], id="true and false"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("condition_data_type", text, kind) == expected
