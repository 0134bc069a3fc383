"""Principals whom a change of policies cannot tell apart, so that what it changes is worked out once for all of them.

Two principals are alike where the statements that bear on the change say the same of both: conditions on what is known
of them hold for both or for neither, and variables have the same values. A name may differ (``${aws:username}``) where
it can be told from every other text in the patterns: no literal of theirs can overlap with it. Whatever requests of one
principal do then, those of the other do with its own name in the place of the first one's.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine.analyse.actions import Actions, actions_for
from policystudio.engine.analyse.comparison import Effective
from policystudio.engine.analyse.names import HOLE, Holes, holes_in
from policystudio.engine.analyse.settled import Unsettled, differing_keys, settled
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.document import Statement
from policystudio.engine.exact.facts import Facts, is_name, keys_read, variables_read
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal

_USERNAME = "aws:username"
#: A statement with whether its document knows variables.
_Placed = tuple[Statement, bool]
_Content = tuple[object, ...]
#: The statements of each layer, levels of the organization one by one.
_Groups = tuple[tuple[_Placed, ...], ...]


class Likeness:
    """Tells principals apart as far as the changes of their policies do. Policies that were asked about are kept."""

    def __init__(self, keys: ConditionKeys) -> None:
        self.keys = keys
        self._systems: dict[Hashable, tuple[_System, object]] = {}
        self._by_content: dict[Hashable, _System] = {}
        self._known: dict[Hashable, Hashable] = {}
        self._holes: dict[Hashable, Holes | None] = {}

    def key(self, before: Effective, after: Effective) -> Hashable:
        """Equal for pairs of which what changes is the same, but for the names in requests."""
        system = self.system(before, after)
        traits = _traits(after.principal), after.stack.resource_policy, after.stack.vpc_endpoint_policy
        specs = tuple(_spec(item.facts, system.reads) for item in (before, after))
        asked = system.number, traits, specs
        found = self._known.get(asked)
        if found is None:
            alike = self.named_key(system, after.facts) if specs[0] == specs[1] else None
            found = self._known[asked] = asked if alike is None else (system.number, traits, alike)
        return found

    def system(self, before: Effective, after: Effective) -> "_System":
        """The statements that bear on the change; one object for pairs with the same ones."""
        differing = frozenset(differing_keys(before.facts, after.facts))
        stacks = before.stack, after.stack
        asked = *(_identities(stack) for stack in stacks), differing
        found = self._systems.get(asked)
        if found is None:
            made = _system(stacks, differing, len(self._by_content))
            system = self._by_content.setdefault(made.content, made)
            found = self._systems[asked] = system, stacks  # the policies are kept, so that their ids stay theirs
        return found[0]

    def named_key(self, system: "_System", facts: Facts) -> Hashable:
        """What the statements say of one principal without its name; None where that would not be all."""
        hole = system.hole(facts)
        if hole is None:
            return None
        context = Context({key: values for key, values in facts.known.items() if values} | {hole: (HOLE,)})
        try:
            told = tuple(
                tuple(frozenset(self.told(group, facts, context)) for group in groups) for groups in system.groups
            )
        except Unsettled:
            return None
        if told not in self._holes:
            self._holes[told] = holes_in(one for groups in told for group in groups for one in group)
        holes = self._holes[told]
        if holes is None or not holes.fits(facts.value_of(hole)[0]):
            return None
        return frozenset(filter(facts.knows, system.reads)), told

    def told(self, group: Iterable[_Placed], facts: Facts, context: Context) -> Iterator[_Content]:
        """The statements with what is known written into them, but for their places; without those that never match."""
        for statement, modern in group:
            found = settled(statement, modern, facts, self.keys, facts.knows, context)
            if found is not None:
                yield _content(found)


@dataclass(frozen=True)
class _System:
    """The statements of both sides that are about an action which the change may touch, by layer.

    ``structure`` says which layers there are on each side, ``reads`` which keys the statements read.
    """

    number: int
    structure: Hashable
    groups: tuple[_Groups, _Groups]
    reads: frozenset[str]

    @cached_property
    def content(self) -> Hashable:
        """What the statements say; equal for systems that say the same."""
        return self.structure, tuple(
            tuple(frozenset((_content(statement), modern) for statement, modern in group) for group in groups)
            for groups in self.groups
        )

    @cached_property
    def variables(self) -> frozenset[str]:
        """The keys that the statements read as variables."""
        placed = (one for groups in self.groups for group in groups for one in group)
        return frozenset().union(*(variables_read(statement) for statement, modern in placed if modern))

    def hole(self, facts: Facts) -> str | None:
        """The variable whose value may differ between principals: the user's name, else the only one there is."""
        found = {key for key in self.variables if facts.knows(key) and is_name(facts.value_of(key))}
        if _USERNAME in found:
            return _USERNAME
        return found.pop() if len(found) == 1 else None


