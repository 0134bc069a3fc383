"""What a change of policies changes: exactly, over every known action, with a concrete request for each claim.

AWS's CheckNoNewAccess and CheckAccessNotGranted ask the like, of a single document and without an example.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from policystudio.engine import globs
from policystudio.engine.analyse.actions import actions_for
from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Granted, Undecided, Witness
from policystudio.engine.analyse.layers import Layered, layered
from policystudio.engine.analyse.scope import Keys, columns_by_action, needs_resource_policy, scope_of
from policystudio.engine.analyse.shapes import shape
from policystudio.engine.analyse.types import type_of
from policystudio.engine.catalog.types import NO_TYPE, Column
from policystudio.engine.document import Policy, PolicyKind, Statement
from policystudio.engine.exact.linked import Requests
from policystudio.engine.exact.search import Doubt, Goal, Search
from policystudio.engine.exact.signatures import TooLarge, contains
from policystudio.engine.exact.terms import Place, Side, TermBuilder
from policystudio.engine.exact.texts import fits
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.engine.variables import written_names

#: How much work one comparison may be, in sets of demands that are looked at.
WORK_LIMIT = 60_000
TOO_LARGE = "resource patterns or conditions meet in too many ways"
#: The partitions that AWS's documentation names; the first one is that of examples, where it can be.
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
#: Keys that follow from who asks: an example says so where one must be absent.
_OF_PRINCIPAL = frozenset(
    {
        "aws:username",
        "aws:userid",
        "aws:principaltype",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:resourceaccount",
    }
    | {"aws:principalisawsservice", "aws:principalservicename"}
)


def compare(
    before: Effective, after: Effective, *, within: Sequence[str] | int = (), cells: bool = False
) -> Comparison:
    """What ``after`` allows and ``before`` does not, and the reverse.

    Of actions ``within`` alone, where some are named, or given as a mask of ``known_actions``. Both sides must be about
    the same principal and know the same facts; else ``ValueError``. A resource policy that is not given is taken to
    leave the decision to the account, where an action needs one. With ``cells`` actions of SageMaker are compared only
    on the resource types that they have.
    """
    if isinstance(within, int):
        comparer = _Comparer(before, after)
        comparer.asked &= within
    else:
        comparer = _Comparer(before, after, actions=within)
    comparer.only_cells = cells
    return comparer.compare()


def difference(before: Effective, after: Effective) -> Witness | None:
    """A request that ``after`` allows and ``before`` does not; None where there is none. Raises ``Undecided``."""
    comparer = _Comparer(before, after)
    reasons: list[str] = []
    for actions in comparer.classes():
        outcome = comparer.somewhere(actions, new=True)
        if outcome.witness is not None:
            return outcome.witness
        reasons += [outcome.undecided] if outcome.undecided else []
    if reasons:
        raise Undecided(reasons[0])
    return None


def access_not_granted(effective: Effective, actions: Sequence[str], resources: Sequence[str] = ()) -> Granted:
    """Whether any of the actions is allowed on any of the resources, both with wildcards, in some context.

    Without ``resources`` any resource counts.
    https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html
    """
    empty = replace(effective.stack, identity_policies=())
    if effective.principal is not None:  # the root user needs no policy, and a resource's own policy may grant
        empty = replace(empty, vpc_endpoint_policy=NamedPolicy("nothing", _nothing()))
    nothing = replace(effective, stack=empty)
    comparer = _Comparer(nothing, effective, [globs.resource_parts(globs.parse(text)) for text in resources], actions)
    undecided = ""
    for group in comparer.classes():
        outcome = comparer.somewhere(group, new=True)
        if outcome.witness is not None:
            return Granted(True, outcome.witness)
        undecided = undecided or outcome.undecided
    return Granted(None, undecided=undecided) if undecided else Granted(False)


def access_granted(effective: Effective, actions: Sequence[str], resources: Sequence[str] = ()) -> Granted:
    """Whether every one of the actions is allowed on all of the resources, both with wildcards, in every context.

    ``witness`` is a request that is denied where they are not. Contexts are those that the facts leave open.
    """
    everything = PolicyStack(identity_policies=(NamedPolicy("everything", _everything()),))
    comparer = _Comparer(
        effective,
        replace(effective, stack=everything),
        [globs.resource_parts(globs.parse(text)) for text in resources],
        actions,
    )
    undecided = ""
    for group in comparer.classes():
        outcome = comparer.somewhere(group, new=True)
        if outcome.witness is not None:
            return Granted(False, outcome.witness)
        undecided = undecided or outcome.undecided
    return Granted(None, undecided=undecided) if undecided else Granted(True)


@cache
def _everything() -> Policy:
    """An identity policy that allows everything."""
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    return parse_policy(text, PolicyKind.IDENTITY)


@cache
def _nothing() -> Policy:
    """A policy that denies everything to everybody."""
    text = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}'
    return parse_policy(text, PolicyKind.RESOURCE)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A request, or why none was found although there may be one."""

    witness: Witness | None = None
    undecided: str = ""

    def about(self, action: str) -> Witness | None:
        """The request, with an action of those that it stands for."""
        found = self.witness
        return None if found is None else Witness(action, found.resource, found.context)


