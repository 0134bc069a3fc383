"""The classes of a free key's values: every class that some value is in is found, and no other."""

from collections.abc import Mapping, Sequence

import pytest

from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.document import Condition
from policystudio.engine.exact.domains import Domain, Values, domain, is_value
from policystudio.engine.request import Context
from tests.engine.documents import conditions

Block = Mapping[str, Mapping[str, str | Sequence[str]]]


def worked_out(key: str, block: Block) -> Domain:
    keys = load_condition_keys()

    def judge(condition: Condition, values: Values) -> bool:
        return condition_holds(condition, Context({key: values}), keys, True)

    return domain(keys.get(key), conditions(block), Context(), judge)


VECTORS: list[tuple[str, Block, set[int]]] = [
    ("aws:RequestedRegion", {"StringEquals": {"aws:RequestedRegion": "a"}}, {0, 1}),
    (
        "aws:RequestedRegion",
        {"StringEquals": {"aws:RequestedRegion": "us-1"}, "StringLike": {"aws:RequestedRegion": "us-*"}},
        {0b00, 0b10, 0b11},
    ),
    ("aws:UserAgent", {"StringLikeIfExists": {"aws:UserAgent": "*"}}, {1}),
    (
        # An empty text is like the pattern, and yet counts as null.
        "aws:UserAgent",
        {"StringLike": {"aws:UserAgent": "*"}, "Null": {"aws:UserAgent": "true"}},
        {0b01, 0b10, 0b11},
    ),
    (
        "aws:RequestTag/a",
        {"StringEquals": {"aws:RequestTag/a": ""}, "Null": {"aws:RequestTag/a": "true"}},
        {0, 2, 3},
    ),
    ("aws:RequestTag/a", {"StringNotLike": {"aws:RequestTag/a": "?*"}}, {0, 1}),
    (
        "sagemaker:MaxRuntimeInSeconds",
        {
            "NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "5"},
            "NumericLessThan": {"sagemaker:MaxRuntimeInSeconds": "5"},
        },
        {0b00, 0b01, 0b10},
    ),
    (
        "aws:CurrentTime",
        {
            "DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
            "DateLessThanEquals": {"aws:CurrentTime": "2026-01-02T00:00:00Z"},
        },
        {0b00, 0b01, 0b10, 0b11},
    ),
    (
        "aws:SourceIp",
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/9"}},
        {0b01, 0b10, 0b11},
    ),
    (
        "aws:UserAgent",
        {
            "StringEqualsIgnoreCase": {"aws:UserAgent": "Ab"},
            "StringEquals": {"aws:UserAgent": ["Ab", "aB"]},
        },
        {0b00, 0b01, 0b11},
    ),
    (
        # The sign of the Kelvin is a k in another letter case.
        "aws:UserAgent",
        {"StringEqualsIgnoreCase": {"aws:UserAgent": "k"}, "StringNotEquals": {"aws:UserAgent": ["k", "K"]}},
        {0b01, 0b10, 0b11},
    ),
    (
        "aws:UserAgent",
        {"StringEqualsIgnoreCase": {"aws:UserAgent": "1"}, "StringNotEquals": {"aws:UserAgent": "1"}},
        {0b01, 0b10},
    ),
    ("aws:SecureTransport", {"Bool": {"aws:SecureTransport": ["true", "false"]}}, {0, 1}),
    (
        "sagemaker:VpcSubnets",
        {
            "ForAllValues:StringEquals": {"sagemaker:VpcSubnets": ["a", "b"]},
            "Null": {"sagemaker:VpcSubnets": "false"},
        },
        {0b01, 0b10, 0b11},
    ),
    (
        "aws:TagKeys",
        {
            "ForAnyValue:StringEquals": {"aws:TagKeys": "a"},
            "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]},
        },
        {0b00, 0b01, 0b10, 0b11},
    ),
    ("sagemaker:VpcSubnets", {"StringEquals": {"sagemaker:VpcSubnets": "a"}}, {0}),
    ("aws:SourceIp", {"NumericEquals": {"aws:SourceIp": "1"}}, {0}),
    ("aws:RequestTag/a", {"StringEqualsIgnoreCase": {"aws:RequestTag/a": "Prod"}}, {0, 1}),
]


@pytest.mark.parametrize(("key", "block", "vectors"), VECTORS)
def test_vectors(key: str, block: Block, vectors: set[int]) -> None:
    found = worked_out(key, block)
    assert found.found.keys() == vectors
    assert found.complete


def test_an_unknown_key_is_never_complete() -> None:
    assert not worked_out("aws:NotYetPublished", {"StringEquals": {"aws:NotYetPublished": "a"}}).complete


def test_operators_of_different_families_are_not_complete() -> None:
    block = {"StringLike": {"aws:RequestTag/a": "x*"}, "StringEqualsIgnoreCase": {"aws:RequestTag/a": "xY"}}
    assert not worked_out("aws:RequestTag/a", block).complete


@pytest.mark.parametrize("text", ["not an address", "10.0.0.0/8", "", "10.*"])
def test_a_key_of_another_type_than_text_has_only_values_of_its_type(text: str) -> None:
    """String operators may be used with addresses, but that makes no address of a text."""
    found = worked_out("aws:SourceIp", {"StringLike": {"aws:SourceIp": text}}).found
    key = load_condition_keys().get("aws:SourceIp")
    assert all(is_value(key, value) for values in found.values() for value in values)


def test_a_key_that_only_has_to_be_there_has_a_value_of_its_type() -> None:
    found = worked_out("aws:SourceIp", {"Null": {"aws:SourceIp": "false"}})
    assert found.found == {0: (), 1: ("192.0.2.1",)}
    assert found.complete


def test_dates_are_written_as_requests_have_them() -> None:
    found = worked_out("aws:CurrentTime", {"DateLessThan": {"aws:CurrentTime": "1767225600"}}).found
    assert found[1] == ("2025-12-31T23:59:59Z",)
    seconds = worked_out("aws:EpochTime", {"DateLessThan": {"aws:EpochTime": "2026-01-01T00:00:00Z"}}).found
    assert seconds[1] == ("1767225599",)
