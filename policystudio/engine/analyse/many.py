"""One change of policies, compared for many principals: what is the same for several of them is worked out once.

What is known of each principal is written into the statements that apply to it (``settled``), its name as a stand-in
where it can be told from every other text (``names``). The actions that the change touches fall into classes that all
statements treat alike; for each class the statements that name it, before and after, are all that decides.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from policystudio.engine.analyse.actions import Actions, actions_for, known_actions
from policystudio.engine.analyse.compare import compare
from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Witness
from policystudio.engine.analyse.names import HOLE, Holes, holes_in
from policystudio.engine.analyse.settled import Unsettled, differing_keys, settled
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.document import Policy, PolicyKind, Statement
from policystudio.engine.exact.facts import Facts, is_name, keys_read, variables_read
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal

#: What a name is written as while it makes no difference; it is in no policy, and replaced in every request.
STAND_IN = "zqsomebodyqz"
_USERNAME = "aws:username"
_MODERN, _OLD = "2012-10-17", "2008-10-17"


class Many:
    """Compares pairs of what applies before and after. All pairs are asked about at once."""

    def __init__(self, pairs: Sequence[tuple[Effective, Effective]], keys: ConditionKeys) -> None:
        self.keys = keys
        self.pool = _Pool(keys)
        self.pairs = [_Pair(self.pool, before, after) for before, after in pairs]
        self.pool.touch(self.pairs)
        self._known: dict[Hashable, _Part] = {}
        self._parts: dict[Hashable, tuple[_Part, ...]] = {}
        self._told: dict[Hashable, int] = {}

    def alike(self, number: int) -> Hashable:
        """Equal for pairs of which the same actions and types change, in the same directions."""
        parts = self.parts(self.pairs[number])
        return tuple(self._told.setdefault(part.told, len(self._told)) for part in parts)

    def comparison(self, number: int) -> Comparison:
        """What changes for one of the pairs, with requests of its principal."""
        pair = self.pairs[number]
        return pair.joined(self.parts(pair))

    def parts(self, pair: "_Pair") -> tuple["_Part", ...]:
        """What changes of each class of actions of which something does, or may."""
        sides = self.pool.written(pair)
        asked = sides, pair.traits
        found = self._parts.get(asked)
        if found is None:
            found = self._parts[asked] = tuple(self.changing(pair, *sides))
        return found

    def changing(self, pair: "_Pair", before: int, after: int) -> Iterator["_Part"]:
        """The parts for these sides, in the order of the classes.

        Classes that nothing tells apart for this pair are compared together; their parts are kept one by one.
        """
        classes = self.pool.classes_now()
        asked: list[tuple[int, int, int, Hashable]] = []
        unknown: dict[tuple[int, int], list[int]] = {}
        for number, (_, named) in enumerate(classes):
            sides = before & named, after & named
            if sides[0] == sides[1] and not pair.restructured:
                continue
            asked.append((number, *sides, pair.traits))
            if asked[-1] not in self._known:
                unknown.setdefault(sides, []).append(number)
        for sides, numbers in unknown.items():
            together = self.compared(pair, sum(classes[number][0] for number in numbers), *sides)
            for number, part in self.apart(together, numbers).items():
                self._known[number, *sides, pair.traits] = part
        yield from (self._known[key] for key in asked if self._known[key].told)

    def compared(self, pair: "_Pair", mask: int, before: int, after: int) -> Comparison:
        """The comparison of some classes."""
        if doubt := self.pool.doubt(before | after, pair.differing):
            return Comparison(None, None, undecided=doubt)
        effective = [
            Effective(self.pool.stack(stack, side), pair.facts, pair.principal)
            for stack, side in zip(pair.stacks, (before, after), strict=True)
        ]
        return compare(effective[0], effective[1], within=self.pool.within(mask), cells=True)

    def apart(self, found: Comparison, numbers: Sequence[int]) -> dict[int, "_Part"]:
        """What a comparison says of each of the classes that it is about."""
        if len(numbers) == 1:
            return {numbers[0]: _Part(found)}
        changes: dict[int, list[Change]] = {number: [] for number in numbers}
        for change in found.changes:
            changes[self.pool.class_of(change.action, numbers)].append(change)
        unsure = None in (found.no_new_access, found.no_lost_access) and not any(one.undecided for one in found.changes)
        return {number: _Part(_of_class(mine, found if unsure else None)) for number, mine in changes.items()}


def _of_class(changes: Sequence[Change], unsure: Comparison | None) -> Comparison:
    """The changes of one class with what they come to; ``unsure`` where nobody knows which class a doubt is about."""
    claims: list[bool | None] = []
    for found in ([one.newly_allowed for one in changes], [one.newly_denied for one in changes]):
        doubted = unsure is not None or any(
            one.undecided and witness is None for one, witness in zip(changes, found, strict=True)
        )
        claims.append(False if any(found) else None if doubted else True)
    why = unsure.undecided if unsure else next((one.undecided for one in changes if one.undecided), "")
    return Comparison(claims[0], claims[1], None, None, tuple(changes), why if None in claims else "")


class _Told:
    """Something said that is compared often: its hash is worked out once."""

    def __init__(self, says: bool, content: Hashable) -> None:
        self.says, self.content = says, content
        self._hash = hash(content)

    def __bool__(self) -> bool:
        return self.says

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Told) and (self is other or self.content == other.content)


@dataclass(frozen=True)
class _Part:
    comparison: Comparison

    @cached_property
    def told(self) -> "_Told":
        """What it says without its requests; false where nothing changes."""
        found = self.comparison
        changes = tuple(
            (one.action, one.resource_type, one.newly_allowed is None, one.newly_denied is None, one.undecided)
            for one in found.changes
        )
        claims = found.no_new_access, found.no_lost_access
        return _Told(bool(changes) or claims != (True, True), (changes, *claims, found.undecided))


class _Pair:
    """One principal: its layers before and after as sets of statements, by their numbers in the pool."""

    def __init__(self, pool: "_Pool", before: Effective, after: Effective) -> None:
        self.principal = after.principal
        self.stacks = before.stack, after.stack
        self.known = before.facts, after.facts
        self.differing = frozenset(differing_keys(before.facts, after.facts))
        self.sides = pool.numbers(before.stack), pool.numbers(after.stack)
        structures = [_structure(stack) for stack in self.stacks]
        self.restructured = structures[0] != structures[1]
        self.traits = _traits(self.principal), tuple(structures)
        self.name = ""

    @cached_property
    def facts(self) -> Facts:
        """What is known on both sides alike."""
        after = self.known[1]
        return Facts({**after.known, **dict.fromkeys(self.differing, ())}, after.closed_prefixes)

    def joined(self, parts: Sequence[_Part]) -> Comparison:
        """The parts as one comparison, with requests of this principal."""
        found = [part.comparison for part in parts]
        changes = [self.named(change) for one in found for change in one.changes]
        changes.sort(key=lambda one: (not one.action.startswith("sagemaker:"), one.action, one.resource_type))
        claims = [_claim(one.no_new_access for one in found), _claim(one.no_lost_access for one in found)]
        doubt = next((one.undecided for one in found if one.undecided), "") if None in claims else ""
        allowed = next((one.newly_allowed for one in changes if one.newly_allowed), None)
        denied = next((one.newly_denied for one in changes if one.newly_denied), None)
        return Comparison(claims[0], claims[1], allowed, denied, tuple(changes), doubt)

    def named(self, change: Change) -> Change:
        """The change with the principal's own name for the stand-in."""
        if not self.name:
            return change
        allowed, denied = (self.witness(one) for one in (change.newly_allowed, change.newly_denied))
        return replace(change, newly_allowed=allowed, newly_denied=denied)

    def witness(self, found: Witness | None) -> Witness | None:
        """A request with the name."""
        if found is None:
            return None
        context = {key: tuple(self.own(value) for value in values) for key, values in found.context.items()}
        return Witness(found.action, self.own(found.resource), context)

    def own(self, text: str) -> str:
        """A text with the name."""
        return text.replace(STAND_IN, self.name)


