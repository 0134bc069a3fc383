"""INVALID_ARN_RESOURCE."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow(resource="arn:aws:sagemaker:us-east-1:111122223333:modell/a")),
        "identity",
        [("INVALID_ARN_RESOURCE", ["Statement/0/Resource"])],
        id="of no form",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:sagemaker:us-east-1:111122223333:model/a")), "identity", [], id="of a form"
    ),
    pytest.param(
        policy(allow(resource="arn:aws:sagemaker:us-east-1:111122223333:modell/*")), "identity", [], id="a pattern"
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("arn_resource", text, kind) == expected
