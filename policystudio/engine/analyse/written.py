"""The statements of many principals, each once for each layer; then the same with what is known of each written in."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_

from policystudio.engine import variables
from policystudio.engine.analyse.actions import Actions, actions_for, strange_names
from policystudio.engine.analyse.comparison import Effective, Values
from policystudio.engine.analyse.names import Holes
from policystudio.engine.analyse.settled import Unsettled, differing_keys, settled
from policystudio.engine.arn import PARTS
from policystudio.engine.authorize import applicable_policies, owner_account
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.decision import Layer
from policystudio.engine.document import Policy, Statement
from policystudio.engine.exact.facts import Facts, keys_read, variables_read
from policystudio.engine.match import failed_principal
from policystudio.engine.request import Context, PolicyStack, Principal, PrincipalType, Request

#: What a name is written as while it makes no difference; it is in no policy, and exchanged in every request.
STAND_IN = "zqsomebodyqz"
_NONE = frozenset[str]()
#: The layers of a stack by number: the identity's own policies, its boundary, then each level of the organization.
IDENTITY, BOUNDARY, FIRST_LEVEL = 0, 1, 2
_ANYBODY = Principal(PrincipalType.USER, "arn:aws:iam::000000000000:user/anybody", "000000000000", "aws")
_COVERED = frozenset({Layer.IDENTITY, Layer.BOUNDARY, Layer.SERVICE_CONTROL})
_OF_ACCOUNTS = frozenset({PrincipalType.USER, PrincipalType.ROLE_SESSION, PrincipalType.ROOT_USER})


@dataclass(frozen=True)
class Numbered:
    """A statement with the layer that it stands in."""

    layer: int
    statement: Statement
    modern: bool
    source: int  # its number before anything was written in
    doubt: str = ""  # why not all that is known could be written in
    fixed: tuple[tuple[str, Values], ...] = ()  # the keys that it still reads and that are known

    @cached_property
    def reads(self) -> frozenset[str]:
        """The keys that it reads."""
        return keys_read(self.statement, self.modern)

    @cached_property
    def in_order(self) -> tuple[str, ...]:
        """The same, in the order in which they are written in."""
        return tuple(sorted(self.reads))

    @cached_property
    def in_conditions(self) -> frozenset[str]:
        """The keys that its conditions are about."""
        return frozenset(condition.key.lower() for condition in self.statement.conditions)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The keys that it reads as variables."""
        return variables_read(self.statement) if self.modern else frozenset()


class Held:
    """A policy in a layer: its statements by number, and what of them bears on the change."""

    def __init__(self, policy: Policy, numbers: tuple[int, ...]) -> None:
        self.policy, self.numbers = policy, numbers
        self.bits = reduce(or_, (1 << number for number in numbers), 0)
        self.bearing: tuple[int, ...] = ()
        self.reads: tuple[str, ...] = ()
        self.variables = self.in_conditions = frozenset[str]()
        #: What is made of it, by the values of the keys that it reads; and by the numbers of all that is known.
        self.written: dict[Hashable, tuple[int, ...]] = {}
        self.quickly: dict[Hashable, tuple[int, ...]] = {}

    def narrow(self, items: Sequence[Numbered], bearing: int) -> None:
        """Look only at the statements that bear on the change."""
        self.bearing = tuple(number for number in self.numbers if bearing >> number & 1)
        chosen = [items[number] for number in self.bearing]
        self.reads = tuple(sorted(frozenset().union(*(one.reads for one in chosen))))
        self.variables = frozenset().union(*(one.variables for one in chosen))
        self.in_conditions = frozenset().union(*(one.in_conditions for one in chosen))


