"""Compare: pairs of 20-statement policies, a changed one beside the original; and AWS's managed policies, changed.

Times are of the processor: other programs on the machine do not count.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from random import Random
from statistics import median, quantiles
from time import process_time
from typing import Any

from bench.exact import managed_policies
from policystudio.engine.analyse.compare import compare, difference
from policystudio.engine.analyse.comparison import Comparison, Undecided, effective_document
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import parse_policy

SEED = 20_260_102
PAIRS = 300
STATEMENTS = 20

Statement = dict[str, Any]
_ACTIONS = {
    "sagemaker": [
        "*",
        "Create*",
        "Describe*",
        "List*",
        "CreateModel",
        "DeleteEndpoint",
        "*TrainingJob",
        "InvokeEndpoint*",
    ],
    "s3": ["*", "Get*", "List*", "PutObject", "DeleteObject*", "GetObject"],
    "iam": ["PassRole", "Get*", "List*", "CreateRole", "*Role*"],
    "ec2": ["Describe*", "RunInstances", "*NetworkInterface*", "CreateTags"],
    "logs": ["*", "Create*", "PutLogEvents"],
    "kms": ["Decrypt", "Encrypt", "GenerateDataKey*", "*"],
    "ecr": ["Get*", "BatchGetImage", "*"],
}
_RESOURCES = {
    "sagemaker": [
        "arn:aws:sagemaker:*:*:*/{}-*",
        "arn:aws:sagemaker:eu-west-1:111122223333:model/{}*",
        "arn:aws:sagemaker:*:*:endpoint/*-{}",
    ],
    "s3": ["arn:aws:s3:::{}-*", "arn:aws:s3:::{}-data/*", "arn:aws:s3:::*/{}/*", "arn:aws:s3:::{}-${{aws:username}}/*"],
    "iam": ["arn:aws:iam::*:role/{}-*", "arn:aws:iam::111122223333:role/service-role/{}*"],
    "ec2": ["arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:111122223333:network-interface/*"],
    "logs": ["arn:aws:logs:*:*:log-group:/aws/sagemaker/{}*"],
    "kms": ["arn:aws:kms:*:111122223333:key/*"],
    "ecr": ["arn:aws:ecr:*:*:repository/{}/*"],
}
_TEAMS = ("ml", "dev", "prod", "vision", "churn", "data")
_CONDITIONS: tuple[dict[str, dict[str, Any]], ...] = (
    {"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    {"StringLike": {"aws:PrincipalTag/project": ["alpha-*", "beta"]}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "198.51.100.0/25"]}},
    {"StringEqualsIfExists": {"aws:RequestTag/team": "ml"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "stage"]}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ml-*"}},
    {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
    {"Null": {"aws:ResourceTag/owner": "false"}},
)


def main() -> None:
    """Print the median, the 99th percentile and the worst time of a comparison, and how many were not decided."""
    print(f"  seed {SEED}; the goal for two policies of {STATEMENTS} statements is a median under 50 ms")
    compare(*map(effective_document, next(random_pairs(Random(0)))))  # loads the catalogue
    report(f"{STATEMENTS} statements, one edited", edited_pairs(Random(SEED)), what_changes)
    report(f"{STATEMENTS} statements, two at random", random_pairs(Random(SEED)), what_changes)
    report("managed policies, one edit each", managed_pairs(Random(SEED)), what_changes)
    report("the same, new access alone", managed_pairs(Random(SEED)), new_access)


def report(label: str, pairs: Iterable[tuple[Policy, Policy]], ask: Callable[[Policy, Policy], str]) -> None:
    """Time the answer to each pair."""
    times, outcomes = [], Counter[str]()
    for before, after in pairs:
        started = process_time()
        outcome = ask(before, after)
        times.append(process_time() - started)
        outcomes[outcome] += 1
    cuts = quantiles(times, n=100)
    numbers = f"median {median(times) * 1000:6.1f} ms  p99 {cuts[98] * 1000:7.1f} ms  worst {max(times) * 1000:7.1f} ms"
    said = ", ".join(f"{number:,} {name}" for name, number in sorted(outcomes.items()))
    print(f"  {label:<34} {len(times):6,} pairs  {numbers}  {said}", flush=True)


def what_changes(before: Policy, after: Policy) -> str:
    """The whole comparison, with every change."""
    found: Comparison = compare(effective_document(before), effective_document(after))
    if None in (found.no_new_access, found.no_lost_access):
        return "undecided"
    return "changed" if found.changes else "equal"


def new_access(before: Policy, after: Policy) -> str:
    """Only whether there is new access, as AWS's CheckNoNewAccess."""
    try:
        return "equal" if difference(effective_document(before), effective_document(after)) is None else "changed"
    except Undecided:
        return "undecided"


def random_pairs(random: Random) -> Iterator[tuple[Policy, Policy]]:
    """Two policies that have nothing to do with each other."""
    for _ in range(PAIRS):
        yield policy(statements(random)), policy(statements(random))


def edited_pairs(random: Random) -> Iterator[tuple[Policy, Policy]]:
    """A policy, and the same after one edit, as reviews see it."""
    for _ in range(PAIRS):
        before = statements(random)
        yield policy(before), policy(edited(before, random))


def managed_pairs(random: Random) -> Iterator[tuple[Policy, Policy]]:
    """Each of AWS's managed policies, and the same after one edit."""
    for named in managed_policies():
        document = json.loads(named.policy.text)
        found = document["Statement"]
        listed = found if isinstance(found, list) else [found]
        yield named.policy, policy(edited(listed, random), document.get("Version", "2008-10-17"))


def statements(random: Random) -> list[Statement]:
    """Statements as people write them; one in six denies."""
    return [statement(random) for _ in range(STATEMENTS)]


def statement(random: Random) -> Statement:
    """One statement about a service."""
    service = random.choice(tuple(_ACTIONS))
    actions = random.sample(_ACTIONS[service], random.randint(1, 3))
    team = random.choice(_TEAMS)
    found: Statement = {
        "Effect": "Deny" if random.random() < 1 / 6 else "Allow",
        "Action": [f"{service}:{name}" for name in actions],
        "Resource": random.choice(_RESOURCES[service]).format(team) if random.random() < 0.7 else "*",
    }
    if random.random() < 0.4:
        found["Condition"] = random.choice(_CONDITIONS)
    return found


def edited(before: list[Statement], random: Random) -> list[Statement]:
    """The statements after one edit: one taken away, added, narrowed by a condition, or with an action more."""
    after = [dict(item) for item in before]
    place = random.randrange(len(after))
    kind = random.choice(("drop", "add", "condition", "action"))
    if kind == "drop" and len(after) > 1:
        del after[place]
    elif kind == "condition":
        after[place] = {**after[place], "Condition": random.choice(_CONDITIONS)}
    elif kind == "action" and "Action" in after[place]:
        actions = after[place]["Action"]
        more = statement(random)["Action"]
        after[place]["Action"] = [*([actions] if isinstance(actions, str) else actions), *more]
    else:
        after.append(statement(random))
    return after


def policy(found: list[Statement], version: str = "2012-10-17") -> Policy:
    """The document of some statements."""
    return parse_policy(json.dumps({"Version": version, "Statement": found}), PolicyKind.IDENTITY)


if __name__ == "__main__":
    main()