_NOTHING = _Outcome()
_Asked = tuple[int, Side, Side, Hashable]
_Statements = list[tuple[Statement, bool]]


class _Comparer:
    def __init__(
        self, before: Effective, after: Effective, resources: Sequence[Parts] = (), actions: Sequence[str] = ()
    ) -> None:
        if before.principal != after.principal:
            raise ValueError("both sides must be about the same principal")
        if before.facts != after.facts:
            raise ValueError("both sides must know the same of their requests")
        named = [policy for item in (before, after) for policy in _policies(item)]
        self.actions = actions_for(statement for policy in named for statement in policy.policy.statements)
        self.layers = {False: layered(before, self.actions), True: layered(after, self.actions)}
        self.scope = scope_of(before)
        self.resources = resources
        placed = [item for side in self.layers.values() for item in side.statements()]
        self.keys = Keys(before.facts, [(item.statement, item.modern) for item in placed])
        self.asked = _union(self.actions.mask(text) for text in actions) if actions else self.actions.all
        self.is_bare = before.principal is None
        self.spellings = spellings(item.statement for item in placed)
        self.doubts: dict[bool, list[str]] = {True: [], False: []}
        self.last: list[Requests] = []
        self.only_cells = False
        self.work = 0
        # That nothing changes holds for all places of a shape; a request must be found in each.
        self._known: dict[_Asked, _Outcome | Requests] = {}
        self._cells: dict[tuple[int, str, frozenset[str]], list[_Outcome]] = {}
        self._places: dict[str, list[tuple[Place, bool]]] = {}
        # Of the class of actions that is looked at: who names it, before and after, and what that comes to.
        self._class = 0
        self._naming: list[tuple[_Statements, list[_Statements]]] = []
        self._sides: dict[tuple[int, int, bool], tuple[Side, Side, Place]] = {}

    def compare(self) -> Comparison:
        changes: list[Change] = []
        for actions in self.classes():
            changes += self.changes(actions)
        changes.sort(key=_order)
        allowed = next((change.newly_allowed for change in changes if change.newly_allowed), None)
        denied = next((change.newly_denied for change in changes if change.newly_denied), None)
        no_new, no_lost = _claim(allowed, self.doubts[True]), _claim(denied, self.doubts[False])
        doubts = [*self.doubts[True], *self.doubts[False]] if None in (no_new, no_lost) else [""]
        return Comparison(no_new, no_lost, allowed, denied, tuple(changes), doubts[0])

    # Classes of actions that the statements do not tell apart.

    def classes(self) -> Iterator[int]:
        """Masks of actions that may change and that every statement treats alike; SageMaker's come first."""
        touched = self.touched() & self.asked
        if not touched:
            return
        parts = [touched]
        for mask in dict.fromkeys(item.actions for side in self.layers.values() for item in side.statements()):
            parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
        special = [self.actions.mask("sagemaker:*"), self.actions.mask("sts:*")]
        for mask in special:
            parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
        parts.sort(key=lambda part: not part & special[0])
        yield from (piece for part in parts for piece in self.alike(part, special))

    def touched(self) -> int:
        """The actions of statements that stand on one side only."""
        before, after = self.layers[False], self.layers[True]
        if (before.ways, before.ways_required) != (after.ways, after.ways_required):
            return self.actions.all
        if len(before.groups) != len(after.groups):  # of who needs another's grant, and gets none on either side
            return self.actions.all
        pairs = [(before.denies, after.denies), *zip(before.groups, after.groups, strict=True)]
        mask = 0
        for left, right in pairs:
            mine, others = Counter(item.content for item in left), Counter(item.content for item in right)
            for item in (*left, *right):
                if mine.get(item.content, 0) == 0 or others.get(item.content, 0) == 0:
                    mask |= item.actions
        return mask

    def alike(self, part: int, special: Sequence[int]) -> Iterable[int]:
        """A class cut up where its actions differ in the keys that are sent, or in what the resource must allow.

        So are those that have cells from those that the catalogue does not know.
        """
        if not part & (special[0] | special[1]):
            return [part]
        groups: dict[tuple[frozenset[str], bool, bool], int] = {}
        for name, bit in zip(self.actions.listed(part), _single_bits(part), strict=True):
            key = self.keys.absent(name), needs_resource_policy(name), name in columns_by_action()
            groups[key] = groups.get(key, 0) | bit
        return groups.values()

    # One class, one direction.

    def somewhere(self, actions: int, *, new: bool) -> _Outcome:
        """A request of a class on any resource that one side allows and the other does not."""
        action = next(self.actions.listed(actions))
        builder = self.keys.builder(self.keys.absent(action))
        undecided = ""
        for place, required in self.places(action.partition(":")[0]):
            needs = required or needs_resource_policy(action)
            outcome = self.decide(actions, builder, place, needs=needs, new=new)
            if outcome.witness is not None:
                return _Outcome(outcome.about(action))
            undecided = undecided or outcome.undecided
        return _Outcome(undecided=undecided) if undecided else _NOTHING

    def places(self, service: str) -> list[tuple[Place, bool]]:
        """The places of a service's resources, or their parts that the question's own resource patterns match."""
        found = self._places.get(service)
        if found is None:
            found = self.scope.places(service)
            if self.resources:
                parts = [(place, required, pattern) for place, required in found for pattern in self.resources]
                found = [(replace(it, required=it.required | {pattern}), needs) for it, needs, pattern in parts]
            self._places[service] = found
        return found

    def decide(self, actions: int, builder: TermBuilder, place: Place, *, needs: bool, new: bool) -> _Outcome:
        """A request of a place, of whichever action of the class."""
        before, after = self.sides(actions, builder, place, needs=needs)
        allowing, other = (after, before) if new else (before, after)
        if implies(allowing, other):
            return _NOTHING
        asked = (id(builder), allowing, other, shape(place, (allowing, other)))
        known = self._known.get(asked)
        if isinstance(known, _Outcome):
            return known
        self.last = [*([known] if known else []), *self.last[:2]]
        found = self.search(allowing, other, place, builder)
        self._known[asked] = found if found.witness is None else self.last[0]
        return found

    def search(self, allowing: Side, other: Side, place: Place, builder: TermBuilder) -> _Outcome:
        """The exact answer for one pair of sides. A bare document is at home in any partition that there is."""
        goals = [Goal(allowing, True), Goal(other, False)]
        outcome = self.run(goals, place, builder)
        if not self.is_bare or outcome.witness is None or _has_partition(outcome.witness.resource):
            return outcome
        for partition in PARTITIONS:
            inside: Parts = (f"arn:{partition}:", Wild.ANY)
            outcome = self.run(goals, replace(place, required=place.required | {inside}), builder)
            if outcome != _NOTHING:
                break
        return outcome

    def run(self, goals: Sequence[Goal], place: Place, builder: TermBuilder) -> _Outcome:
        if self.work > WORK_LIMIT:
            return _Outcome(undecided=TOO_LARGE)
        search = Search(goals, place, builder, first=self.first(place, builder))
        try:
            found = search.run()
        except TooLarge:
            return _Outcome(undecided=TOO_LARGE)
        except Doubt as doubt:
            return _Outcome(undecided=str(doubt))
        finally:
            self.work += search.nodes
        if found is None:
            return _NOTHING
        self.last = [found, *self.last[:2]]
        return _Outcome(self.witness(found))

    def first(self, place: Place, builder: TermBuilder) -> Iterator[Requests]:
        """The last answers with a resource of this place: what changes one cell often changes the next one alike.

        They keep only what requests of this place may carry: keys that another action sends may be absent here.
        """
        for found in self.last:
            contexts = tuple(
                {key: values for key, values in context.items() if builder.is_free(key)} for context in found.contexts
            )
            name = found.resources[0].rpartition("/")[2]
            for hint in place.hints[:1] or ("*",):
                resource = hint.replace("example", name) if name != "*" else hint
                if contains(place.universe, resource) and fits(resource, tuple(place.required), tuple(place.excluded)):
                    yield Requests((resource,), contexts)

    def sides(self, actions: int, builder: TermBuilder, place: Place, *, needs: bool) -> tuple[Side, Side]:
        """Before and after as they are for a class of actions, worked out once for both directions."""
        if self._class != actions:
            self._class, self._sides = actions, {}
            self._naming = [self.naming(actions, layers) for layers in self.layers.values()]
        asked = id(builder), id(place), needs
        found = self._sides.get(asked)
        if found is None:
            layers = self.layers.values()
            ways = [one.ways_required if needs else one.ways for one in layers]
            before, after = (builder.side(*it, way, place) for it, way in zip(self._naming, ways, strict=True))
            found = self._sides[asked] = before, after, place  # which is kept, so that its id stays its own
        return found[0], found[1]

    @staticmethod
    def naming(actions: int, layers: Layered) -> tuple[_Statements, list[_Statements]]:
        """The statements that name actions of a class: those that deny, and the groups of those that allow."""
        placed = (layers.denies, *layers.groups)
        denies, *groups = ([(it.statement, it.modern) for it in group if it.actions & actions] for group in placed)
        return denies, groups

    def witness(self, found: Requests) -> Witness:
        context = {self.spellings.get(key, key): values for key, values in found.contexts[0].items() if values}
        if self.is_bare:
            named = {key.lower() for key in context}
            absent = sorted((self.keys.read & _OF_PRINCIPAL) - named)
            context |= {self.spellings.get(key, key): () for key in absent}
        return Witness("", found.resources[0], context)

    # What changes, by action and type.

    def changes(self, actions: int) -> Iterator[Change]:
        """The changes of a class of actions."""
        first = next(self.actions.listed(actions))
        if self.only_cells and columns_by_action().get(first):
            yield from self.of_cells(actions)
            return
        new, lost = self.somewhere(actions, new=True), self.somewhere(actions, new=False)
        for direction, outcome in ((True, new), (False, lost)):
            self.doubts[direction] += [outcome.undecided] if outcome.undecided else []
        if new == lost == _NOTHING:
            return
        for action in self.actions.listed(actions):
            columns = columns_by_action().get(action, [])
            found = [change for column in columns if (change := self.cell(actions, column))]
            yield from found
            told = (any(change.newly_allowed for change in found), any(change.newly_denied for change in found))
            if told != (new.witness is not None, lost.witness is not None):
                yield from self.elsewhere(action, new, lost, told)

    def of_cells(self, actions: int) -> Iterator[Change]:
        """The changes of a class of SageMaker's actions, on the types that they have."""
        for action in self.actions.listed(actions):
            for column in columns_by_action().get(action, []):
                change = self.cell(actions, column)
                if change is not None:
                    self.doubts[True] += [change.undecided] if change.undecided and not change.newly_allowed else []
                    self.doubts[False] += [change.undecided] if change.undecided and not change.newly_denied else []
                    yield change

    def cell(self, actions: int, column: Column) -> Change | None:
        """The change of one cell, if it changes."""
        absent = self.keys.absent(column.action, column.resource_type)
        asked = actions, column.resource_type, absent
        outcomes = self._cells.get(asked)
        if outcomes is None:
            builder, place = self.keys.builder(absent), self.scope.column(column.resource_type)
            outcomes = self._cells[asked] = [
                self.decide(actions, builder, place, needs=False, new=new) for new in (True, False)
            ]
        if outcomes == [_NOTHING, _NOTHING]:
            return None
        reason = outcomes[0].undecided or outcomes[1].undecided
        allowed, denied = (outcome.about(column.action) for outcome in outcomes)
        return Change(column.action, column.resource_type, allowed, denied, reason)

    def elsewhere(self, action: str, new: _Outcome, lost: _Outcome, told: tuple[bool, bool]) -> Iterator[Change]:
        """What changes on resources that no cell is about: everything, for services other than SageMaker."""
        allowed = None if told[0] else new.about(action)
        denied = None if told[1] else lost.about(action)
        reason = new.undecided or lost.undecided
        types = [self.type_of(action, item.resource) for item in (allowed, denied) if item is not None]
        if len(types) == 2 and types[0] != types[1]:
            yield Change(action, types[0], allowed, None, reason)
            yield Change(action, types[1], None, denied, reason)
        elif types or reason:
            yield Change(action, types[0] if types else NO_TYPE, allowed, denied, reason)

    def type_of(self, action: str, resource: str) -> str:
        """The type of a resource; none of an action's cells where it is not one that such a cell is about."""
        found = type_of(action, resource)
        if any(column.resource_type == found for column in columns_by_action().get(action, ())):
            return found if contains(self.scope.column(found).universe, resource) else ""
        return found


