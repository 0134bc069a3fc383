"""FORALLVALUES_WITH_SINGLE_VALUED_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("ForAllValues:StringEquals", "aws:username", "a"),
        "identity",
        [("FORALLVALUES_WITH_SINGLE_VALUED_KEY", ["Statement/0/Condition/ForAllValues:StringEquals/aws:username"])],
        id="one value",
    ),
    pytest.param(when("ForAllValues:StringEquals", "aws:TagKeys", "a"), "identity", [], id="several values"),
    pytest.param(when("ForAnyValue:StringEquals", "aws:username", "a"), "identity", [], id="any value"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("forallvalues_single_valued", text, kind) == expected
