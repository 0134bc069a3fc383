"""One cell with the statements that decide it: what they leave of it, what stands in the way, what they read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policystudio.engine.authorize import principal_facts
from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect
from policystudio.engine.evaluate import written_keys
from policystudio.engine.exact.cell import Cell, CellVerdict, Example
from policystudio.engine.exact.facts import Facts
from policystudio.engine.exact.signatures import Hole
from policystudio.engine.matrix.shared import SharedCells
from policystudio.engine.request import NamedPolicy, PolicyStack, Principal
from policystudio.engine.variables import expand_resource_loosely
from policystudio.simulator.scenario_steps import Blame
from policystudio.simulator.sentences import Bearing, Residue
from policystudio.simulator.stacks import Values
from policystudio.simulator.trusts import Placed

_REGION = "aws:requestedregion"
_ANY_REGION = "us-east-1"
_NAME = "example"
_TAGS = ("aws:resourcetag", "sagemaker:resourcetag")
_NAMES = {Layer.IDENTITY: "identity policies", Layer.BOUNDARY: "permissions boundary", Layer.RESOURCE: "trust policy"}


@dataclass(frozen=True)
class Weighed:
    """A cell for known facts; ``resource`` is the one resource that it is about, empty where there are more."""

    cell: Cell
    placed: tuple[Placed, ...]
    cells: SharedCells
    index: int
    facts: Facts
    resource: str = ""

    def residue(self) -> Iterator[Residue]:
        """What each statement leaves of the cell."""
        bit = self.cells.space.bit(self.index)

        def concerns(resource: str) -> bool:
            pattern = expand_resource_loosely(resource, self.facts.context, enabled="${" in resource)
            covers, touches = self.cells.space.cover_masks(pattern)
            return resource != "*" and bool((covers | touches) & bit)

        def is_free(key: str) -> bool:
            return self.cells.builder.is_free(key, self.facts, bit)

        bearing = Bearing(bit, concerns, is_free, self.facts.context)
        for one in self.placed:
            for item in one.statements:
                if item.record.live & bit:
                    yield bearing.residue(one.layer, one.level, item.unit.policy.name, item.record)

    def blames(self, residue: Sequence[Residue], stack: PolicyStack, levels: Sequence[str]) -> Iterator[Blame]:
        """What stands in the way of a cell that is never allowed: Deny statements, else layers that do not allow.

        ``stack`` and ``levels`` tell how the policies and the organization's levels are called.
        """
        if self.cell.verdict is CellVerdict.EXPLICIT_DENY:
            denies = [item for item in residue if item.effect is Effect.DENY]
            found: dict[tuple[Layer, int | None], dict[str, None]] = {}
            for item in [item for item in denies if item.everywhere] or denies:
                found.setdefault((item.layer, item.level), {})[item.policy] = None
            for (layer, level), policies in found.items():
                yield Blame(layer, _called(layer, level, levels), tuple(policies), True)
            return
        granting = {(item.layer, item.level) for item in residue if item.effect is Effect.ALLOW}
        lacking = [one for one in self.placed if (one.layer, one.level) not in granting]
        own = [one for one in lacking if one.layer is Layer.IDENTITY]
        for one in own or lacking:
            yield Blame(one.layer, _called(one.layer, one.level, levels), _policies(stack, one), False)

    def sample(self) -> str:
        """Some resource that the cell is about."""
        universe = self.cells.space.universe_of(self.cells.space.columns[self.index])
        if self.resource or len(universe.segments) == 1:
            return self.resource or universe.template
        parts = ["".join(_filled(part) for part in segment) for segment in universe.segments]
        parts[3] = _ANY_REGION if Hole.NAME in universe.segments[3] else parts[3]
        return ":".join(parts)

    def context(self, example: Example, principal: Principal, owner: str, stack: PolicyStack) -> dict[str, Values]:
        """What the policies of ``stack`` read of a request: the example's values, and what is known.

        A key without values is absent, although the principal or the resource would bring it along.
        """
        given = {key.lower() for key in example.context}
        derived = principal_facts(principal, owner)
        result = dict(example.context)
        for key, name in self._read(stack).items():
            values = self.facts.value_of(key) if self.facts.knows(key) else ()
            if key not in given and (values or key in derived or self._brought(key)):
                result[name] = values
        return result

    def _read(self, stack: PolicyStack) -> dict[str, str]:
        """The keys that statements about the action read, as they write them, by their names in lower case."""
        bit = self.cells.space.bit(self.index)
        names: dict[str, str] = {}
        for named in policies_of(stack):
            for statement in named.policy.statements:
                if self.cells.builder.actions(statement) & bit:
                    for name in written_keys(named.policy, statement):
                        names.setdefault(name.lower(), name)
        return names

    def _brought(self, key: str) -> bool:
        """Whether a resource may bring the key along."""
        return not self.facts.knows(key) and (key == _REGION or key.partition("/")[0] in _TAGS)


def policies_of(stack: PolicyStack) -> Iterator[NamedPolicy]:
    """Every policy of a stack, but a VPC endpoint's."""
    yield from stack.identity_policies
    yield from (stack.permissions_boundary,) if stack.permissions_boundary else ()
    yield from stack.session_policies or ()
    for level in (*(stack.service_control_policies or ()), *(stack.resource_control_policies or ())):
        yield from level
    yield from (stack.resource_policy,) if stack.resource_policy else ()


def _called(layer: Layer, level: int | None, levels: Sequence[str]) -> str:
    if level is None:
        return _NAMES.get(layer, str(layer))
    return levels[level] if level < len(levels) else f"level {level + 1}"


def _policies(stack: PolicyStack, one: Placed) -> tuple[str, ...]:
    """How the policies of a layer that does not allow are called."""
    if one.layer is Layer.BOUNDARY and stack.permissions_boundary is not None:
        return (stack.permissions_boundary.name,)
    levels = {
        Layer.SERVICE_CONTROL: stack.service_control_policies,
        Layer.RESOURCE_CONTROL: stack.resource_control_policies,
    }.get(one.layer)
    return tuple(named.name for named in levels[one.level]) if levels and one.level is not None else ()


def _filled(part: str | Hole) -> str:
    if isinstance(part, str):
        return part
    return "x" if part.is_single else _NAME
