"""INVALID_ROLE_REFERENCE, INVALID_USER_REFERENCE."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"AWS": "AROAEXAMPLE1234567890"}),
        "trust",
        [("INVALID_ROLE_REFERENCE", ["Statement/0/Principal/AWS"])],
        id="a role",
    ),
    pytest.param(
        trust({"AWS": ["AIDAEXAMPLE1234567890"]}),
        "trust",
        [("INVALID_USER_REFERENCE", ["Statement/0/Principal/AWS/0"])],
        id="a user",
    ),
    pytest.param(trust({"AWS": "arn:aws:iam::111122223333:role/a"}), "trust", [], id="an ARN"),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("principal_reference", text, kind) == expected
