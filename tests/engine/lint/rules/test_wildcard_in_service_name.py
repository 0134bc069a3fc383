"""WILDCARD_IN_SERVICE_NAME."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param(
        policy(allow("s3*:GetObject")),
        "identity",
        [("WILDCARD_IN_SERVICE_NAME", ["Statement/0/Action"])],
        id="in an action",
    ),
    pytest.param(
        policy(allow(resource="arn:aws:*code*::111122223333:*")),
        "identity",
        [("WILDCARD_IN_SERVICE_NAME", ["Statement/0/Resource"])],
        id="in an ARN",
    ),
    pytest.param(policy(allow("*", "*")), "identity", [], id="everything"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("wildcard_in_service_name", text, kind) == expected
