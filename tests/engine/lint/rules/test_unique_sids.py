"""UNIQUE_SIDS_REQUIRED, UNIQUE_SIDS_RECOMMENDED."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(Sid="A"), allow(Sid="B"), allow(Sid="A")),
        "identity",
        [("UNIQUE_SIDS_REQUIRED", ["Statement/0/Sid", "Statement/2/Sid"])],
        id="twice",
    ),
    pytest.param(
        policy(allow(Sid="A"), allow(Sid="A")),
        "trust",
        [("UNIQUE_SIDS_RECOMMENDED", ["Statement/0/Sid", "Statement/1/Sid"])],
        id="in a trust policy",
    ),
    pytest.param(policy(allow(Sid=""), allow(Sid="")), "identity", [], id="empty ones"),
    pytest.param(policy(allow(Sid="A"), allow(Sid="a")), "identity", [], id="in two letter cases"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("unique_sids", text, kind) == expected
