"""Policies that do nothing for an identity: without them it can do exactly the same, as the engine proves."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from policystudio.engine.analyse.prover import Exhausted, Prover, future_actions
from policystudio.engine.document import Effect, Policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.findings.checks.codes import made
from policystudio.findings.checks.found import Found
from policystudio.findings.checks.places import plain_key
from policystudio.simulator.stacks import AttachedPolicy, Subject

#: How much one identity may cost, in statements that are looked at.
BUDGET = 4_000
#: With more policies an identity is passed over: the search would only be cut off.
_MOST_POLICIES = 40
CODE = "STUDIO_POLICY_WITHOUT_EFFECT"


def of_subject(subject: Subject) -> Iterator[Found]:
    """Each policy of an identity, inline or attached to itself, without which it can do exactly the same.

    All of them hold at once. Guardrails, which deny, are left alone: policies of resources may allow what they deny.
    """
    row = subject.row
    if row.unreadable_identity or row.unreadable_around or not 1 < len(subject.policies) <= _MOST_POLICIES:
        return
    kept = [item for item in subject.policies if item.named is not None]
    limits = PolicyStack(
        permissions_boundary=row.stack.permissions_boundary,
        service_control_policies=row.stack.service_control_policies,
    )
    statements = [one for item in kept if item.named for one in item.named.policy.statements]
    prover = Prover(limits, row.facts, BUDGET, future_actions(statements))
    try:
        for item in [one for one in kept if not one.through]:
            rest = [one for one in kept if one is not item]
            if _may_be(item, rest, limits) and prover.loses_nothing(_named([item]), _named(rest)):
                kept = rest
                yield _found(item)
    except Exhausted:
        return


def _found(item: AttachedPolicy) -> Found:
    what = "inline policy" if item.kind == "inline" else "policy"
    message = f"Without the {what} `{item.name}` it can do exactly the same."
    evidence = {"policy": item.key, "name": item.name, "kind": item.kind}
    return made(CODE, message, plain_key(CODE, item.key), evidence=evidence)


def _named(items: Sequence[AttachedPolicy]) -> tuple[NamedPolicy, ...]:
    return tuple(item.named for item in items if item.named is not None)


def _may_be(item: AttachedPolicy, rest: Sequence[AttachedPolicy], limits: PolicyStack) -> bool:
    """Whether it is worth asking: False where something that the policy allows is allowed by nothing else, for sure."""
    if item.named is None or not _denies_nothing(item.named.policy):
        return False
    boundary = [limits.permissions_boundary] if limits.permissions_boundary else []
    narrow = [*boundary, *(named for level in limits.service_control_policies or () for named in level)]
    if not all(_is_wide(named.policy) for named in narrow) or not all(
        one.named is None or _denies_nothing(one.named.policy) for one in rest
    ):
        return True
    others = frozenset(start for named in _named(rest) for start in _starts(named.policy))
    return all(any(_meet(start, other) for other in others) for start in _starts(item.named.policy))


@lru_cache(maxsize=5_000)
def _denies_nothing(policy: Policy) -> bool:
    return all(one.effect is Effect.ALLOW for one in policy.statements)


@lru_cache(maxsize=5_000)
def _is_wide(policy: Policy) -> bool:
    """Whether a limit lets everything through: only then its own patterns need not be looked at."""
    return _denies_nothing(policy) and any(
        "*" in one.actions and "*" in one.resources and not one.conditions for one in policy.statements
    )


@lru_cache(maxsize=5_000)
def _starts(policy: Policy) -> frozenset[str]:
    """How the patterns of the allowed actions begin, up to their first wildcard."""
    return frozenset(
        start
        for one in policy.statements
        if one.effect is Effect.ALLOW
        for start in ({_start(pattern) for pattern in one.actions} if one.actions else {""})
    )


def _start(pattern: str) -> str:
    lowered = pattern.lower().replace("?", "*")
    head, star, _ = lowered.partition("*")
    return f"{head}*" if star else head


def _meet(one: str, other: str) -> bool:
    """Whether two patterns of actions may have an action in common."""
    left, right = one.rstrip("*"), other.rstrip("*")
    if "*" in one and "*" in other:
        return left.startswith(right) or right.startswith(left)
    if "*" in one:
        return right.startswith(left)
    return left.startswith(right) if "*" in other else left == right
