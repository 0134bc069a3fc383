"""A policy stack as indexes over its patterns: the same decisions as ``authorize``, for many requests, quickly.

``authorize`` asks every statement about a request. Here the request asks the indexes which statements name its action
and its resource; only those that are left have their conditions tried. Statements are bits of an integer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from policystudio.engine import globs, variables
from policystudio.engine.authorize import (
    Situation,
    applicable_policies,
    decide,
    owner_account,
    situation_of,
    with_facts,
)
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.decision import Layer, LayerVerdict, StatementTrace, Verdict
from policystudio.engine.document import Effect, PolicyKind, Statement
from policystudio.engine.effort import step
from policystudio.engine.evaluate import may_match, missing_keys
from policystudio.engine.index import PatternIndex, ResourceIndex, remember
from policystudio.engine.match import Naming, is_spared, principal_matches, resource_matches
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision without the statements that did not match; fields as in ``Decision``."""

    verdict: Verdict
    reason: str
    layers: Mapping[Layer, LayerVerdict]
    matched: tuple[StatementTrace, ...]
    missing_context_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    """One statement at its place in the stack."""

    bit: int
    layer: Layer
    level: int | None
    named: NamedPolicy
    statement: Statement


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is left to do for one (action, resource): ``sure`` statements match, ``open`` ones have conditions.

    ``situation`` is the index of the request's situation among those of its caller.
    """

    sure: int
    open: tuple[_Item, ...]
    open_bits: int
    situation: int


class CompiledStack:
    """A policy stack, indexed. Not to be shared between threads."""

    def __init__(self, stack: PolicyStack, keys: ConditionKeys) -> None:
        self.stack = stack
        self.keys = keys
        self.items = list(_items(stack))
        self._actions, self._not_actions = PatternIndex(), PatternIndex()
        self._resources, self._not_resources = ResourceIndex(), ResourceIndex()
        self._with_not_action = self._with_not_resource = self._anything = self._open = 0
        for item in self.items:
            self._index(item)
        self._callers: dict[tuple[Principal, str, bool], _Caller] = {}
        self._last: _InContext | None = None

    def _index(self, item: _Item) -> None:
        step()
        statement, bit = item.statement, item.bit
        for text in statement.actions:
            self._actions.add(text, globs.parse(text.lower()), bit)
        for text in statement.not_actions:
            self._not_actions.add(text, globs.parse(text.lower()), bit)
            self._with_not_action |= bit
        entries = statement.resources or statement.not_resources
        modern = item.named.policy.has_variables
        if statement.conditions:
            self._open |= bit
        if not entries:
            self._anything |= bit
        elif modern and any("${" in text for text in entries):
            self._anything |= bit
            self._open |= bit
        else:
            index = self._resources if statement.resources else self._not_resources
            self._with_not_resource |= bit if statement.not_resources else 0
            for text in entries:
                index.add(text, variables.expand_resource(text, _EMPTY, enabled=False) or (), bit)

    def decide(self, request: Request) -> Answer:
        """The answer to one request, as ``authorize`` gives it."""
        step()
        last = self._last
        if last is None or not last.fits(request):
            last = self._last = self._in_context(request)
        return last.decide(request)

    def _in_context(self, request: Request) -> "_InContext":
        key = (request.principal, owner_account(request), request.resource_in_management_account)
        caller = self._callers.get(key)
        if caller is None:
            caller = _Caller(self, request)
            remember(self._callers, key, caller)
        return _InContext(self, caller, request)

    def candidates(self, action: str, resource: str) -> int:
        """The statements whose action and resource elements match; those with variables are all taken in."""
        lowered = action.lower()
        by_action = self._actions.lookup(lowered)
        if self._with_not_action:
            by_action |= self._with_not_action & ~self._not_actions.lookup(lowered)
        by_resource = self._resources.lookup(resource) | self._anything
        if self._with_not_resource:
            by_resource |= self._with_not_resource & ~self._not_resources.lookup(resource)
        return by_action & by_resource

    @property
    def with_work_left(self) -> int:
        """The statements that have conditions, or variables in their resources."""
        return self._open


class _Caller:
    """A principal and the owner of the resource: which statements concern them, and how they are named."""

    def __init__(self, compiled: CompiledStack, request: Request) -> None:
        self.compiled = compiled
        layers = applicable_policies(compiled.stack, request)
        has_boundary = Layer.BOUNDARY in layers
        self.levels: list[tuple[Layer, int, int]] = []
        self.present = layers.keys()
        self.concerned = 0
        self.namings: dict[int, Naming] = {}
        for layer, levels in layers.items():
            for number in range(len(levels)):
                self._take_level(layer, number, request.principal, has_boundary)
        self.plans: dict[tuple[str, str], _Plan] = {}
        self.situations: list[Situation] = []
        self.verdicts: dict[tuple[int, int], tuple[Verdict, str, Mapping[Layer, LayerVerdict]]] = {}

    def _take_level(self, layer: Layer, number: int, principal: Principal, has_boundary: bool) -> None:
        allow = deny = 0
        for item in self.compiled.items:
            if item.layer is not layer or (item.level or 0) != number:
                continue
            naming = _naming(item, principal, has_boundary)
            if naming is None:
                continue
            self.concerned |= item.bit
            if layer is Layer.RESOURCE and item.statement.effect is Effect.ALLOW:
                self.namings[item.bit] = naming
            allow |= item.bit if item.statement.effect is Effect.ALLOW else 0
            deny |= item.bit if item.statement.effect is Effect.DENY else 0
        self.levels.append((layer, allow, deny))

    def plan(self, request: Request) -> _Plan:
        """The plan for the request's action and resource."""
        key = (request.action, request.resource)
        plan = self.plans.get(key)
        if plan is None:
            found = self.compiled.candidates(*key) & self.concerned
            left = found & self.compiled.with_work_left
            items = tuple(item for item in self.compiled.items if item.bit & left)
            plan = _Plan(found & ~left, items, left, self._situation(request))
            remember(self.plans, key, plan)
        return plan

    def _situation(self, request: Request) -> int:
        situation = situation_of(self.compiled.stack, request, Naming.NONE)
        if situation not in self.situations:
            self.situations.append(situation)
        return self.situations.index(situation)

    def verdict(self, matched: int, situation: int) -> tuple[Verdict, str, Mapping[Layer, LayerVerdict]]:
        """Verdict, reason and layers when exactly the statements ``matched`` match."""
        key = (matched, situation)
        found = self.verdicts.get(key)
        if found is None:
            layers = dict.fromkeys(Layer, LayerVerdict.NOT_APPLICABLE)
            for layer in self.present:
                layers[layer] = self._layer(layer, matched)
            grant = max((naming for bit, naming in self.namings.items() if bit & matched), default=Naming.NONE)
            found = (*decide(replace(self.situations[situation], grant=grant), layers), layers)
            remember(self.verdicts, key, found)
        return found

    def _layer(self, layer: Layer, matched: int) -> LayerVerdict:
        levels = [(allow, deny) for found, allow, deny in self.levels if found is layer]
        if any(deny & matched for _, deny in levels):
            return LayerVerdict.EXPLICIT_DENY
        return LayerVerdict.ALLOWED if all(allow & matched for allow, _ in levels) else LayerVerdict.IMPLICIT_DENY


