"""EMPTY_SID_VALUE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(policy(allow(Sid="")), "identity", [("EMPTY_SID_VALUE", ["Statement/0/Sid"])], id="empty"),
    pytest.param(policy(allow()), "identity", [], id="none"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("empty_sid", text, kind) == expected
