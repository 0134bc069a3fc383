"""Write a large synthetic answer of `aws iam get-account-authorization-details`; the same seed gives the same bytes.

python -m tools.make_bench_accounts [--identities 10000] [--policies 100] [--seed 1] [--account NUMBER] [FILE]
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TextIO

Json = dict[str, Any]

ACCOUNT = "111122223333"
TEAMS = ("forecast", "vision", "speech", "search", "ranking", "platform", "risk", "labelling")
STAGES = ("dev", "staging", "prod")
#: Nouns of SageMaker's actions with the resource type that each of them works on.
NOUNS = {
    "NotebookInstance": "notebook-instance",
    "NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config",
    "TrainingJob": "training-job",
    "TransformJob": "transform-job",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job",
    "ProcessingJob": "processing-job",
    "Model": "model",
    "ModelPackage": "model-package",
    "ModelPackageGroup": "model-package-group",
    "EndpointConfig": "endpoint-config",
    "Endpoint": "endpoint",
    "FeatureGroup": "feature-group",
    "Pipeline": "pipeline",
    "LabelingJob": "labeling-job",
    "MonitoringSchedule": "monitoring-schedule",
    "UserProfile": "user-profile",
}
#: Of 100 identities so many are groups and roles; the others are users.
GROUPS_IN_100, ROLES_IN_100 = 1, 40
INLINE_SHARE, BOUNDARY_SHARE = 0.1, 0.1
ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
FIRST_DAY = datetime(2021, 3, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """What is to be written: so many identities of all kinds, and so many managed policies among them."""

    identities: int = 10_000
    policies: int = 100
    seed: int = 1
    account: str = ACCOUNT

    @property
    def groups(self) -> int:
        """How many of the identities are groups."""
        return max(1, self.identities * GROUPS_IN_100 // 100)

    @property
    def roles(self) -> int:
        """How many of the identities are roles."""
        return self.identities * ROLES_IN_100 // 100

    @property
    def users(self) -> int:
        """How many of the identities are users."""
        return max(0, self.identities - self.groups - self.roles)


def write_export(output: TextIO, shape: Shape) -> None:
    """Write the export item by item: no more than one identity is in memory at a time."""
    lists: Mapping[str, Iterable[Json]] = {
        "UserDetailList": _users(shape),
        "GroupDetailList": _groups(shape),
        "RoleDetailList": _roles(shape),
        "Policies": managed_policies(shape),
    }
    output.write("{\n")
    for number, (name, items) in enumerate(lists.items()):
        output.write(",\n" if number else "")
        output.write(f'    "{name}": [')
        for position, item in enumerate(items):
            output.write("," if position else "")
            output.write("\n        " + json.dumps(item, indent=4).replace("\n", "\n        "))
        output.write("\n    ]")
    output.write("\n}\n")


def _random(shape: Shape, *what: object) -> Random:
    """A generator of its own for each thing, so that no thing depends on the order in which they are written."""
    return Random("/".join(map(str, (shape.seed, *what))))  # noqa: S311 -- made-up data, no secret


def managed_policies(shape: Shape) -> Iterator[Json]:
    """The managed policies, as the export's `Policies` holds them; every tenth has an older version too."""
    attachments, boundaries = _usage(shape)
    for number in range(shape.policies):
        random = _random(shape, "policy", number)
        created = _date(random)
        versions = [_version("v2", True, _document(random, shape.account), created)]
        if number % 10 == 0:
            versions.append(_version("v1", False, _document(random, shape.account), created))
        yield {
            "PolicyName": _policy_name(number),
            "PolicyId": _id("ANPA", random),
            "Arn": _policy_arn(shape, number),
            "Path": "/",
            "DefaultVersionId": "v2",
            "AttachmentCount": attachments[number],
            "PermissionsBoundaryUsageCount": boundaries[number],
            "IsAttachable": True,
            "CreateDate": created,
            "UpdateDate": created,
            "PolicyVersionList": versions,
        }


def identities_with_policies(shape: Shape) -> Iterator[Json]:
    """The users and roles of the export, each with its attached policies, boundary and tags."""
    yield from _users(shape)
    yield from _roles(shape)


