"""Random policy stacks about SageMaker, and random requests aimed at the borders of their patterns and conditions."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace

from policystudio.engine.catalog.types import Catalog, Column
from policystudio.engine.document import PolicyKind
from policystudio.engine.exact.facts import Facts
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType, Request

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
    "sagemaker:*e*Endpoint*",
    "sagemaker:Update?*",
    "SageMaker:DESCRIBE*",
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
    "arn:aws:sagemaker:*:*:model/*-a",
    "arn:aws:sagemaker:*:*:model/dev-?",
    "arn:aws:sagemaker:*:*:*/*-*",
    "arn:aws:sagemaker:*:*:model/prod-a",
    "arn:aws:sagemaker:*:*:m*l/*",
    "arn:aws:sagemaker:?s-*-1:*:model/?????*",
    "arn:aws:sagemaker:eu-*:123456789012:*/x*",
    "arn:aws:sagemaker:us-east-1:*:model/x*",
    "arn:aws:sagemaker:*-1:*:*",
    "arn:aws:sagemaker:*:*:*/${*}*",
    "arn:aws:sagemaker:*:*:model/${aws:username}",
    "arn:aws:sagemaker:*:*:model/*${aws:username}*",
    "arn:aws:sagemaker:*:*:*/${aws:PrincipalTag/team}-${aws:username}",
    "arn:aws:sagemaker:*:*:model/${aws:RequestTag/stage, 'dev-'}*",
    "arn:aws:sagemaker:*:*:*/${aws:PrincipalTag/Team, 'dev-1'}",
    "arn:*:sagemaker:*:*:*a*",
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
    {"NumericNotEquals": {"sagemaker:MaxRuntimeInSeconds": ["3600", "60.5"]}},
    {"NumericGreaterThanEquals": {"sagemaker:MaxRuntimeInSeconds": "60.5"}},
    {"NumericLessThanIfExists": {"sagemaker:MaxRuntimeInSeconds": ["1e3", "60"]}},
    {"NumericEqualsIfExists": {"sagemaker:MaxRuntimeInSeconds": ["3600.0", "none"]}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"DateEquals": {"aws:CurrentTime": ["2026-06-01", "1780272000"]}},
    {"DateNotEquals": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}},
    {"DateLessThanEquals": {"aws:TokenIssueTime": "2026-06-01T02:00:00+02:00"}},
    {"DateGreaterThanEqualsIfExists": {"aws:TokenIssueTime": "2026-06-01T00:00:00Z"}},
    {"IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "2001:db8::/32", "192.0.2.7"]}},
    {"NotIpAddressIfExists": {"aws:SourceIp": ["2001:db8::/33", "0.0.0.0/0"]}},
    {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/9"}},
    {"ArnLike": {"sagemaker:OutputKmsKeyArn": "arn:aws:kms:*:123456789012:key/*"}},
    {"ArnNotLikeIfExists": {"sagemaker:OutputKmsKeyArn": ["arn:aws:kms:us-*:*:key/a*", "arn:aws:kms:*:*:alias/?"]}},
    {"ArnEquals": {"aws:SourceArn": "arn:aws:sagemaker:*:${aws:PrincipalAccount}:model/dev-*"}},
    {"ArnNotEquals": {"aws:SourceArn": "arn:aws:sagemaker:*:*:model/*"}},
    {"StringLike": {"aws:SourceArn": "arn:aws:sagemaker:*:model/dev-*"}},
    {"StringNotEqualsIgnoreCase": {"aws:RequestTag/stage": ["prod", "Dev"]}},
    {"StringEquals": {"aws:RequestTag/stage": ["Prod", "pROD", ""]}},
    {"StringLike": {"aws:RequestTag/stage": ["p*", "?ev"]}},
    {"StringNotLike": {"aws:RequestTag/stage": ["*d", "d?v"]}},
    {"StringEqualsIgnoreCaseIfExists": {"aws:RequestTag/stage": "${aws:PrincipalTag/team}"}},
    {"StringLike": {"aws:RequestTag/owner": "${aws:username}-*"}},
    {"StringNotEquals": {"aws:RequestTag/owner": "${aws:username}"}},
    {"StringEquals": {"aws:RequestTag/owner": "${aws:PrincipalTag/team, 'none'}"}},
    {"StringEquals": {"aws:ResourceTag/owner": "${aws:RequestTag/owner}"}},
    {"Null": {"aws:RequestTag/stage": "false"}},
    {"Null": {"aws:RequestTag/stage": "true", "aws:TagKeys": "true"}},
    {"ForAnyValue:StringLike": {"aws:TagKeys": ["te*", "?ost"]}},
    {"ForAllValues:StringNotLike": {"aws:TagKeys": ["secret*", "*x"]}},
    {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["team", "cost"]}},
    {"ForAllValues:StringEqualsIgnoreCase": {"aws:TagKeys": ["TEAM", "cost"]}},
    {"ForAnyValue:StringEqualsIfExists": {"sagemaker:VpcSubnets": "s1"}},
    {"StringEquals": {"aws:TagKeys": "team"}},
    {"StringNotEquals": {"aws:TagKeys": "team"}},
    {"ForAllValues:StringEquals": {"aws:RequestTag/stage": "prod"}},
    {"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.t*", "ml.?5.*"]}},
    {"ForAllValues:ArnLike": {"sagemaker:ImageArns": "arn:aws:sagemaker:*:*:image/a*"}},
    {"ForAnyValue:ArnNotLike": {"sagemaker:ImageArns": "arn:aws:sagemaker:*:*:image/*"}},
    {"BinaryEquals": {"custom:digest": ["YQ==", "YWJj"]}},
    {"StringEquals": {"custom:label": "a"}},
    {"StringNotLike": {"custom:label": "a*"}},
    {"ForAllValues:NumericLessThan": {"custom:number": "5"}},
    {"BoolIfExists": {"aws:SecureTransport": "true"}},
    {"Bool": {"aws:ViaAWSService": ["true", "FALSE"]}},
    {"StringEquals": {"aws:RequestedRegion": "us-east-1"}, "StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}},
    {"StringEqualsIfExists": {"aws:username": ["ana", "bo"]}},
    {"StringNotLike": {"aws:username": "a*"}},
    {"StringLike": {"sagemaker:ResourceTag/team": "${aws:username}*"}},
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
        for condition in dice.sample(CONDITIONS, dice.choice((1, 1, 2, 2, 3))):
            for operator, block in condition.items():
                for key, values in block.items():
                    chosen.setdefault(operator, {}).setdefault(key, values)
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


def row(dice: random.Random) -> tuple[Principal, Facts, bool]:
    """A user, a role's session, a group (a member whose name is free) or the root user; True for the last."""
    kind = dice.choice(("user", "user", "role", "group", "group", "root"))
    if kind == "user":
        return *user(dice), False
    known: dict[str, tuple[str, ...]] = {
        "aws:principalaccount": (ACCOUNT,),
        "aws:resourceaccount": (ACCOUNT,),
        "aws:principalisawsservice": ("false",),
    }
    if kind == "group":
        member = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/member-of-team")
        return member, Facts({**known, "aws:principaltype": ("User",)}), False
    arn = f"arn:aws:iam::{ACCOUNT}:{'root' if kind == 'root' else 'role/teams/Train'}"
    known |= {"aws:principalarn": (arn,), "aws:username": ()}
    if kind == "root":
        facts = Facts({**known, "aws:principaltype": ("Account",), "aws:userid": (ACCOUNT,)}, ("aws:principaltag/",))
        return Principal.parse(arn), facts, True
    known["aws:principaltype"] = ("AssumedRole",)
    if dice.random() < 0.5:
        known["aws:principaltag/team"] = (dice.choice(("ml", "red", "dev-")),)
    return Principal.parse(arn), Facts(known, ("aws:principaltag/",)), False


def stack_of(dice: random.Random, principal: Principal) -> PolicyStack:
    """A stack as the principal may have it: root users have no policies of their own, roles may have a session's."""
    found = stack(dice)
    if principal.type is PrincipalType.ROOT_USER:
        return replace(found, identity_policies=(), permissions_boundary=None)
    if principal.type is PrincipalType.ROLE_SESSION and dice.random() < 0.15:
        return replace(found, session_policies=tuple(policy(dice, f"s{number}") for number in range(2)))
    return found


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
