"""MISSING_QUALIFIER."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "events:detail-type", "a"),
        "identity",
        [("MISSING_QUALIFIER", ["Statement/0/Condition/StringEquals/events:detail-type"])],
        id="without",
    ),
    pytest.param(when("ForAnyValue:StringEquals", "aws:TagKeys", "a"), "identity", [], id="with"),
    pytest.param(when("Null", "aws:TagKeys", "true"), "identity", [], id="Null"),
    pytest.param(when("StringEquals", "aws:username", "a"), "identity", [], id="one value"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("qualifier", text, kind) == expected
