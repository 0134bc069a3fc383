"""UNSUPPORTED_ELEMENT_COMBINATION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(NotAction="s3:*")),
        "identity",
        [("UNSUPPORTED_ELEMENT_COMBINATION", ["Statement/0/Action", "Statement/0/NotAction"])],
        id="actions",
    ),
    pytest.param(
        policy(allow(NotResource="*")),
        "identity",
        [("UNSUPPORTED_ELEMENT_COMBINATION", ["Statement/0/Resource", "Statement/0/NotResource"])],
        id="resources",
    ),
    pytest.param(policy(allow()), "identity", [], id="one of each"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("element_combination", text, kind) == expected
