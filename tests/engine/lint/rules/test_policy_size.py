"""POLICY_SIZE_EXCEEDS_…_QUOTA."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow("s3:" + "x" * 10_240)),
        "identity",
        [("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", [""])],
        id="an identity policy",
    ),
    pytest.param(policy(allow()) + " " * 20_000, "identity", [], id="white space does not count"),
    pytest.param(
        policy(allow("s3:" + "x" * 2_048)),
        "trust",
        [("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", [""])],
        id="a trust policy",
    ),
    pytest.param(policy(allow("s3:" + "x" * 10_240)), "scp", [("POLICY_SIZE_EXCEEDS_SCP_QUOTA", [""])], id="an SCP"),
    pytest.param(policy(allow("s3:" + "x" * 5_120)), "rcp", [("POLICY_SIZE_EXCEEDS_RCP_QUOTA", [""])], id="an RCP"),
    pytest.param(policy(allow()) + " " * 10_240, "scp", [("POLICY_SIZE_EXCEEDS_SCP_QUOTA", [""])], id="all counts"),
    pytest.param(policy(allow("s3:" + "x" * 2_048)), "identity", [], id="small enough"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("policy_size", text, kind) == expected