class Pair:
    """One principal before and after: its policies by layer, and the layers that take part."""

    def __init__(self, pool: "Pool", before: Effective, after: Effective) -> None:
        self.effective = before, after
        self.principal = after.principal
        self.known = before.facts, after.facts
        self.differing = frozenset(differing_keys(before.facts, after.facts))
        parts = [taking_part(one) for one in self.effective]
        self.layers: tuple[frozenset[int], frozenset[int]] = parts[0] or frozenset(), parts[1] or frozenset()
        self.is_plain = None not in parts and before.principal == after.principal and not self._unlike()
        held = [pool.held(one.stack, layers) for one, layers in zip(self.effective, self.layers, strict=True)]
        self.held = held[0] or [], held[1] or []
        self.is_plain = self.is_plain and None not in held
        self.bits = [reduce(or_, (one.bits for one in side), 0) for side in self.held]
        self.name = ""
        self.holes: Holes | None = None
        #: The statements of both sides that bear on the change, with what is known of the principal.
        self.written: tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]] = ((), ())

    def _unlike(self) -> bool:
        """Whether something is known on one side alone."""
        before, after = self.known
        if before is after or (before.known == after.known and before.closed_prefixes == after.closed_prefixes):
            return False
        keys = before.known.keys() | after.known.keys()
        if before.closed_prefixes != after.closed_prefixes:
            return True
        return any(before.knows(key) != after.knows(key) for key in keys)

    @property
    def place(self) -> tuple[str, str]:
        """The account whose resources it asks for, and its partition."""
        principal = self.principal
        assert principal is not None  # noqa: S101 -- a pair without one is not plain, and not asked
        owner = self.known[1].value_of("aws:resourceaccount")
        return owner[0] if owner else principal.account, principal.partition


