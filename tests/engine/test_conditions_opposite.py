"""The opposite of a condition holds exactly where the condition does not."""

import pytest

from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.conditions.opposite import opposite
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.request import Context

KEYS = load_condition_keys()
REGIONS = ("us-east-1", "eu-west-1", "")
TIMES = ("2026-06-01T00:00:00Z", "2027-06-01T00:00:00Z")
ARNS = ("arn:aws:kms:eu-west-1:111122223333:key/a", "arn:aws:kms:us-east-1:111122223333:alias/a")


def condition(
    operator: str, key: str, *values: str, quantifier: Quantifier = Quantifier.NONE, if_exists: bool = False
) -> Condition:
    return Condition(quantifier, operator, if_exists, key, values)


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (condition("StringEquals", "aws:RequestedRegion", "us-east-1", "eu-north-1"), REGIONS),
        (condition("StringNotEquals", "aws:RequestedRegion", "us-east-1"), REGIONS),
        (condition("StringNotEquals", "aws:RequestedRegion", "us-east-1", if_exists=True), REGIONS),
        (condition("StringLike", "aws:RequestedRegion", "us-*"), REGIONS),
        (condition("StringNotLike", "aws:RequestedRegion", "us-*", "${aws:username}"), REGIONS),
        (condition("StringEqualsIgnoreCase", "aws:RequestTag/team", "ML"), ("ml", "x")),
        (condition("StringNotEqualsIgnoreCase", "aws:RequestTag/team", "ML"), ("ml", "x")),
        (condition("ArnLike", "sagemaker:OutputKmsKeyArn", "arn:aws:kms:*:*:key/*"), ARNS),
        (condition("ArnNotEquals", "sagemaker:OutputKmsKeyArn", "arn:aws:kms:*:*:key/*"), ARNS),
        (condition("NumericEquals", "sagemaker:MaxRuntimeInSeconds", "60", "3600.0"), ("3600", "61")),
        (condition("NumericNotEquals", "sagemaker:MaxRuntimeInSeconds", "60"), ("60.0", "61")),
        (condition("DateEquals", "aws:CurrentTime", TIMES[0]), TIMES),
        (condition("DateNotEquals", "aws:CurrentTime", TIMES[0], if_exists=True), TIMES),
        (
            condition("IpAddress", "aws:SourceIp", "10.0.0.0/8", "2001:db8::/32"),
            ("10.1.2.3", "11.0.0.0", "2001:db8::1"),
        ),
        (condition("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"), ("10.1.2.3", "11.0.0.0")),
        (condition("Bool", "aws:MultiFactorAuthPresent", "true"), ("true", "false", "TRUE")),
        (condition("Bool", "aws:MultiFactorAuthPresent", "false", if_exists=True), ("true", "false", "False")),
        (condition("Null", "aws:TokenIssueTime", "true"), TIMES),
        (condition("Null", "sagemaker:VpcSubnets", "false"), ("subnet-1", "")),
    ],
    ids=lambda found: found.name if isinstance(found, Condition) else "",
)
def test_one_of_the_two_holds(asked: Condition, values: tuple[str, ...]) -> None:
    other = opposite(asked, KEYS)
    assert other is not None
    for given in ((), *((value,) for value in values)):
        context = Context({asked.key: given, "aws:username": ("eu-west-1",)})
        sides = [condition_holds(one, context, KEYS, True) for one in (asked, other)]
        assert sorted(sides) == [False, True], (given, other)


@pytest.mark.parametrize(
    "asked",
    [
        # Both would hold, or neither, where the key is absent.
        condition("StringEquals", "aws:RequestedRegion", "us-east-1", if_exists=True),
        condition("NumericLessThan", "sagemaker:MaxRuntimeInSeconds", "60"),
        # Keys with several values, and keys that may have several for all that is known.
        condition("StringEquals", "aws:TagKeys", "team", quantifier=Quantifier.FOR_ANY_VALUE),
        condition("StringNotEquals", "aws:TagKeys", "team"),
        condition("StringNotEquals", "custom:label", "a"),
        # Never holds, and no operator says always.
        condition("NumericEquals", "aws:SourceIp", "1"),
        condition("Bool", "aws:MultiFactorAuthPresent", "true", "false"),
        condition("Bool", "aws:MultiFactorAuthPresent", "${aws:username}"),
    ],
    ids=lambda asked: f"{asked.name} {asked.key}",
)
def test_some_have_no_opposite(asked: Condition) -> None:
    assert opposite(asked, KEYS) is None
