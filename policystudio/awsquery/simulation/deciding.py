"""The engine's decisions of a simulation, by policies that are compiled once and kept."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

from policystudio.awsquery.simulation.question import Simulation
from policystudio.awsquery.simulation.templates import takes_no_resource
from policystudio.engine.authorize import owner_account, requires_resource_policy
from policystudio.engine.compile import Answer, CompiledStack, compile_stack
from policystudio.engine.decision import Layer
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack, Request
from policystudio.simulator.selectors import condition_keys

#: So many stacks of policies stay compiled in a process, if each has no more statements than that.
_KEPT = 256
_MOST_STATEMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Decided:
    """One action on one resource. ``missing`` are the keys that policies of identities and resources would need."""

    resource: str
    answer: Answer
    missing: tuple[str, ...]
    cross_account: bool


class _Compiled:
    """A stack, and the same without organization and boundary, whose keys AWS does not report as missing."""

    def __init__(self, stack: PolicyStack) -> None:
        self.lock = Lock()
        self._whole = compile_stack(stack, condition_keys())
        self._without: CompiledStack | None = None
        if stack.service_control_policies is not None or stack.permissions_boundary is not None:
            told = replace(stack, service_control_policies=None, permissions_boundary=None)
            self._without = compile_stack(told, condition_keys())

    def decide(self, request: Request) -> tuple[Answer, tuple[str, ...]]:
        """The answer and the missing keys; under the lock."""
        answer = self._whole.decide(request)
        told = answer if self._without is None else self._without.decide(request)
        return answer, told.missing_context_keys


class _Stacks:
    """What was asked about last. A compiled stack answers one thread at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[PolicyStack, _Compiled] = OrderedDict()
        self._lock = Lock()

    def get(self, stack: PolicyStack) -> _Compiled:
        """The stack, compiled."""
        with self._lock:
            found = self._kept.get(stack)
            if found is not None:
                self._kept.move_to_end(stack)
                return found
        found = _Compiled(stack)
        if statements_in(stack) <= _MOST_STATEMENTS:
            with self._lock:
                self._kept[stack] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return found


_stacks = _Stacks()


def decide(simulation: Simulation, actions: Sequence[str]) -> list[tuple[Decided, ...]]:
    """For each action what is decided on each resource, in the order of the resources."""
    # By resource first: what the engine works out for one context serves all actions.
    compiled = _CompiledOnce(simulation.stack)
    columns = [_on_resource(simulation, compiled, actions, resource) for resource in simulation.resources]
    return list(zip(*columns, strict=True))


class _CompiledOnce:
    """The stacks of one simulation: those that are too long to be kept for the next are kept for this one."""

    def __init__(self, stack: PolicyStack) -> None:
        self._stack = stack
        self._found: dict[str, _Compiled] = {}

    def get(self, left_to: str) -> _Compiled:
        """The policies, with one of the resource that leaves it to the account ``left_to``, if that is not empty."""
        found = self._found.get(left_to)
        if found is None:
            stack = replace(self._stack, resource_policy=_leaving_it_to(left_to)) if left_to else self._stack
            found = self._found[left_to] = _stacks.get(stack)
        return found


def _on_resource(simulation: Simulation, stacks: _CompiledOnce, actions: Sequence[str], resource: str) -> list[Decided]:
    # One principal and one context for all actions on a resource: the engine knows them again.
    sides = {
        one: (simulation.principal(one), simulation.owner_of(one), simulation.context(one)) for one in ("*", resource)
    }
    decided = []
    for action in actions:
        # https://docs.aws.amazon.com/service-authorization/latest/reference: such an action is asked of `*`.
        asked = "*" if takes_no_resource(action) else resource
        principal, owner, context = sides[asked]
        request = Request(principal, action, asked, owner, context)
        crosses = principal.account != owner_account(request)
        left_to = _left_to(simulation.stack, request, crosses=crosses)
        compiled = stacks.get(left_to)
        with compiled.lock:
            answer, missing = compiled.decide(request)
        if left_to:
            # Nobody gave the policy that stands for the one of the resource, so nothing of it is told.
            answer = replace(answer, matched=tuple(one for one in answer.matched if one.layer is not Layer.RESOURCE))
        decided.append(Decided(resource, answer, missing, crosses))
    return decided


def _left_to(stack: PolicyStack, request: Request, *, crosses: bool) -> str:
    """The account that the resource is taken to leave the decision to, or empty.

    AWS's simulator fetches no trust policy and no key policy: within an account, where none is given, the caller's
    policies alone decide.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
    """
    if crosses or stack.resource_policy is not None or not requires_resource_policy(request):
        return ""
    return request.principal.account


@lru_cache(maxsize=1_000)
def _leaving_it_to(account: str) -> NamedPolicy:
    text = json.dumps({"Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*", "Resource": "*"}})
    return NamedPolicy("policy of the resource", parse_policy(text, PolicyKind.RESOURCE))


def statements_in(stack: PolicyStack) -> int:
    """The number of statements, of all layers that a simulation has."""
    single = (stack.permissions_boundary, stack.resource_policy)
    levels = (named for level in stack.service_control_policies or () for named in level)
    policies = (*stack.identity_policies, *(named for named in single if named is not None), *levels)
    return sum(len(named.policy.statements) for named in policies)
