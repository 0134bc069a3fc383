"""MISSING_BRACE_…, MISSING_QUOTE_…, UNSUPPORTED_SPACE_IN_VARIABLE, EMPTY_VARIABLE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:s3:::a/${aws:username")),
        "identity",
        [("MISSING_BRACE_IN_VARIABLE", ["Statement/0/Resource"])],
        id="no brace",
    ),
    pytest.param(
        when("StringLike", "s3:prefix", "${aws:PrincipalTag/team, none}"),
        "identity",
        [("MISSING_QUOTE_IN_VARIABLE", ["Statement/0/Condition/StringLike/s3:prefix"])],
        id="no quotes",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:::${aws: username}")),
        "identity",
        [("UNSUPPORTED_SPACE_IN_VARIABLE", ["Statement/0/Resource"])],
        id="a space",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:s3:::${}")),
        "identity",
        [("EMPTY_VARIABLE", ["Statement/0/Resource"])],
        id="empty",
    ),
    pytest.param(
        policy(
            allow(
                resource=[
                    "arn:aws:s3:::${aws:username}",
                    "arn:aws:s3:::${aws:PrincipalTag/team, 'no team'}",
                    "arn:aws:s3:::${*}",
                ]
            )
        ),
        "identity",
        [],
        id="as they should be",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("variables", text, kind) == expected