class _InContext:
    """A caller with one context: what the statements' conditions come to in it."""

    def __init__(self, compiled: CompiledStack, caller: _Caller, request: Request) -> None:
        self.compiled = compiled
        self.caller = caller
        self.given = request
        self.owner = owner_account(request)
        self.context = with_facts(request).context
        self.truth: dict[int, bool] = {}
        self.missing: dict[int, tuple[str, ...]] = {}
        self.answers: dict[tuple[int, int, int], Answer] = {}
        self.owners: dict[str, str] = {}

    def fits(self, request: Request) -> bool:
        """Whether another request differs in nothing but action and resource."""
        given = self.given
        return (
            request.context is given.context
            and request.principal is given.principal
            and request.resource_in_management_account == given.resource_in_management_account
            and (request.resource_account or self.owner_of(request)) == self.owner
        )

    def owner_of(self, request: Request) -> str:
        """The owner of a resource whose account is not given."""
        owner = self.owners.get(request.resource)
        if owner is None:
            owner = owner_account(request)
            remember(self.owners, request.resource, owner)
        return owner

    def decide(self, request: Request) -> Answer:
        """The answer to a request that fits."""
        plan = self.caller.plan(request)
        matched = plan.sure
        for item in plan.open:
            if self.holds(item, request.resource):
                matched |= item.bit
        key = (matched, plan.open_bits, plan.situation)
        answer = self.answers.get(key)
        if answer is None:
            answer = self.answer(matched, plan, request.resource)
            if not self.open_resources(plan):
                remember(self.answers, key, answer)
        return answer

    def open_resources(self, plan: _Plan) -> bool:
        """Whether a statement of the plan has variables in its resources."""
        return any(_has_open_resource(item) for item in plan.open)

    def answer(self, matched: int, plan: _Plan, resource: str) -> Answer:
        """The answer when exactly the statements ``matched`` match."""
        verdict, reason, layers = self.caller.verdict(matched, plan.situation)
        asked = replace(self.given, resource=resource, context=self.context)
        traces = tuple(
            StatementTrace(
                item.layer,
                item.named.name,
                item.statement,
                matched=True,
                missing_keys=missing_keys(item.named.policy, item.statement, self.context),
                level=item.level,
            )
            for item in self.compiled.items
            if item.bit & matched
        )
        tried = [
            item
            for item in plan.open
            if self.names_resource(item, resource) or may_match(item.named.policy, item.statement, asked)
        ]
        missing: dict[str, str] = {}
        for item in tried:
            for name in missing_keys(item.named.policy, item.statement, self.context):
                missing.setdefault(name.lower(), name)
        return Answer(verdict, reason, layers, traces, tuple(sorted(missing.values())))

    def holds(self, item: _Item, resource: str) -> bool:
        """Whether an open statement matches."""
        if _has_open_resource(item) and not self.names_resource(item, resource):
            return False
        found = self.truth.get(item.bit)
        if found is None:
            modern = item.named.policy.has_variables
            found = self.truth[item.bit] = all(
                condition_holds(condition, self.context, self.compiled.keys, modern)
                for condition in item.statement.conditions
            )
        return found

    def names_resource(self, item: _Item, resource: str) -> bool:
        """Whether the statement's resource element matches, variables replaced."""
        if not _has_open_resource(item):
            return True
        statement = item.statement
        entries = statement.resources or statement.not_resources
        matched = any(resource_matches(entry, resource, self.context, True) for entry in entries)
        return matched == bool(statement.resources)


