"""Concrete decisions: one principal with 3 policies of 20 statements, a boundary and an SCP level, 1,251 requests."""

import json
from collections.abc import Callable, Sequence
from random import Random
from time import perf_counter

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.compile import compile_stack
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request

ACCOUNT = "123456789012"
REQUESTS = 1_251
CONDITIONS = (
    {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringLike": {"aws:PrincipalTag/team": "ml*"}},
    {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
)


def main() -> None:
    """Print decisions a second: compiling included, warm, and by the plain evaluator."""
    random = Random(1)
    keys, stack = load_condition_keys(), made_stack(random)
    requests = made_requests()
    cold = min(timed_cold(stack, requests) for _ in range(5))
    compiled = compile_stack(stack, keys)
    verdicts = [compiled.decide(request).verdict for request in requests]
    warm = min(timed(compiled.decide, requests) for _ in range(5))
    plain = timed(lambda request: authorize(stack, request, keys), requests[:200]) / 200
    same = [authorize(stack, request, keys).verdict for request in requests[:200]] == verdicts[:200]
    print(f"  {REQUESTS:,} requests, {verdicts.count(verdicts[0].ALLOWED)} of them allowed")
    print(f"  compiling included: {REQUESTS / cold:,.0f} a second (target: 50,000)")
    print(f"  warm: {REQUESTS / warm:,.0f} a second (target: 300,000)")
    print(f"  plain evaluator: {1 / plain:,.0f} a second; the same answers: {same}")


def timed_cold(stack: PolicyStack, requests: Sequence[Request]) -> float:
    """The seconds to compile the stack and to answer every request once."""
    keys = load_condition_keys()
    started = perf_counter()
    compiled = compile_stack(stack, keys)
    for request in requests:
        compiled.decide(request)
    return perf_counter() - started


def timed(decide: Callable[[Request], object], requests: Sequence[Request]) -> float:
    """The seconds to answer every request once."""
    started = perf_counter()
    for request in requests:
        decide(request)
    return perf_counter() - started


def made_stack(random: Random) -> PolicyStack:
    """Five policies of 20 statements with actions, resource patterns and conditions of all kinds."""
    first, second, third = (made_policy(random, name, PolicyKind.IDENTITY) for name in ("a", "b", "c"))
    boundary = made_policy(random, "boundary", PolicyKind.IDENTITY, wide=True)
    scp = made_policy(random, "scp", PolicyKind.SERVICE_CONTROL, wide=True)
    return PolicyStack((first, second, third), boundary, service_control_policies=((scp,),))


def made_policy(random: Random, name: str, kind: PolicyKind, *, wide: bool = False) -> NamedPolicy:
    """A policy of 20 statements, four in five of them Allow; one that is ``wide`` lets all of SageMaker pass first."""
    catalog = load_sagemaker()
    statements: list[dict[str, object]] = []
    if wide:
        statements.append({"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"})
    while len(statements) < 20:
        actions = [action.name for action in random.sample(catalog.actions, 4)]
        types = random.sample(catalog.resource_types, 2)
        names = random.choice(("dev-*", "prod-*", "*", "ml-*"))
        resources = [f"arn:aws:sagemaker:*:*:{item.name}/{names}" for item in types]
        statement: dict[str, object] = {
            "Effect": "Allow" if random.random() < 0.8 else "Deny",
            "Action": [*(f"sagemaker:{action}" for action in actions[:3]), f"sagemaker:{actions[3][:8]}*"],
            "Resource": resources if random.random() < 0.5 else "*",
        }
        if random.random() < 0.4:
            statement["Condition"] = random.choice(CONDITIONS)
        statements.append(statement)
    return NamedPolicy(name, parse_policy(json.dumps({"Version": "2012-10-17", "Statement": statements}), kind))


def made_requests() -> list[Request]:
    """Every SageMaker action on each of its types, with two names each, up to 1,251."""
    principal = Principal.parse(f"arn:aws:iam::{ACCOUNT}:user/ana")
    context = Context({"aws:RequestedRegion": "us-east-1", "aws:PrincipalTag/team": "mlops"})
    columns = load_sagemaker().columns()
    pairs = [(column, name) for name in ("dev-1", "x") for column in columns]
    return [Request(principal, item.action, resource(item, name), "", context) for item, name in pairs[:REQUESTS]]


def resource(column: Column, name: str) -> str:
    """A resource of the column's type with this name; ``*`` where it has none."""
    found = load_sagemaker().resource_type(column.resource_type)
    if found is None:
        return "*"
    text = found.arn.replace("${Partition}", "aws").replace("${Region}", "us-east-1").replace("${Account}", ACCOUNT)
    while "${" in text:
        head, _, rest = text.partition("${")
        text = head + name + rest.partition("}")[2]
    return text


if __name__ == "__main__":
    main()
