"""What stands in the way of a request, or of a cell: statements that deny, and layers in which nothing allows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from policystudio.engine.analyse.asked import Asked
from policystudio.engine.authorize import (
    Situation,
    applicable_policies,
    authorize,
    barrier_of,
    needed_layers,
    resource_grant,
    situation_of,
    verdict_of_levels,
    with_facts,
)
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.decision import Layer, LayerVerdict, StatementTrace, Verdict
from policystudio.engine.document import Effect, Policy, PolicyKind, PrincipalEntry, PrincipalKind, Statement
from policystudio.engine.evaluate import evaluate
from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.match import action_matches, principal_matches
from policystudio.engine.parse import parse_policy
from policystudio.engine.render import Json, statement_json, to_json
from policystudio.engine.request import Levels, NamedPolicy, PolicyStack, Request

#: Cell verdicts in the words of ``evaluate``.
CELL_WORDS = {
    CellVerdict.ALLOWED: "allowed",
    CellVerdict.SOME: "some",
    CellVerdict.CONDITIONAL: "conditional",
    CellVerdict.EXPLICIT_DENY: "explicitDeny",
    CellVerdict.IMPLICIT_DENY: "implicitDeny",
    CellVerdict.UNDECIDED: "undecided",
}
_ORGANIZATION = (Layer.SERVICE_CONTROL, Layer.RESOURCE_CONTROL)
_EVERYTHING = parse_policy('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')


@dataclass(frozen=True, slots=True)
class Place:
    """A layer, or one of an organization's levels (the root is 0)."""

    layer: Layer
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Deny:
    """A statement that denies what is asked, or a part of it."""

    place: Place
    policy: NamedPolicy
    statement: Statement


@dataclass(frozen=True, slots=True)
class Obstacles:
    """Everything that must change. ``barrier`` is the reason where no policy can help."""

    denies: tuple[Deny, ...] = ()
    lacking: tuple[Place, ...] = ()
    barrier: str = ""


class Judge(Protocol):
    """Tells of a stack whether what is asked is allowed, and if not, what stands in the way."""

    def verdict(self, stack: PolicyStack) -> str:
        """The verdict in the words of ``evaluate``, ``some`` and ``conditional`` included."""

    def obstacles(self, stack: PolicyStack) -> Obstacles:
        """All that stands in the way."""


@dataclass(frozen=True)
class RequestJudge:
    """Judges one concrete request, plainly, by ``authorize``."""

    request: Request
    keys: ConditionKeys

    def verdict(self, stack: PolicyStack) -> str:
        """AWS's word for the decision."""
        return authorize(stack, self.request, self.keys).verdict.value

    def obstacles(self, stack: PolicyStack) -> Obstacles:
        """The Deny statements that match, and the layers and levels that must allow and do not."""
        request = with_facts(self.request)
        if authorize(stack, request, self.keys).verdict is Verdict.ALLOWED:
            return Obstacles()
        traces = {layer: self._traces(stack, request, layer) for layer in applicable_policies(stack, request)}
        denies = tuple(
            Deny(place, policy, trace.statement)
            for layer, found in traces.items()
            for place, policy, trace in found
            if trace.matched and trace.statement.effect is Effect.DENY
        )
        return Obstacles(denies, tuple(self._lacking(stack, request)), barrier_of(request))

    def _traces(
        self, stack: PolicyStack, request: Request, layer: Layer
    ) -> list[tuple[Place, NamedPolicy, StatementTrace]]:
        policies = applicable_policies(stack, request)
        bounded = layer is Layer.RESOURCE and Layer.BOUNDARY in policies
        return [
            (Place(layer, level if layer in _ORGANIZATION else None), policy, trace)
            for level, together in enumerate(policies[layer])
            for policy in together
            for trace in evaluate(policy, request, layer, self.keys, level, has_boundary=bounded)
        ]

    def _lacking(self, stack: PolicyStack, request: Request) -> Iterator[Place]:
        """The places of the way with the fewest changes: as the resource's policy grants, or as it would directly."""
        policies = applicable_policies(stack, request)
        bounded = Layer.BOUNDARY in policies
        levels = {layer: self._levels(policies[layer], request, layer, bounded) for layer in policies}
        for layer in (Layer.RESOURCE_CONTROL, Layer.SERVICE_CONTROL, Layer.VPC_ENDPOINT):
            for number, level in enumerate(levels.get(layer, ())):
                if verdict_of_levels([_allows(level)]) is not LayerVerdict.ALLOWED:
                    yield Place(layer, number if layer in _ORGANIZATION else None)
        ways = []
        for situation in self._situations(stack, request, levels.get(Layer.RESOURCE, [])):
            needed = [layer for layer in needed_layers(situation) if layer in levels or layer is Layer.RESOURCE]
            ways.append([layer for layer in needed if not _all_allow(levels.get(layer))])
        yield from (Place(layer) for layer in min(ways, key=len))

    def _levels(self, levels: Levels, request: Request, layer: Layer, bounded: bool) -> list[list[StatementTrace]]:
        return [
            [
                trace
                for policy in level
                for trace in evaluate(
                    policy, request, layer, self.keys, has_boundary=bounded and layer is Layer.RESOURCE
                )
            ]
            for level in levels
        ]

    def _situations(
        self, stack: PolicyStack, request: Request, resource: list[list[StatementTrace]]
    ) -> Iterator[Situation]:
        now = situation_of(stack, request, resource_grant(resource, request.principal))
        yield now
        if stack.resource_policy is not None:
            entry = PrincipalEntry(PrincipalKind.AWS, request.principal.arn)
            yield replace(now, grant=max(now.grant, principal_matches([entry], request.principal)))