@dataclass(frozen=True)
class _Numbered:
    """A statement of the pool with the layer that it stands in."""

    layer: int
    statement: Statement
    modern: bool
    kind: PolicyKind
    doubt: str = ""  # why not all that is known could be written in

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys that it reads."""
        return keys_read(self.statement, self.modern)

    @cached_property
    def sorted_reads(self) -> tuple[str, ...]:
        """The same in order."""
        return tuple(sorted(self.reads))

    @cached_property
    def in_conditions(self) -> frozenset[str]:
        """The keys that its conditions are about."""
        return frozenset(condition.key.lower() for condition in self.statement.conditions)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The keys that it reads as variables."""
        return variables_read(self.statement) if self.modern else frozenset()


class _Pool:
    """All statements, each once for each layer; then the same with what is known of principals written in."""

    def __init__(self, keys: ConditionKeys) -> None:
        self.keys = keys
        self.items: list[_Numbered] = []
        self._numbers: dict[Hashable, int] = {}
        self._policies: dict[tuple[int, int], tuple[int, Policy]] = {}
        self.written_items: list[_Numbered] = []
        self._written: dict[Hashable, int] = {}
        self._settled: dict[Hashable, int] = {}
        self._holes: dict[Hashable, Holes | None] = {}
        self.classes: list[int] = []
        self._masks: list[int] = []
        self._now: list[tuple[int, int]] = []
        self._counted = 0

    def numbers(self, stack: PolicyStack) -> int:
        """The statements of a stack, as a set of bits."""
        found = 0
        for layer, policies in enumerate(_layers(stack)):
            for named in policies:
                key = id(named.policy), layer
                known = self._policies.get(key)
                if known is None:
                    known = self._policies[key] = self._numbered(named.policy, layer), named.policy
                found |= known[0]
        return found

    def _numbered(self, policy: Policy, layer: int) -> int:
        found = 0
        for statement in policy.statements:
            content = layer, _content(statement), policy.has_variables
            number = self._numbers.get(content)
            if number is None:
                number = self._numbers[content] = len(self.items)
                self.items.append(_Numbered(layer, statement, policy.has_variables, policy.kind))
            found |= 1 << number
        return found

    def touch(self, pairs: Sequence["_Pair"]) -> None:
        """Find the actions that anything changes about, and the statements that bear on them."""
        changed = reduce(or_, (pair.sides[0] ^ pair.sides[1] for pair in pairs), 0)
        differing = frozenset().union(*(pair.differing for pair in pairs))
        touching = [self.items[number] for number in _bits(changed)]
        touching += [one for one in self.items if differing & one.reads] if differing else []
        self.actions: Actions = actions_for(one.statement for one in self.items)
        self.touched = reduce(or_, (self.actions.of(one.statement) for one in touching), 0)
        if any(pair.restructured for pair in pairs):
            self.touched = self.actions.all
        of = [self.actions.of(one.statement) & self.touched for one in self.items]
        self.bearing = sum(1 << number for number, mask in enumerate(of) if mask)
        parts = [self.touched] if self.touched else []
        for mask in dict.fromkeys(of):
            parts = [piece for part in parts for piece in (part & mask, part & ~mask) if piece]
        self.classes, self._masks = parts, [0] * len(parts)
        self._now = list(zip(self.classes, self._masks, strict=True))

    def class_of(self, action: str, numbers: Sequence[int]) -> int:
        """Which of the classes an action is in."""
        mask = self.actions.mask(action)
        return next(number for number in numbers if self.classes[number] & mask)

    def within(self, mask: int) -> Sequence[str] | int:
        """A class as ``compare`` takes it."""
        known = known_actions()
        return tuple(self.actions.listed(mask)) if mask > known.all else mask

    # What is known, written in.

    def written(self, pair: "_Pair") -> tuple[int, int]:
        """The statements of both sides that bear on the change, with what is known of the principal."""
        numbers = [list(_bits(side & self.bearing)) for side in pair.sides]
        name = self.name_of(pair, sorted({*numbers[0], *numbers[1]}))
        pair.name = name
        first, second = (
            reduce(or_, (self.settle(number, facts, name) for number in found), 0)
            for found, facts in zip(numbers, pair.known, strict=True)
        )
        return first, second

    def name_of(self, pair: "_Pair", numbers: Sequence[int]) -> str:
        """The name that may be written as the stand-in; empty where it makes a difference, or there is none."""
        facts = pair.known[1]
        names = {key for number in numbers for key in self.items[number].variables if is_name(facts.value_of(key))}
        hole = _USERNAME if _USERNAME in names else names.pop() if len(names) == 1 else ""
        if not hole or hole in pair.differing:
            return ""
        name = facts.value_of(hole)[0]
        told = frozenset(self.settle(number, side, name, HOLE) for number in numbers for side in pair.known)
        if told not in self._holes:
            bits = reduce(or_, told, 0)
            self._holes[told] = holes_in(_content(self.written_items[number].statement) for number in _bits(bits))
        holes = self._holes[told]
        return name if holes is not None and holes.fits(name) and holes.fits(STAND_IN) else ""

    def settle(self, number: int, facts: Facts, name: str, mark: str = STAND_IN) -> int:
        """The bit of a statement with what is known written in; 0 for one that matches no request."""
        item = self.items[number]
        spec = tuple([(key, facts.value_of(key) if facts.knows(key) else None) for key in item.sorted_reads])
        if name and not any(values == (name,) and key in item.in_conditions for key, values in spec):
            hidden = item.variables
            spec = tuple([(key, (mark,) if values == (name,) and key in hidden else values) for key, values in spec])
        asked = number, spec, mark if name else ""
        found = self._settled.get(asked)
        if found is None:
            found = self._settled[asked] = self._settle(item, facts, name, mark, spec)
        return found

    def _settle(self, item: _Numbered, facts: Facts, name: str, mark: str, spec: Hashable) -> int:
        context = Context(
            {
                key: (mark,) if name and values == (name,) and key in item.variables else values
                for key, values in facts.known.items()
                if values
            }
        )
        absent = frozenset(key for key in item.reads if facts.knows(key) and not facts.value_of(key))
        doubt = ""
        try:
            found = settled(item.statement, item.modern, facts, self.keys, facts.knows, context)
            extra: Hashable = absent
        except Unsettled as error:
            found, extra, doubt = item.statement, spec, str(error)
        if found is None:
            return 0
        content = item.layer, _content(found), item.modern, extra
        number = self._written.get(content)
        if number is None:
            number = self._written[content] = len(self.written_items)
            self.written_items.append(replace(item, statement=found, doubt=doubt))
        return 1 << number

    def classes_now(self) -> list[tuple[int, int]]:
        """Each class with the written statements that name it, of those written so far."""
        if self._counted < len(self.written_items):
            for number in range(self._counted, len(self.written_items)):
                mask = self.actions.of(self.written_items[number].statement)
                for place, part in enumerate(self.classes):
                    if part & mask:
                        self._masks[place] |= 1 << number
            self._counted = len(self.written_items)
            self._now = list(zip(self.classes, self._masks, strict=True))
        return self._now

    def doubt(self, side: int, differing: frozenset[str]) -> str:
        """Why nothing can be said of these statements: one weighs what differs between the sides against a free key."""
        items = (self.written_items[number] for number in _bits(side)) if differing else ()
        return next((one.doubt for one in items if one.doubt and one.reads & differing), "")

    def stack(self, model: PolicyStack, side: int) -> PolicyStack:
        """A stack of the same layers with these written statements alone."""
        layers: dict[int, list[_Numbered]] = {}
        for number in _bits(side):
            item = self.written_items[number]
            layers.setdefault(item.layer, []).append(item)
        made = [tuple(_policies(layers.get(layer, ()))) for layer in range(len(list(_layers(model))))]
        own, bound, *rest = made
        controls = len(model.service_control_policies or ())
        return PolicyStack(
            identity_policies=own,
            permissions_boundary=None if model.permissions_boundary is None else _as_one(bound),
            service_control_policies=None if model.service_control_policies is None else tuple(rest[:controls]),
            resource_control_policies=None if model.resource_control_policies is None else tuple(rest[controls:]),
        )