def _system(stacks: Sequence[PolicyStack], differing: frozenset[str], number: int) -> _System:
    structure = tuple(map(_structure, stacks))
    groups = [tuple(_groups(stack)) for stack in stacks]
    actions = actions_for(statement for side in groups for group in side for statement, _ in group)
    same = structure[0] == structure[1]
    touched = _touched(groups[0], groups[1], actions, differing) if same else actions.all
    before, after = (
        tuple(tuple(one for one in group if actions.of(one[0]) & touched) for group in side) for side in groups
    )
    every = (one for side in (before, after) for group in side for one in group)
    reads = frozenset().union(*(keys_read(statement, modern) for statement, modern in every))
    return _System(number, structure, (before, after), reads | differing)


def _touched(before: _Groups, after: _Groups, actions: Actions, differing: frozenset[str]) -> int:
    """The actions of statements that stand on one side only, or read what differs between the sides."""
    mask = 0
    for left, right in zip(before, after, strict=True):
        told = [{(_content(statement), modern): statement for statement, modern in side} for side in (left, right)]
        for key in told[0].keys() ^ told[1].keys():
            mask |= actions.of(told[0].get(key) or told[1][key])
        if differing:
            for statement, modern in (*left, *right):
                if keys_read(statement, modern) & differing:
                    mask |= actions.of(statement)
    return mask


def _structure(stack: PolicyStack) -> Hashable:
    """Which layers there are; one without policies allows nothing, one that is absent does not take part."""
    levels = (stack.service_control_policies, stack.resource_control_policies)
    return stack.permissions_boundary is not None, tuple(None if one is None else len(one) for one in levels)


def _groups(stack: PolicyStack) -> Iterator[tuple[_Placed, ...]]:
    """The layers in a fixed order, levels of the organization one by one."""
    yield _placed(stack.identity_policies)
    boundary = stack.permissions_boundary
    yield from [_placed([boundary])] if boundary is not None else []
    for levels in (stack.service_control_policies, stack.resource_control_policies):
        yield from (_placed(level) for level in levels or ())


def _placed(policies: Iterable[NamedPolicy]) -> tuple[_Placed, ...]:
    return tuple((statement, named.policy.has_variables) for named in policies for statement in named.policy.statements)


def _identities(stack: PolicyStack) -> Hashable:
    """The policies of a stack as objects, by layer."""
    boundary = stack.permissions_boundary
    levels = (
        None if found is None else tuple(tuple(id(named.policy) for named in level) for level in found)
        for found in (stack.service_control_policies, stack.resource_control_policies)
    )
    own = tuple(id(named.policy) for named in stack.identity_policies)
    return own, boundary and id(boundary.policy), tuple(levels)


def _content(statement: Statement) -> _Content:
    """What a statement says, without its name and its place."""
    it = statement
    return it.effect, it.actions, it.not_actions, it.resources, it.not_resources, it.conditions


def _traits(principal: Principal | None) -> Hashable:
    """What of a principal decides which layers concern it."""
    if principal is None:
        return None
    return (
        principal.type,
        principal.account,
        principal.partition,
        principal.in_management_account,
        principal.service_linked,
    )


def _spec(facts: Facts, reads: frozenset[str]) -> tuple[tuple[str, tuple[str, ...] | None], ...]:
    return tuple((key, facts.value_of(key) if facts.knows(key) else None) for key in sorted(reads))
