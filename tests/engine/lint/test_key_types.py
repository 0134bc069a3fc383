"""Every condition key that AWS's services publish: compared as its type asks for, no check takes offence."""

import re

import pytest

from policystudio.engine.catalog.load import load_authorization, load_service_prefixes
from policystudio.engine.catalog.types import KeyType
from tests.engine.lint.helpers import allow, found, policy

#: An operator and a value that fit a key of each type.
FITTING = {
    KeyType.STRING: ("StringEquals", "x"),
    KeyType.ARN: ("ArnLike", "arn:aws:iam::111122223333:role/x"),
    KeyType.BOOL: ("Bool", "true"),
    KeyType.NUMERIC: ("NumericEquals", "5"),
    KeyType.DATE: ("DateLessThan", "2026-01-01T00:00:00Z"),
    KeyType.IP_ADDRESS: ("IpAddress", "203.0.113.0/24"),
    KeyType.BINARY: ("BinaryEquals", "eA=="),
}


def conditions() -> list[dict[str, dict[str, str]]]:
    """A Condition for each key."""
    every = []
    for prefix in sorted(load_service_prefixes()):
        authorization = load_authorization(prefix)
        for key, (kind, is_multi_valued) in authorization.condition_keys.items() if authorization else ():
            operator, value = FITTING[kind]
            qualifier = "ForAnyValue:" if is_multi_valued else ""
            every.append({f"{qualifier}{operator}": {re.sub(r"\$\{[^}]*\}", "x", key): value}})
    return every


@pytest.mark.parametrize(
    "rule", ["condition_key", "condition_operator", "condition_value", "qualifier", "type_mismatch"]
)
def test_no_key_of_aws_is_found_wrong(rule: str) -> None:
    statements = [allow(Condition=condition) for condition in conditions()]
    assert len(statements) > 1500
    assert found(rule, policy(*statements)) == []