def taking_part(effective: Effective) -> frozenset[int] | None:
    """The numbers of the layers that limit the principal.

    None where not each of them must allow, or where policies of another kind take part.
    """
    principal, stack = effective.principal, effective.stack
    if principal is None or principal.type not in _OF_ACCOUNTS:
        return None
    owner = effective.facts.value_of("aws:resourceaccount")
    request = Request(principal, "sagemaker:ListModels", "*", owner[0] if owner else principal.account)
    found = applicable_policies(stack, request).keys()
    if owner_account(request) != principal.account or not found <= _COVERED:
        return None
    levels = stack.service_control_policies or () if Layer.SERVICE_CONTROL in found else ()
    own = {number for number, layer in ((IDENTITY, Layer.IDENTITY), (BOUNDARY, Layer.BOUNDARY)) if layer in found}
    return frozenset({*own, *range(FIRST_LEVEL, FIRST_LEVEL + len(levels))})


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is known on one side, as it is written into statements: a name that is hidden with its mark in its place.

    ``masked`` is equal where the same is written into whatever reads no ``hidden`` key in a condition, ``exact`` where
    it is so into everything.
    """

    facts: Facts
    values: dict[str, Values | None]  # of the keys that statements read; None where nothing is known
    name: str
    mark: str
    hidden: frozenset[str]
    masked: int
    exact: Hashable


class Pool:
    """All statements, each once for each layer; then the same with what is known of principals written in."""

    def __init__(self, keys: ConditionKeys) -> None:
        self.keys = keys
        self.items: list[Numbered] = []
        self._numbers: dict[Hashable, int] = {}
        self._held: dict[tuple[int, int], Held] = {}
        self.written: list[Numbered] = []
        self._by_content: dict[Hashable, int] = {}
        self._fixed: dict[tuple[int, ...], list[Numbered]] = {}
        self._settled: dict[Hashable, int] = {}
        self._numbers_of: dict[tuple[Values | None, ...], int] = {}
        self.actions: Actions = actions_for(())
        self.named: list[int] = []
        #: Who names an action that is not known, by its bit.
        self.strange: dict[int, set[int]] = {}
        self.touched = 0
        self.reads: tuple[str, ...] = ()
        self.variables: tuple[str, ...] = ()

    def held(self, stack: PolicyStack, layers: frozenset[int]) -> list[Held] | None:
        """The policies of the layers that take part; None where one names principals."""
        found: list[Held] = []
        bound = () if stack.permissions_boundary is None else (stack.permissions_boundary,)
        for layer, policies in enumerate((stack.identity_policies, bound, *(stack.service_control_policies or ()))):
            if layer not in layers:
                continue
            for named in policies:
                held = self._held.get((id(named.policy), layer))
                if held is None:
                    if not _speaks_to_all(named.policy):
                        return None
                    held = self._held[id(named.policy), layer] = self._number(named.policy, layer)
                found.append(held)
        return found

    def _number(self, policy: Policy, layer: int) -> Held:
        found = []
        for statement in policy.statements:
            content = layer, content_of(statement), policy.has_variables
            number = self._numbers.get(content)
            if number is None:
                number = self._numbers[content] = len(self.items)
                self.items.append(Numbered(layer, statement, policy.has_variables, number))
            found.append(number)
        return Held(policy, tuple(dict.fromkeys(found)))

    def touch(self, pairs: Sequence[Pair]) -> None:
        """Find the actions that anything changes about, and the statements that bear on them."""
        changed = reduce(or_, (pair.bits[0] ^ pair.bits[1] for pair in pairs), 0)
        differing = frozenset[str]().union(*(pair.differing for pair in pairs))
        touching = [self.items[number] for number in bits(changed)]
        touching += [one for one in self.items if differing & one.reads] if differing else []
        self.actions = actions_for(one.statement for one in self.items)
        self.named = [self.actions.of(one.statement) for one in self.items]
        for one in self.items:
            for name in strange_names(one.statement):
                self.strange.setdefault(self.actions.mask(name), set()).add(one.source)
        self.touched = reduce(or_, (self.named[one.source] for one in touching), 0)
        if any(pair.layers[0] != pair.layers[1] for pair in pairs):
            self.touched = self.actions.all
        bearing = sum(1 << number for number, mask in enumerate(self.named) if mask & self.touched)
        chosen = [self.items[number] for number in bits(bearing)]
        self.reads = tuple(sorted(frozenset[str]().union(*(one.reads for one in chosen))))
        self.variables = tuple(sorted(frozenset[str]().union(*(one.variables for one in chosen))))
        for held in self._held.values():
            held.narrow(self.items, bearing)

    def classes(self) -> Iterator[tuple[int, list[int]]]:
        """The touched actions in classes that all statements treat alike, each with the statements that name it."""
        naming: dict[int, list[int]] = {}
        for source, mask in enumerate(self.named):
            naming.setdefault(mask & self.touched, []).append(source)
        parts = [self.touched] if self.touched else []
        for mask in naming:
            parts = [piece for part in parts for piece in _cut(part, part & mask)]
        # One action stands for all of a class; a byte is found faster than the bits of long numbers are compared.
        size = (self.touched.bit_length() + 7) // 8
        by_bytes = [(mask.to_bytes(size, "little"), sources) for mask, sources in naming.items()]
        for part in parts:
            place, bit = divmod(part.bit_length() - 1, 8)
            yield part, [source for mask, sources in by_bytes if mask[place] >> bit & 1 for source in sources]

    # What is known, written in.

    def write(self, pairs: Sequence[Pair]) -> None:
        """Write what is known into the statements of each pair, with the stand-in for a name that is to be hidden."""
        for pair in pairs:
            before, after = self.told(pair, pair.name, STAND_IN)
            pair.written = (
                tuple([self.settle(held, before) for held in pair.held[0] if held.bearing]),
                tuple([self.settle(held, after) for held in pair.held[1] if held.bearing]),
            )

    def told(self, pair: Pair, name: str, mark: str) -> tuple["Told", "Told"]:
        """What is known of a principal on both sides."""
        before, after = pair.known
        told = self._told_of(before, name, mark)
        return told, told if before is after or not pair.differing else self._told_of(after, name, mark)

    def _told_of(self, facts: Facts, name: str, mark: str) -> "Told":
        values = tuple([facts.value_of(key) if facts.knows(key) else None for key in self.reads])
        by_key = dict(zip(self.reads, values, strict=True))
        hidden = (
            frozenset(key for key, own in zip(self.reads, values, strict=True) if own == (name,)) if name else _NONE
        )
        number = self._numbers_of.setdefault(values, len(self._numbers_of))
        if hidden:
            values = tuple([(mark,) if own == (name,) else own for own in values])
        masked = self._numbers_of.setdefault(values, len(self._numbers_of))
        return Told(facts, by_key, name, mark, hidden, masked, (number, name, mark))

    def settle(self, held: Held, told: "Told") -> tuple[int, ...]:
        """The statements of a policy that bear on the change and can match at all, with what is known written in."""
        if not held.reads:
            asked: Hashable = -1
        else:
            asked = told.masked if held.in_conditions.isdisjoint(told.hidden) else told.exact
        found = held.quickly.get(asked)
        if found is None:
            found = held.quickly[asked] = self._settle_all(held, told)
        return found

    def fixed(self, numbers: tuple[int, ...]) -> list[Numbered]:
        """Of a policy's statements, as they are written, those that still read a key that is known."""
        found = self._fixed.get(numbers)
        if found is None:
            found = self._fixed[numbers] = [one for one in map(self.written.__getitem__, numbers) if one.fixed]
        return found

    def _settle_all(self, held: Held, told: "Told") -> tuple[int, ...]:
        """As ``settle``, by what the policy itself reads of what is known."""
        name, mark = told.name, told.mark
        spec = [told.values[key] for key in held.reads]
        asked: Hashable = tuple(spec)
        if name and (name,) in spec:
            hidden = [key for key, values in zip(held.reads, spec, strict=True) if values == (name,)]
            if held.in_conditions.isdisjoint(hidden):
                asked = tuple([(mark,) if values == (name,) else values for values in spec])
            else:
                asked = asked, name, mark
        found = held.written.get(asked)
        if found is None:
            numbers = [self._settle_one(self.items[number], told) for number in held.bearing]
            found = held.written[asked] = tuple(sorted({number for number in numbers if number >= 0}))
        return found

    def _settle_one(self, item: Numbered, told: "Told") -> int:
        """The number of a statement with what is known written in; -1 for one that matches no request."""
        name, mark = told.name, told.mark
        spec = tuple([(key, told.values[key]) for key in item.in_order])
        hidden = told.hidden & item.reads
        if hidden and hidden.isdisjoint(item.in_conditions):
            spec = tuple([(key, (mark,) if key in hidden else values) for key, values in spec])
        else:
            name = ""
        asked = item.source, spec, mark if name else ""
        found = self._settled.get(asked)
        if found is None:
            found = self._settled[asked] = self._settle(item, told.facts, name, mark, spec)
        return found

    def _settle(
        self,
        item: Numbered,
        facts: Facts,
        name: str,
        mark: str,
        spec: tuple[tuple[str, Values | None], ...],
    ) -> int:
        context = Context(
            {
                key: (mark,) if name and values == (name,) and key in item.variables else values
                for key, values in facts.known.items()
                if values and key in item.reads
            }
        )
        gone = frozenset(key for key in item.reads if facts.knows(key) and not facts.value_of(key))
        try:
            statement = settled(item.statement, item.modern, facts, self.keys, facts.knows, context)
            if statement is not None and item.modern:
                statement = _without_absent(statement, gone)
            if statement is None:
                return -1
            found = replace(item, statement=statement)
        except Unsettled as error:
            found = replace(item, doubt=str(error))
        left = tuple([(key, values) for key, values in spec if values is not None and key in found.reads])
        found = replace(found, fixed=left)
        content = item.layer, content_of(found.statement), item.modern, left, found.doubt
        number = self._by_content.get(content)
        if number is None:
            number = self._by_content[content] = len(self.written)
            self.written.append(found)
        return number


