"""PRIVATE_IP_ADDRESS…, PRIVATE_NOT_IP_ADDRESS…, IMPROVE_IP_RANGE."""

import pytest

from tests.engine.lint.helpers import Found, found, when

CASES = [
    pytest.param(
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.1.1"]),
        "identity",
        [("PRIVATE_IP_ADDRESS", ["Statement/0/Condition/IpAddress/aws:SourceIp"])],
        id="private",
    ),
    pytest.param(
        when("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
        "identity",
        [("PRIVATE_NOT_IP_ADDRESS", ["Statement/0/Condition/NotIpAddress/aws:SourceIp"])],
        id="not private",
    ),
    pytest.param(
        when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "10.0.0.0/8"]),
        "identity",
        [("PRIVATE_IP_ADDRESS_SUBSET", ["Statement/0/Condition/IpAddress/aws:SourceIp/1"])],
        id="some private",
    ),
    pytest.param(
        when("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "10.0.0.0/8"]),
        "identity",
        [("PRIVATE_NOT_IP_ADDRESS_SUBSET", ["Statement/0/Condition/NotIpAddress/aws:SourceIp/1"])],
        id="some not private",
    ),
    pytest.param(
        when("IpAddress", "aws:SourceIp", "203.0.113.5/24"),
        "identity",
        [("IMPROVE_IP_RANGE", ["Statement/0/Condition/IpAddress/aws:SourceIp"])],
        id="bits behind the mask",
    ),
    pytest.param(when("IpAddress", "aws:VpcSourceIp", "10.0.0.0/8"), "identity", [], id="in a VPC"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("source_ip", text, kind) == expected
