"""INVALID_CONDITION_KEY_FORMAT, _GLOBAL_CONDITION_KEY, _SERVICE, _SERVICE_CONDITION_KEY."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy, when

CASES = [
    pytest.param(
        when("StringEquals", "username", "a"),
        "identity",
        [("INVALID_CONDITION_KEY_FORMAT", ["Statement/0/Condition/StringEquals/username"])],
        id="no service",
    ),
    pytest.param(
        when("StringEquals", "aws:name", "a"),
        "identity",
        [("INVALID_GLOBAL_CONDITION_KEY", ["Statement/0/Condition/StringEquals/aws:name"])],
        id="no global key",
    ),
    pytest.param(
        when("StringEquals", "nosuch:Key", "a"),
        "identity",
        [("INVALID_SERVICE", ["Statement/0/Condition/StringEquals/nosuch:Key"])],
        id="no service that there is",
    ),
    pytest.param(
        when("StringEquals", "sagemaker:NoSuch", "a"),
        "identity",
        [("INVALID_SERVICE_CONDITION_KEY", ["Statement/0/Condition/StringEquals/sagemaker:NoSuch"])],
        id="no key of the service",
    ),
    pytest.param(
        policy(
            allow(
                Condition={
                    "StringEquals": {
                        "AWS:UserName": "a",
                        "sagemaker:ResourceTag/a": "a",
                        "secretsmanager:ResourceTag/a": "a",
                    }
                }
            )
        ),
        "identity",
        [],
        id="keys that there are",
    ),
    pytest.param(
        when("StringEquals", "token.actions.githubusercontent.com:sub", "a"),
        "identity",
        [],
        id="of an identity provider",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("condition_key", text, kind) == expected