def implies(allowing: Side, other: Side) -> bool:
    """Whether what one side allows the other allows at a glance: it denies no more, and has the same Allows or more."""
    if allowing == other:
        return True
    if allowing.ways != other.ways or len(allowing.groups) != len(other.groups):
        return False
    if not set(other.denies) <= set(allowing.denies):
        return False
    return all(
        set(mine) <= set(theirs) or any(term.always for term in theirs)
        for mine, theirs in zip(allowing.groups, other.groups, strict=True)
    )


def _order(change: Change) -> tuple[bool, str, str]:
    """SageMaker's cells first."""
    return not change.action.startswith("sagemaker:"), change.action, change.resource_type


def _has_partition(resource: str) -> bool:
    """Whether a resource is ``*`` or in a partition that exists."""
    return not resource.startswith("arn:") or resource.split(":")[1] in PARTITIONS


def _claim(witness: Witness | None, reasons: Sequence[str]) -> bool | None:
    if witness is not None:
        return False
    return None if reasons else True


def _policies(effective: Effective) -> Iterator[NamedPolicy]:
    stack = effective.stack
    yield from stack.identity_policies
    yield from (item for item in (stack.permissions_boundary, stack.resource_policy, stack.vpc_endpoint_policy) if item)
    yield from stack.session_policies or ()
    for levels in (stack.service_control_policies, stack.resource_control_policies):
        for level in levels or ():
            yield from level


def _union(masks: Iterable[int]) -> int:
    result = 0
    for mask in masks:
        result |= mask
    return result


def _single_bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low


def spellings(statements: Iterable[Statement]) -> dict[str, str]:
    """Keys in lower case to the way in which the statements write them."""
    found: dict[str, str] = {}
    for statement in statements:
        texts = [text for condition in statement.conditions for text in condition.values]
        names = [
            name for text in (*statement.resources, *statement.not_resources, *texts) for name in written_names(text)
        ]
        for name in (*(condition.key for condition in statement.conditions), *names):
            found.setdefault(name.lower(), name)
    return found
