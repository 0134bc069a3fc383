"""STUDIO_IAM_REFUSES."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="bucket")),
        "identity",
        [("STUDIO_IAM_REFUSES", ["Statement/0/Resource"])],
        id="a resource that is none",
    ),
    pytest.param(
        policy(allow(Sid="A")).replace('"A"', '"\u4e00"'),
        "identity",
        [("STUDIO_IAM_REFUSES", ["Statement/0/Sid"]), ("STUDIO_IAM_REFUSES", [""])],
        id="letters that IAM does not take",
    ),
    pytest.param(policy(allow()), "identity", [], id="a good policy"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_refused", text, kind) == expected
