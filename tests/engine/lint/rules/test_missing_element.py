"""MISSING_STATEMENT, _EFFECT, _ACTION, _RESOURCE, _PRINCIPAL."""

import pytest

from tests.engine.lint.helpers import Found, allow, found, policy

CASES = [
    pytest.param('{"Version": "2012-10-17"}', "identity", [("MISSING_STATEMENT", [""])], id="no statement"),
    pytest.param(policy(allow(Effect=None)), "identity", [("MISSING_EFFECT", ["Statement/0"])], id="no effect"),
    pytest.param(policy(allow(None)), "identity", [("MISSING_ACTION", ["Statement/0"])], id="no action"),
    pytest.param(
        policy(allow(None, None, NotAction="s3:*", NotResource="*")),
        "identity",
        [],
        id="NotAction and NotResource will do",
    ),
    pytest.param(policy(allow("s3:*", None)), "identity", [("MISSING_RESOURCE", ["Statement/0"])], id="no resource"),
    pytest.param(
        policy(allow("sts:AssumeRole", None)),
        "trust",
        [("MISSING_PRINCIPAL", ["Statement/0"])],
        id="a trust policy has none",
    ),
    pytest.param(
        policy(allow("s3:*", None)),
        "rcp",
        [("MISSING_RESOURCE", ["Statement/0"]), ("MISSING_PRINCIPAL", ["Statement/0"])],
        id="an RCP needs all",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("missing_element", text, kind) == expected
