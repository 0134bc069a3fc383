"""INVALID_VERSION, MISSING_VERSION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow()).replace("2012-10-17", "2012-10-18"),
        "identity",
        [("INVALID_VERSION", ["Version"])],
        id="unknown",
    ),
    pytest.param('{"Statement": []}', "identity", [("MISSING_VERSION", [""])], id="missing"),
    pytest.param(policy(allow()).replace("2012-10-17", "2008-10-17"), "identity", [], id="the old one"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("version", text, kind) == expected
