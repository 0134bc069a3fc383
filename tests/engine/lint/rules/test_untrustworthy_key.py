"""UNTRUSTWORTHY_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringLike", "aws:UserAgent", "a*"),
        "identity",
        [("UNTRUSTWORTHY_CONDITION_KEY", ["Statement/0/Condition/StringLike/aws:UserAgent"])],
        id="the browser",
    ),
    pytest.param(when("StringLike", "aws:username", "a*"), "identity", [], id="the user"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("untrustworthy_key", text, kind) == expected
