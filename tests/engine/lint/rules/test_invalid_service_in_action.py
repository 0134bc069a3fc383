"""INVALID_SERVICE_IN_ACTION."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow("sagemker:ListModels")),
        "identity",
        [("INVALID_SERVICE_IN_ACTION", ["Statement/0/Action"])],
        id="unknown",
    ),
    pytest.param(policy(allow(["sagemaker:ListModels", "*"])), "identity", [], id="known"),
    pytest.param(policy(allow("deeplens:*")), "identity", [], id="closed by AWS"),
    pytest.param(policy(allow("s*:Get*")), "identity", [], id="a pattern"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("invalid_service_in_action", text, kind) == expected
