"""JSON_SYNTAX_ERROR."""

import pytest

from tests.engine.lint.helpers import Found, found

CASES = [
    pytest.param('{"Version": "2012-10-17",}', "identity", [("JSON_SYNTAX_ERROR", [""])], id="a comma too many"),
    pytest.param("", "identity", [("JSON_SYNTAX_ERROR", [""])], id="nothing"),
    pytest.param("{}", "identity", [], id="JSON"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("json_syntax", text, kind) == expected
