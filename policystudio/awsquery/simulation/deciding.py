"""The engine's decisions of a simulation, by policies that are compiled once and kept."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock

from policystudio.awsquery.simulation.question import Simulation
from policystudio.engine.authorize import TRUST_ACTIONS, owner_account
from policystudio.engine.compile import Answer, CompiledStack, compile_stack
from policystudio.engine.request import PolicyStack, Request
from policystudio.simulator.selectors import condition_keys

#: So many stacks of policies stay compiled in a process, if each has no more statements than that.
_KEPT = 256
_MOST_STATEMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Decided:
    """One action on one resource. ``missing`` are the keys that policies other than an organization's would need."""

    resource: str
    answer: Answer
    missing: tuple[str, ...]
    cross_account: bool


class _Compiled:
    """A stack, and the same without the organization's policies, whose keys AWS does not report as missing."""

    def __init__(self, stack: PolicyStack) -> None:
        self.lock = Lock()
        self._whole = compile_stack(stack, condition_keys())
        self._without: CompiledStack | None = None
        if stack.service_control_policies is not None:
            self._without = compile_stack(replace(stack, service_control_policies=None), condition_keys())

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
    columns = [_on_resource(simulation, actions, resource) for resource in simulation.resources]
    return list(zip(*columns, strict=True))


def _on_resource(simulation: Simulation, actions: Sequence[str], resource: str) -> list[Decided]:
    principal, context = simulation.principal(resource), simulation.context(resource)
    owner = simulation.owner_of(resource)
    trust = simulation.trust_stacks.get(resource)
    compiled = _stacks.get(simulation.stack)
    trusting = compiled if trust is None else _stacks.get(trust)
    decided = []
    for action in actions:
        request = Request(principal, action, resource, owner, context)
        asked = trusting if action.lower() in TRUST_ACTIONS else compiled
        with asked.lock:
            answer, missing = asked.decide(request)
        decided.append(Decided(resource, answer, missing, principal.account != owner_account(request)))
    return decided


def statements_in(stack: PolicyStack) -> int:
    """The number of statements, of all layers that a simulation has."""
    single = (stack.permissions_boundary, stack.resource_policy)
    levels = (named for level in stack.service_control_policies or () for named in level)
    policies = (*stack.identity_policies, *(named for named in single if named is not None), *levels)
    return sum(len(named.policy.statements) for named in policies)
