"""Random policy stacks about SageMaker, and random requests aimed at the borders of their patterns and conditions."""

import json
import random
from collections.abc import Mapping

from policystudio.engine.catalog.types import Catalog, Column
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ACCOUNT = "123456789012"
NAMES = ("dev-1", "prod-a", "ana-x", "x", "team-ml-job", "prod", "dev-", "ab")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-south-1")

ACTIONS = (
    "*",
    "sagemaker:*",
    "sagemaker:Create*",
    "sagemaker:Describe*",
    "sagemaker:*Model",
    "sagemaker:createMODEL",
    "sagemaker:DeleteEndpoint",
    "sagemaker:*TrainingJob",
    "sagemaker:?ddTags",
    "sagemaker:List*",
    "sagemaker:CreateEndpoint",
    "s3:*",
)
RESOURCES = (
    "*",
    "arn:aws:sagemaker:*:*:*",
    "arn:aws:sagemaker:*:*:model/*",
    "arn:aws:sagemaker:*:*:model/dev-*",
    "arn:aws:sagemaker:*:*:*/prod-*",
    "arn:aws:sagemaker:*:*:*prod*",
    "arn:aws:sagemaker:us-*:*:endpoint*/*",
    "arn:aws:sagemaker:us-east-1:123456789012:*",
    "arn:aws:sagemaker:*:999999999999:*",
    "arn:aws:sagemaker:*:*:training-job/?*",
    "arn:aws:sagemaker:*:*:training-job/??*",
    "arn:aws:sagemaker:*:*:*/${aws:username}-*",
    "arn:aws:sagemaker:*:*:*/${aws:PrincipalTag/team, 'none'}*",
    "arn:aws:sagemaker:*:*:*/${aws:PrincipalTag/missing}*",
    "arn:aws:sagemaker:*",
    "arn:aws:s3:::bucket/*",
)
CONDITIONS: tuple[Mapping[str, Mapping[str, object]], ...] = (
    {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
    {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
    {"StringLike": {"aws:RequestedRegion": "us-*"}},
    {"StringNotLikeIfExists": {"aws:RequestedRegion": ["us-*", "eu-*"]}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    {"Null": {"aws:TokenIssueTime": "true"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.0.2.0/24"]}},
    {"StringEquals": {"sagemaker:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
    {"StringNotEquals": {"aws:PrincipalTag/team": "ml"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}},
    {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}},
    {"ForAllValues:StringEquals": {"sagemaker:VpcSubnets": ["s1", "s2"]}, "Null": {"sagemaker:VpcSubnets": "false"}},
    {"Null": {"sagemaker:VpcSubnets": "true"}},
    {"Bool": {"sagemaker:NetworkIsolation": "true"}},
    {"NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": "3600"}},
    {"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "3600"}},
    {"ForAllValues:StringLike": {"sagemaker:InstanceTypes": ["ml.t*", "ml.m5.large"]}},
    {"StringEqualsIgnoreCase": {"aws:RequestTag/stage": "Prod"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/*"}},
    {"StringEquals": {"aws:username": "ana"}},
    {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
    {"DateLessThan": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}},
    {"StringEquals": {"s3:prefix": "x"}},
    {"StringNotEquals": {"s3:prefix": "x"}},
    {"StringLikeIfExists": {"aws:UserAgent": "*"}},
    {"NumericEquals": {"aws:SourceIp": "1"}},
)
VALUES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "aws:RequestedRegion": ((), ("us-east-1",), ("eu-west-1",), ("us-west-2",), ("ap-south-1",)),
    "aws:MultiFactorAuthPresent": ((), ("true",), ("false",)),
    "aws:TokenIssueTime": ((), ("2026-05-05T00:00:00Z",)),
    "aws:SourceIp": ((), ("10.1.2.3",), ("192.0.2.7",), ("11.0.0.0",), ("2001:db8::5",)),
    "sagemaker:ResourceTag/team": ((), ("ml",), ("red",)),
    "aws:TagKeys": ((), ("team",), ("team", "cost"), ("team", "other"), ("other",)),
    "sagemaker:VpcSubnets": ((), ("s1",), ("s1", "s2"), ("s1", "s3"), ("s9",)),
    "sagemaker:NetworkIsolation": ((), ("true",), ("false",)),
    "sagemaker:MaxRuntimeInSeconds": ((), ("3600",), ("3601",), ("3599",)),
    "sagemaker:InstanceTypes": ((), ("ml.t2",), ("ml.m5.large",), ("ml.m5.large", "ml.p4"), ("ml.p4",)),
    "aws:RequestTag/stage": ((), ("prod",), ("PROD",), ("dev",)),
    "aws:CurrentTime": ((), ("2025-06-01T00:00:00Z",), ("2026-06-01T00:00:00Z",), ("2028-01-01T00:00:00Z",)),
    "aws:UserAgent": ((), ("curl",)),
}


def policy(dice: random.Random, name: str, kind: PolicyKind = PolicyKind.IDENTITY) -> NamedPolicy:
    """A policy of one to four random statements."""
    statements = [statement(dice) for _ in range(dice.choice((1, 1, 2, 3, 4)))]
    version = {} if dice.random() < 0.05 else {"Version": "2012-10-17"}
    return NamedPolicy(name, parse_policy(json.dumps({**version, "Statement": statements}), kind))


def statement(dice: random.Random) -> dict[str, object]:
    """One random statement; most are Allow, some use the Not- forms."""
    effect = "Allow" if dice.random() < 0.72 else "Deny"
    action = "NotAction" if dice.random() < 0.1 else "Action"
    resource = "NotResource" if dice.random() < 0.1 else "Resource"
    result: dict[str, object] = {
        "Effect": effect,
        action: dice.sample(ACTIONS, dice.choice((1, 1, 2))),
        resource: dice.sample(RESOURCES, dice.choice((1, 1, 1, 2, 3))),
    }
    if dice.random() < 0.55:
        chosen: dict[str, dict[str, object]] = {}
        for condition in dice.sample(CONDITIONS, dice.choice((1, 1, 2))):
            for operator, block in condition.items():
                chosen.setdefault(operator, {}).update(block)
        result["Condition"] = chosen
    return result


def full_access(kind: PolicyKind = PolicyKind.SERVICE_CONTROL) -> NamedPolicy:
    """A policy that allows everything."""
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
    return NamedPolicy("FullAWSAccess", parse_policy(text, kind))


def stack(dice: random.Random) -> PolicyStack:
    """Identity policies, sometimes a boundary, sometimes organization levels."""
    boundary = policy(dice, "boundary") if dice.random() < 0.25 else None
    levels = None
    if dice.random() < 0.4:
        extra = (policy(dice, "scp", PolicyKind.SERVICE_CONTROL),)
        levels = ((full_access(),), (full_access(), *extra) if dice.random() < 0.7 else extra)
    policies = tuple(policy(dice, f"p{number}") for number in range(dice.choice((1, 1, 2, 3))))
    if dice.random() < 0.2:
        policies = (*policies, full_access(PolicyKind.IDENTITY))
    return PolicyStack(policies, boundary, service_control_policies=levels)


def user(dice: random.Random) -> tuple[Principal, Facts]:
    """A user with or without a team tag, and what is known of it."""
    name = dice.choice(("ana", "bo"))
    principal = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/{name}")
    known: dict[str, tuple[str, ...]] = {
        "aws:principalarn": (principal.arn,),
        "aws:principalaccount": (ACCOUNT,),
        "aws:resourceaccount": (ACCOUNT,),
        "aws:principaltype": ("User",),
        "aws:username": (name,),
        "aws:principalisawsservice": ("false",),
    }
    if dice.random() < 0.7:
        known["aws:principaltag/team"] = (dice.choice(("ml", "red")),)
    return principal, Facts(known, ("aws:principaltag/",))


def resource(dice: random.Random, catalog: Catalog, column: Column) -> str:
    """A resource of the column's type in the account, with names near those of the patterns."""
    if column.resource_type == "*":
        return "*"
    found = catalog.resource_type(column.resource_type)
    assert found is not None
    text = found.arn.replace("${Partition}", "aws").replace("${Account}", ACCOUNT)
    text = text.replace("${Region}", dice.choice(REGIONS))
    while "${" in text:
        head, _, rest = text.partition("${")
        text = head + dice.choice(NAMES) + rest.partition("}")[2]
    return text


def context(dice: random.Random, catalog: Catalog, column: Column, facts: Facts) -> Context:
    """What is known, and values for some keys that a request for the column may carry."""
    listed = catalog.keys_for(column.action, column.resource_type)
    entries: dict[str, tuple[str, ...]] = {key: values for key, values in facts.known.items() if values}
    for key, choices in VALUES.items():
        family = key.lower().partition("/")[0] + "/"
        if key.startswith("aws:") or key.lower() in listed or family in listed:
            entries[key] = dice.choice(choices)
    return Context(entries)


def request(dice: random.Random, catalog: Catalog, column: Column, principal: Principal, facts: Facts) -> Request:
    """A random request of the cell."""
    where = resource(dice, catalog, column)
    return Request(principal, column.action, where, ACCOUNT, context(dice, catalog, column, facts))
