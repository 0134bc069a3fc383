"""REDUNDANT_STATEMENT."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(Sid="A"), allow(["s3:ListBucket"]), allow(["s3:GetObject"], Sid="B")),
        "identity",
        [("REDUNDANT_STATEMENT", ["Statement/0", "Statement/2"])],
        id="but for the Sid",
    ),
    pytest.param(
        policy(allow(["s3:A", "s3:B"]), allow(["s3:B", "s3:A"])),
        "identity",
        [("REDUNDANT_STATEMENT", ["Statement/0", "Statement/1"])],
        id="in another order",
    ),
    pytest.param(policy(allow(), allow(Effect="Deny")), "identity", [], id="with another effect"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("redundant_statement", text, kind) == expected
