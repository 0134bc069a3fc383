"""Comparisons of random trust policies against sampled requests: no sample may belie a claim."""

from random import Random
from typing import Any

import pytest

from policystudio.engine.analyse.public import ALLOW_ALL
from policystudio.engine.analyse.trust import compare_trust
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, PrincipalType, Request
from tests.engine.analyse.test_trust import ACCOUNT, CI, GITHUB, MFA, ORG, SUB, WEB, allow, compared, named, trust

ACCOUNTS = (ACCOUNT, "444455556666", "777788889999")
ASSUME, TAG = "sts:AssumeRole", "sts:TagSession"
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    *({"AWS": f"arn:aws:iam::{number}:root"} for number in ACCOUNTS),
    {"AWS": [CI, "arn:aws:iam::444455556666:user/bob"]},
    {"Service": "lambda.amazonaws.com"},
    GITHUB,
)
CONDITIONS: tuple[Any, ...] = (
    None,
    None,
    ORG,
    MFA,
    {"StringNotEquals": ORG["StringEquals"]},
    {"StringLike": {"aws:PrincipalOrgID": "o-a*"}},
    named("arn:aws:iam::*:role/ci*"),
    named("arn:aws:iam::444455556666:*"),
    {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/c*"}},
    {"StringEquals": {"aws:PrincipalAccount": "444455556666"}},
    {"StringLike": {"aws:PrincipalAccount": "4*"}},
    {"StringEqualsIfExists": {"aws:username": "bob"}},
    {"StringEquals": {"sts:ExternalId": "x"}},
    {"Null": {"sts:ExternalId": "false"}},
    {"StringLike": {SUB: "repo:octo/*"}},
    {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
)


def a_policy(random: Random) -> Policy:
    def statement() -> dict[str, Any]:
        action = random.choice((ASSUME, "sts:*", WEB, [ASSUME, TAG]))
        effect = "Deny" if random.random() < 1 / 4 else "Allow"
        return allow(random.choice(PRINCIPALS), random.choice(CONDITIONS), action, effect)

    return trust(*(statement() for _ in range(random.randint(1, 4))))


def a_request(random: Random) -> Request:
    """A request that STS could see."""
    context: dict[str, str] = {}
    kind = random.random()
    if kind < 0.7:
        number = random.choice((*ACCOUNTS, "123412341234", "400000000000"))
        name = f"{random.choice(('role', 'user'))}/{random.choice(('ci', 'cix', 'bob', 'ann', 'c'))}"
        principal = Principal.parse(f"arn:aws:iam::{number}:{name}")
        context |= {"aws:PrincipalOrgID": random.choice(("o-a1b2c3d4e5", "o-a"))} if random.random() < 0.6 else {}
    else:
        principal = Principal.parse("lambda.amazonaws.com" if kind < 0.85 else GITHUB["Federated"])
    if principal.type is PrincipalType.SERVICE:
        context |= {"aws:SourceAccount": random.choice(ACCOUNTS)} if random.random() < 0.5 else {}
    if principal.type is PrincipalType.FEDERATED:
        context[SUB] = random.choice(("repo:octo/a", "repo:x/a"))
    context |= {"aws:MultiFactorAuthPresent": random.choice(("true", "false"))} if random.random() < 0.5 else {}
    context |= {"sts:ExternalId": random.choice("xy")} if random.random() < 0.5 else {}
    action = random.choice((WEB if principal.type is PrincipalType.FEDERATED else ASSUME, TAG))
    return Request(principal, action, f"arn:aws:iam::{ACCOUNT}:role/example", ACCOUNT, Context(context))


def is_allowed(policy: Policy, request: Request) -> bool:
    own = (ALLOW_ALL,) if request.principal.account else ()
    stack = PolicyStack(own, resource_policy=NamedPolicy("trust", policy))
    return authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED


@pytest.mark.parametrize("seed", range(4))
def test_no_request_belies_a_claim(seed: int) -> None:
    random, outcomes = Random(seed), set()
    for _ in range(25):
        before, after = a_policy(random), a_policy(random)
        found = compared(before, after)
        outcomes.add((found.no_new_access, found.no_lost_access))
        for request in (a_request(random) for _ in range(60)):
            old, new = is_allowed(before, request), is_allowed(after, request)
            assert old or not new or not found.no_new_access, (request, before.text, after.text)
            assert new or not old or not found.no_lost_access, (request, before.text, after.text)
    assert len(outcomes) > 2


def test_a_policy_is_equal_to_itself() -> None:
    random = Random(5)
    for _ in range(25):
        policy = a_policy(random)
        found = compare_trust(policy, policy, ACCOUNT, load_condition_keys())
        assert (found.no_new_access, found.no_lost_access, found.changes) == (True, True, ())
