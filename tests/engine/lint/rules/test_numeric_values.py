"""REDUNDANT_CONDITION_VALUE_NUM."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("NumericLessThan", "aws:MultiFactorAuthAge", ["2700", "3600"]),
        "identity",
        [("REDUNDANT_CONDITION_VALUE_NUM", ["Statement/0/Condition/NumericLessThan/aws:MultiFactorAuthAge"])],
        id="the example of AWS",
    ),
    pytest.param(
        when("NumericEquals", "aws:MultiFactorAuthAge", ["2700", "3600"]), "identity", [], id="one of several"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("numeric_values", text, kind) == expected