def _layers(stack: PolicyStack) -> Iterator[tuple[NamedPolicy, ...]]:
    """The identity's own policies, its boundary, and each level of the organization."""
    yield stack.identity_policies
    yield () if stack.permissions_boundary is None else (stack.permissions_boundary,)
    yield from stack.service_control_policies or ()
    yield from stack.resource_control_policies or ()


def _policies(items: Iterable[_Numbered]) -> Iterator[NamedPolicy]:
    """Policies of these statements: one that knows variables and one that does not."""
    listed = list(items)
    for modern, version in ((True, _MODERN), (False, _OLD)):
        chosen = tuple(one.statement for one in listed if one.modern is modern)
        if chosen:
            yield NamedPolicy("", Policy("", listed[0].kind, version, chosen))


def _as_one(policies: Sequence[NamedPolicy]) -> NamedPolicy:
    """A boundary is one policy, which knows variables or does not; one of no statement allows nothing."""
    return policies[0] if policies else NamedPolicy("", Policy("", PolicyKind.IDENTITY, _MODERN, ()))


def _content(statement: Statement) -> tuple[object, ...]:
    """What a statement says, without its name and its place."""
    it = statement
    return it.effect, it.actions, it.not_actions, it.resources, it.not_resources, it.conditions


def _structure(stack: PolicyStack) -> Hashable:
    """Which layers there are; one without policies allows nothing, one that is absent does not take part."""
    levels = (stack.service_control_policies, stack.resource_control_policies)
    return stack.permissions_boundary is not None, tuple(None if one is None else len(one) for one in levels)


def _traits(principal: Principal | None) -> Hashable:
    """What of a principal decides which layers concern it."""
    if principal is None:
        return None
    place = principal.account, principal.partition
    return principal.type, place, principal.in_management_account, principal.service_linked


def _claim(claims: Iterable[bool | None]) -> bool | None:
    """False where one of them is refuted, None where one is not decided, else True."""
    found = set(claims)
    return False if False in found else None if None in found else True


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