def _allows(level: Sequence[StatementTrace]) -> list[StatementTrace]:
    return [trace for trace in level if trace.statement.effect is Effect.ALLOW]


def _all_allow(levels: list[list[StatementTrace]] | None) -> bool:
    """Whether something allows at each level, whatever denies there; a layer that is absent does not allow."""
    return levels is not None and verdict_of_levels(map(_allows, levels)) is LayerVerdict.ALLOWED


@dataclass(frozen=True)
class CellJudge:
    """Judges a cell: every resource that is asked about, in every context that is not known.

    ``cell_of`` gives the exact cell of a stack; its second argument tells that the identity layer allows by itself.
    ``unrestricted`` is the root user.
    """

    asked: Asked
    cell_of: Callable[[PolicyStack, bool], Cell]
    unrestricted: bool = False

    def verdict(self, stack: PolicyStack) -> str:
        """The cell's verdict."""
        return CELL_WORDS[self.cell_of(stack, self.unrestricted).verdict]

    def obstacles(self, stack: PolicyStack) -> Obstacles:
        """The Deny statements that touch the cell, and the layers and levels that do not allow all of it."""
        if self.cell_of(stack, self.unrestricted).verdict is CellVerdict.ALLOWED:
            return Obstacles()
        denies, lacking = [], []
        for place, policies in placed(stack):
            if not (self.unrestricted and place.layer is Layer.IDENTITY) and not self._allowed_by(policies):
                lacking.append(place)
            denies += [
                Deny(place, policy, statement)
                for policy in policies
                for statement in policy.policy.statements
                if self._denied_by(policy, statement)
            ]
        return Obstacles(tuple(denies), tuple(lacking))

    def _allowed_by(self, policies: Sequence[NamedPolicy]) -> bool:
        """Whether these policies allow all of the cell, their Deny statements aside."""
        allows = (_with_only(policy, _statements(policy, Effect.ALLOW)) for policy in policies)
        found = tuple(policy for policy in allows if policy is not None)
        return self.cell_of(PolicyStack(found), False).verdict is CellVerdict.ALLOWED

    def _denied_by(self, policy: NamedPolicy, statement: Statement) -> bool:
        if statement.effect is not Effect.DENY or not _names_action(statement, self.asked.action):
            return False
        alone = _with_only(policy, [statement])
        everything = NamedPolicy("everything", _EVERYTHING)
        return self.cell_of(PolicyStack((everything, *([alone] if alone else []))), False).verdict is not (
            CellVerdict.ALLOWED
        )


def placed(stack: PolicyStack) -> Iterator[tuple[Place, tuple[NamedPolicy, ...]]]:
    """The layers that take part in a cell, the organization's level by level."""
    yield Place(Layer.IDENTITY), stack.identity_policies
    if stack.session_policies is not None:
        yield Place(Layer.SESSION), stack.session_policies
    if stack.permissions_boundary is not None:
        yield Place(Layer.BOUNDARY), (stack.permissions_boundary,)
    for number, level in enumerate(stack.service_control_policies or ()):
        yield Place(Layer.SERVICE_CONTROL, number), level


def _statements(policy: NamedPolicy, effect: Effect) -> list[Statement]:
    return [item for item in policy.policy.statements if item.effect is effect]


def _names_action(statement: Statement, action: str) -> bool:
    if statement.not_actions:
        return not any(action_matches(entry, action) for entry in statement.not_actions)
    return any(action_matches(entry, action) for entry in statement.actions)


def _with_only(policy: NamedPolicy, statements: Sequence[Statement]) -> NamedPolicy | None:
    """A policy with some of its statements; None without any."""
    document = policy_of(statements, policy.policy.version, PolicyKind.IDENTITY)
    return None if document is None else NamedPolicy(policy.name, document)


def policy_of(
    statements: Sequence[Statement], version: str, kind: PolicyKind, identifier: str | None = None
) -> Policy | None:
    """A policy of these statements, in order; None without any. Raises ``PolicyError`` for what is no policy."""
    return policy_with(statements, version, kind, identifier) if statements else None


def policy_with(
    statements: Sequence[Statement], version: str, kind: PolicyKind, identifier: str | None = None
) -> Policy:
    """A policy of these statements, in order. Raises ``PolicyError`` for what is no policy."""
    document: dict[str, Json] = {"Version": version}
    if identifier is not None:
        document["Id"] = identifier
    document["Statement"] = [statement_json(item) for item in statements]
    return parse_policy(to_json(document), kind)