def _usage(shape: Shape) -> tuple[Counter[int], Counter[int | None]]:
    attachments: Counter[int] = Counter()
    boundaries: Counter[int | None] = Counter()
    for kind, count in (("user", shape.users), ("group", shape.groups), ("role", shape.roles)):
        for number in range(count):
            attachments.update(_chosen_policies(shape, kind, number))
            if kind != "group":
                boundaries[_chosen_boundary(shape, kind, number)] += 1
    return attachments, boundaries


def _version(name: str, default: bool, document: Json, created: str) -> Json:
    return {"Document": document, "VersionId": name, "IsDefaultVersion": default, "CreateDate": created}


def _users(shape: Shape) -> Iterator[Json]:
    for number in range(shape.users):
        random = _random(shape, "user", number)
        team = random.choice(TEAMS)
        name = f"user-{number:05d}"
        user = _identity(shape, "user", f"/people/{team}/", name, random)
        if random.random() < INLINE_SHARE:
            user["UserPolicyList"] = _inline(shape, random)
        groups = random.sample(range(shape.groups), k=min(shape.groups, random.randint(0, 3)))
        user["GroupList"] = [_group_name(group) for group in groups]
        user["AttachedManagedPolicies"] = _attached(shape, "user", number)
        user |= _boundary(shape, "user", number)
        user["Tags"] = _tags(team, random)
        yield user


def _groups(shape: Shape) -> Iterator[Json]:
    for number in range(shape.groups):
        random = _random(shape, "group", number)
        group = _identity(shape, "group", "/", _group_name(number), random)
        group["GroupPolicyList"] = _inline(shape, random) if random.random() < INLINE_SHARE else []
        group["AttachedManagedPolicies"] = _attached(shape, "group", number)
        yield group


def _roles(shape: Shape) -> Iterator[Json]:
    for number in range(shape.roles):
        random = _random(shape, "role", number)
        team = random.choice(TEAMS)
        role = _identity(shape, "role", f"/{team}/", f"role-{number:05d}", random)
        role["AssumeRolePolicyDocument"] = _trust(shape.account, random)
        role["InstanceProfileList"] = []
        role["RolePolicyList"] = _inline(shape, random) if random.random() < INLINE_SHARE else []
        role["AttachedManagedPolicies"] = _attached(shape, "role", number)
        role |= _boundary(shape, "role", number)
        role["Tags"] = _tags(team, random)
        role["RoleLastUsed"] = {"LastUsedDate": _date(random), "Region": "eu-west-1"} if random.random() < 0.7 else {}
        yield role


def _identity(shape: Shape, kind: str, path: str, name: str, random: Random) -> Json:
    prefix = {"user": "AIDA", "group": "AGPA", "role": "AROA"}[kind]
    return {
        "Path": path,
        f"{kind.title()}Name": name,
        f"{kind.title()}Id": _id(prefix, random),
        "Arn": f"arn:aws:iam::{shape.account}:{kind}{path}{name}",
        "CreateDate": _date(random),
    }


def _chosen_policies(shape: Shape, kind: str, number: int) -> list[int]:
    random = _random(shape, "attached", kind, number)
    return random.sample(range(shape.policies), k=min(shape.policies, random.randint(2, 10)))


def _attached(shape: Shape, kind: str, number: int) -> list[Json]:
    chosen = _chosen_policies(shape, kind, number)
    return [{"PolicyName": _policy_name(policy), "PolicyArn": _policy_arn(shape, policy)} for policy in chosen]


def _chosen_boundary(shape: Shape, kind: str, number: int) -> int | None:
    random = _random(shape, "boundary", kind, number)
    return random.randrange(shape.policies) if random.random() < BOUNDARY_SHARE else None


def _boundary(shape: Shape, kind: str, number: int) -> Json:
    policy = _chosen_boundary(shape, kind, number)
    if policy is None:
        return {}
    arn = _policy_arn(shape, policy)
    return {
        "PermissionsBoundary": {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}
    }


def _inline(shape: Shape, random: Random) -> list[Json]:
    statements = [_allow(random, shape.account), _deny(random, shape.account)]
    return [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}]


def _document(random: Random, account: str) -> Json:
    statements = [_look(random)]
    statements += [_allow(random, account) for _ in range(random.randint(2, 8))]
    statements += [_deny(random, account) for _ in range(random.randint(0, 2))]
    statements.append(_around(random))
    return {"Version": "2012-10-17", "Statement": statements}