def _speaks_to_all(policy: Policy) -> bool:
    """Whether no statement says whom it concerns, and each concerns whoever has the policy."""
    return all(
        not (one.principals or one.not_principals) and failed_principal(policy, one, _ANYBODY, False) is None
        for one in policy.statements
    )


def _cut(part: int, inside: int) -> tuple[int, ...]:
    """A class by whether a statement names it: as it is where the statement names all or nothing of it."""
    return (inside, part ^ inside) if inside and inside != part else (part,)


def _without_absent(statement: Statement, gone: frozenset[str]) -> Statement | None:
    """The statement without entries of Resource that read an absent key: they match nothing. None where all do."""
    if not gone or not statement.resources:
        return statement
    kept = tuple(text for text in statement.resources if not _reads_absent(text, gone))
    return replace(statement, resources=kept) if kept else None


def _reads_absent(text: str, gone: frozenset[str]) -> bool:
    """Whether an entry has a variable behind the fifth colon that has neither a value nor a default."""
    colons = 0
    for token in variables.tokens(text):
        if isinstance(token, str):
            colons += token.count(":")
        elif colons >= PARTS - 1 and token.default is None and token.name and token.name.lower() in gone:
            return True
    return False


def content_of(statement: Statement) -> tuple[object, ...]:
    """What a statement says, without its name and its place."""
    it = statement
    return it.effect, it.actions, it.not_actions, it.resources, it.not_resources, it.conditions


def bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def union(masks: Iterable[int]) -> int:
    """All of the masks in one."""
    return reduce(or_, masks, 0)
