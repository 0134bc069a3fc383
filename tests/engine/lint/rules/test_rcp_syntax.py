"""RCP_SYNTAX_ERROR_PRINCIPAL, _ALLOW, _NOTACTION, _ACTION."""

import pytest

from tests.engine.lint.helpers import Found, allow, deny, found, policy

CASES = [
    pytest.param(
        policy(deny("s3:GetObject", Principal={"AWS": "111122223333"})),
        "rcp",
        [("RCP_SYNTAX_ERROR_PRINCIPAL", ["Statement/0/Principal"])],
        id="a principal",
    ),
    pytest.param(
        policy(deny("s3:GetObject", NotPrincipal="*")),
        "rcp",
        [("RCP_SYNTAX_ERROR_PRINCIPAL", ["Statement/0/NotPrincipal"])],
        id="NotPrincipal",
    ),
    pytest.param(
        policy(deny(None, NotAction="s3:*", Principal="*")),
        "rcp",
        [("RCP_SYNTAX_ERROR_NOTACTION", ["Statement/0/NotAction"])],
        id="NotAction",
    ),
    pytest.param(
        policy(allow("*", Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        "rcp",
        [("RCP_SYNTAX_ERROR_ALLOW", ["Statement/0/Condition"])],
        id="an Allow with a condition",
    ),
    pytest.param(
        policy(allow("*", "arn:aws:s3:::a", Principal="*")),
        "rcp",
        [("RCP_SYNTAX_ERROR_ALLOW", ["Statement/0/Resource"])],
        id="an Allow of a bucket",
    ),
    pytest.param(
        policy(deny("sagemaker:*", Principal="*")),
        "rcp",
        [("RCP_SYNTAX_ERROR_ACTION", ["Statement/0/Action"])],
        id="a service without support",
    ),
    pytest.param(policy(allow("*", Principal="*")), "rcp", [], id="what AWS attaches"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("rcp_syntax", text, kind) == expected
