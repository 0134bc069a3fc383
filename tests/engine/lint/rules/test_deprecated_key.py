"""DEPRECATED_GLOBAL_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("ArnLike", "aws:ARN", "a"),
        "identity",
        [
            ("DEPRECATED_GLOBAL_CONDITION_KEY", ["Statement/0/Condition/ArnLike/aws:ARN"]),
            ("UNSUPPORTED_GLOBAL_CONDITION_KEY", ["Statement/0/Condition/ArnLike/aws:ARN"]),
        ],
        id="aws:ARN",
    ),
    pytest.param(when("ArnLike", "aws:PrincipalArn", "a"), "identity", [], id="aws:PrincipalArn"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("deprecated_key", text, kind) == expected