def _look(random: Random) -> Json:
    chosen = random.sample(sorted(NOUNS), k=6)
    wide = random.random() < 0.3
    actions = ["sagemaker:List*", "sagemaker:Describe*"] if wide else [f"sagemaker:Describe{noun}*" for noun in chosen]
    return {"Effect": "Allow", "Action": [*actions, "sagemaker:Search"], "Resource": "*"}


def _allow(random: Random, account: str) -> Json:
    noun, resource_type = random.choice(sorted(NOUNS.items()))
    verbs = random.sample(("Create", "Delete", "Update", "Stop", "Start", "Describe"), k=3)
    names = random.choice(("*", "*", f"{random.choice(TEAMS)}-*", "${aws:username}-*", "${aws:PrincipalTag/team}-*"))
    statement: Json = {
        "Effect": "Allow",
        "Action": [f"sagemaker:{verb}{noun}" for verb in verbs],
        "Resource": f"arn:aws:sagemaker:*:{account}:{resource_type}/{names}",
    }
    condition = _condition(random)
    return statement | ({"Condition": condition} if condition else {})


def _condition(random: Random) -> Json:
    choices: Sequence[Json] = (
        {},
        {},
        {},
        {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        {"StringEquals": {"aws:RequestTag/stage": random.choice(STAGES)}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": ["ml.m5.*", "ml.g5.*"]}},
        {"ForAllValues:StringEquals": {"sagemaker:VpcSubnets": ["subnet-0a51c2f4e7d8b9031"]},
         "Null": {"sagemaker:VpcSubnets": "false"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    )  # fmt: skip
    return random.choice(choices)


def _deny(random: Random, account: str) -> Json:
    noun, resource_type = random.choice(sorted(NOUNS.items()))
    statement: Json = {
        "Effect": "Deny",
        "Action": [f"sagemaker:Delete{noun}", f"sagemaker:Update{noun}"],
        "Resource": f"arn:aws:sagemaker:*:{account}:{resource_type}/{random.choice(('*', 'prod-*', 'gold-*'))}",
    }
    if random.random() < 0.4:
        statement["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    return statement


def _around(random: Random) -> Json:
    actions = ("s3:GetObject", "s3:PutObject", "logs:GetLogEvents", "ecr:BatchGetImage", "kms:Decrypt", "athena:*")
    return {"Effect": "Allow", "Action": random.sample(actions, k=3), "Resource": "*"}


def _trust(account: str, random: Random) -> Json:
    if random.random() < 0.5:
        statement: Json = {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
    else:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
            "Action": "sts:AssumeRole",
        }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _tags(team: str, random: Random) -> list[Json]:
    return [{"Key": "team", "Value": team}, {"Key": "stage", "Value": random.choice(STAGES)}]


def _id(prefix: str, random: Random) -> str:
    return prefix + "".join(random.choices(ID_LETTERS, k=17))


def _date(random: Random) -> str:
    return (FIRST_DAY + timedelta(seconds=random.randrange(5 * 365 * 86_400))).isoformat()


def _policy_name(number: int) -> str:
    return f"policy-{number:03d}"


def _policy_arn(shape: Shape, number: int) -> str:
    return f"arn:aws:iam::{shape.account}:policy/{_policy_name(number)}"


def _group_name(number: int) -> str:
    return f"group-{number:03d}"


def main() -> None:
    """Read the arguments and write the export to a file or to standard output."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--identities", type=int, default=Shape.identities)
    parser.add_argument("--policies", type=int, default=Shape.policies, help="distinct managed policies")
    parser.add_argument("--seed", type=int, default=Shape.seed)
    parser.add_argument("--account", default=ACCOUNT, metavar="NUMBER")
    parser.add_argument("file", nargs="?", type=Path)
    arguments = parser.parse_args()
    if arguments.identities < 1 or arguments.policies < 1:
        parser.error("an export has at least one identity and one policy")
    shape = Shape(arguments.identities, arguments.policies, arguments.seed, arguments.account)
    if arguments.file is None:
        write_export(sys.stdout, shape)
        return
    with arguments.file.open("w", encoding="utf-8") as output:
        write_export(output, shape)


if __name__ == "__main__":
    main()
