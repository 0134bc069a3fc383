"""REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY."""

import pytest

from tests.engine.lint.helpers import Found, found, trust

CASES = [
    pytest.param(
        trust({"AWS": ["arn:aws:iam::111122223333:role/a", "arn:aws:sts::111122223333:assumed-role/a/s"]}),
        "trust",
        [("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", ["Statement/0/Principal/AWS/1", "Statement/0/Principal/AWS/0"])],
        id="a session of the role",
    ),
    pytest.param(
        trust({"AWS": ["arn:aws:iam::111122223333:role/b", "arn:aws:sts::111122223333:assumed-role/a/s"]}),
        "trust",
        [],
        id="of another role",
    ),
]


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_what_is_found(text: str, kind: str, expected: Found) -> None:
    assert found("redundant_principal", text, kind) == expected
