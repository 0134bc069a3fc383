"""INVALID_VPC_FORMAT, INVALID_VPCE_FORMAT."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("StringEquals", "aws:SourceVpc", ["vpc-12345678", "vpc-1"]),
        "identity",
        [("INVALID_VPC_FORMAT", ["Statement/0/Condition/StringEquals/aws:SourceVpc/1"])],
        id="a VPC",
    ),
    pytest.param(
        when("StringEquals", "aws:SourceVpce", "vpc-12345678"),
        "identity",
        [("INVALID_VPCE_FORMAT", ["Statement/0/Condition/StringEquals/aws:SourceVpce"])],
        id="an endpoint",
    ),
    pytest.param(when("StringEquals", "aws:SourceVpce", "vpce-11223344556677889"), "identity", [], id="as they are"),
    pytest.param(when("Null", "aws:SourceVpc", "true"), "identity", [], id="Null"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("vpc_format", text, kind) == expected