def compile_stack(stack: PolicyStack, keys: ConditionKeys) -> CompiledStack:
    """Index a policy stack; ``keys`` are the condition keys with their types."""
    return CompiledStack(stack, keys)


_EMPTY = Context()


def _items(stack: PolicyStack) -> Iterator[_Item]:
    """Every statement of the stack in the order of ``authorize``, each with a bit of its own."""
    count = 0
    for layer, level, named in _placed(stack):
        for statement in named.policy.statements:
            yield _Item(1 << count, layer, level, named, statement)
            count += 1


def _placed(stack: PolicyStack) -> Iterator[tuple[Layer, int | None, NamedPolicy]]:
    organization = (
        (Layer.SERVICE_CONTROL, stack.service_control_policies),
        (Layer.RESOURCE_CONTROL, stack.resource_control_policies),
    )
    for layer, levels in organization:
        for number, level in enumerate(levels or ()):
            yield from ((layer, number, named) for named in level)
    single = ((Layer.VPC_ENDPOINT, stack.vpc_endpoint_policy), (Layer.RESOURCE, stack.resource_policy))
    yield from ((layer, None, named) for layer, named in single if named is not None)
    yield from ((Layer.IDENTITY, None, named) for named in stack.identity_policies)
    if stack.permissions_boundary is not None:
        yield Layer.BOUNDARY, None, stack.permissions_boundary
    yield from ((Layer.SESSION, None, named) for named in stack.session_policies or ())


def _naming(item: _Item, principal: Principal, has_boundary: bool) -> Naming | None:
    """How the statement names the caller; None where its principal element keeps it from applying."""
    statement = item.statement
    if statement.principals:
        return principal_matches(statement.principals, principal) or None
    if statement.not_principals:
        bounded = has_boundary and item.layer is Layer.RESOURCE
        applies = statement.effect is Effect.DENY and (bounded or not is_spared(statement.not_principals, principal))
        return Naming.NONE if applies else None
    return None if item.named.policy.kind in (PolicyKind.RESOURCE, PolicyKind.TRUST) else Naming.NONE


def _has_open_resource(item: _Item) -> bool:
    statement = item.statement
    return item.named.policy.has_variables and any(
        "${" in text for text in statement.resources or statement.not_resources
    )
