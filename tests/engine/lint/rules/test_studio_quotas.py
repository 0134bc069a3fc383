"""STUDIO_TOO_LARGE_FOR_…."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(policy(allow()), "identity", [], id="small"),
    pytest.param(
        policy(allow("s3:" + "x" * 2_048)), "identity", [("STUDIO_TOO_LARGE_FOR_USER_INLINE", [""])], id="for a user"
    ),
    pytest.param(
        policy(allow("s3:" + "x" * 10_240)),
        "identity",
        [
            ("STUDIO_TOO_LARGE_FOR_USER_INLINE", [""]),
            ("STUDIO_TOO_LARGE_FOR_GROUP_INLINE", [""]),
            ("STUDIO_TOO_LARGE_FOR_MANAGED_POLICY", [""]),
            ("STUDIO_TOO_LARGE_FOR_ROLE_INLINE", [""]),
        ],
        id="for all",
    ),
    pytest.param(
        policy(allow("s3:" + "x" * 8_192)), "trust", [("STUDIO_TOO_LARGE_FOR_TRUST_POLICY", [""])], id="a trust policy"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("studio_quotas", text, kind) == expected
