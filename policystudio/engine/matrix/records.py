"""One statement against every column, for one set of facts: where it matches surely, partly, or under conditions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policystudio.engine import globs, variables
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import WITH_VARIABLES, condition_holds
from policystudio.engine.document import Condition, Effect, Policy, Statement
from policystudio.engine.exact.domains import Domain, Values, domain
from policystudio.engine.exact.facts import Facts, is_service_key, keys_read, variables_of
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.matrix.space import Space


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """A statement's conditions on one free key: the columns where the key is free, and what they can be told."""

    key: str
    mask: int
    conditions: tuple[Condition, ...]
    domain: Domain
    judge: Callable[[Values], bool]  # whether all of them hold for these values

    @property
    def all_hold(self) -> int:
        """The truth vector in which every condition of the group holds."""
        return (1 << len(self.conditions)) - 1

    @property
    def satisfying(self) -> Values | None:
        """Values of the key for which every condition of the group holds; None where none was found."""
        return self.domain.found.get(self.all_hold)


@dataclass(slots=True)
class Record:
    """Where a statement matches, as masks over the columns of a ``Space``.

    Resources: ``full`` all of a column's, ``some`` a part of them. Conditions: ``certain`` they hold, ``free`` they
    depend on free keys. ``opaque``: columns where it reads a free policy variable, or where it could not be told.
    ``content`` is a number that only records have, of whichever policies, that say the same and see the same facts.
    """

    policy: str
    statement: Statement
    modern: bool = True  # whether variables are variables here
    full: int = 0
    some: int = 0
    certain: int = 0
    free: int = 0
    opaque: int = 0
    linked: int = 0  # the columns where a free variable stands in a condition
    patterns: list[Parts] = field(default_factory=list)
    negated: bool = False
    free_variables: frozenset[str] = frozenset()
    groups: list[KeyGroup] = field(default_factory=list)
    live: int = 0  # the columns for which the statement can match at all
    content: int = -1

    @property
    def is_allow(self) -> bool:
        """Whether the statement's effect is Allow."""
        return self.statement.effect is Effect.ALLOW

    @property
    def has_defaults(self) -> bool:
        """Whether a free variable of its resources has a default, with which it may match where the key is absent."""
        texts = (*self.statement.resources, *self.statement.not_resources)
        pieces = (piece for text in texts for piece in variables.tokens(text) if not isinstance(piece, str))
        return any(piece.default is not None and piece.name.lower() in self.free_variables for piece in pieces)

    def bearing(self, bit: int) -> tuple[bool, bool, bool, tuple[str, ...]]:
        """How the statement bears on a column: wholly, opaquely, through conditions, and with which free keys."""
        free = tuple([group.key for group in self.groups if group.mask & bit])
        return bool(self.full & bit), bool(self.opaque & bit), bool(self.linked & bit), free


class RecordBuilder:
    """Builds the records of policies for one ``Space``, re-using what statements share."""

    def __init__(self, space: Space, keys: ConditionKeys) -> None:
        self.space = space
        self.keys = keys
        self._contents: dict[tuple[object, ...], int] = {}
        self._domains: dict[tuple[str, tuple[Condition, ...], tuple[tuple[str, Values], ...]], Domain] = {}

    def build(self, policy: Policy, name: str, facts: Facts) -> list[Record]:
        """The records of the statements that can match some column."""
        modern = policy.has_variables
        records = []
        for statement in policy.statements:
            actions = self.actions(statement)
            if not actions:
                continue
            record = Record(name, statement, modern, content=self.content(statement, modern, facts))
            self.add_resources(record, actions, facts, modern)
            self.add_conditions(record, facts, modern)
            if record.live:
                records.append(record)
        return records

    def content(self, statement: Statement, modern: bool, facts: Facts) -> int:
        """The number of what a statement says of resources and context, and of the facts that it sees."""
        seen = [
            (key, facts.value_of(key) if facts.knows(key) else None) for key in sorted(keys_read(statement, modern))
        ]
        said = (statement.effect, statement.resources, statement.not_resources, statement.conditions, modern)
        return self._contents.setdefault((*said, *seen), len(self._contents))

    def actions(self, statement: Statement) -> int:
        """The columns whose action the statement names."""
        mask = 0
        for pattern in statement.actions or statement.not_actions:
            mask |= self.space.action_mask(pattern)
        return mask if statement.actions else self.space.all & ~mask

    def add_resources(self, record: Record, actions: int, facts: Facts, modern: bool) -> None:
        """Fill ``full`` and ``some``; a pattern with a free variable may match any part of a column, or nothing."""
        statement = record.statement
        record.negated = bool(statement.not_resources)
        full = some = linked = 0
        for text in statement.resources or statement.not_resources:
            free = self.free_names(behind_fifth_colon(text), facts) if modern else frozenset[str]()
            if free:
                record.free_variables |= free
                linked |= self.linked_columns(text, free, facts)
                continue
            pattern = variables.expand_resource(text, facts.context, enabled=modern)
            if pattern is None:
                continue
            covers, touches = self.space.cover_masks(pattern)
            full, some = full | covers, some | touches
            if touches:
                record.patterns.append(pattern)
        if not statement.resources and not statement.not_resources:
            full = self.space.all
        linked &= ~full
        some = (some | linked) & ~full
        if record.negated:
            full = self.space.all & ~(full | some)
        record.full, record.some = full & actions, some & actions
        record.opaque |= linked & actions

    def free_names(self, text: str, facts: Facts) -> frozenset[str]:
        """The variables in ``text`` that may have any value. A key that the service never sends has none."""
        return frozenset(name for name in variables.names(text) if self.is_free(name, facts))

    def is_free(self, key: str, facts: Facts, columns: int = -1) -> bool:
        """Whether the key may have any value in some of the columns."""
        return not facts.knows(key) and bool(self.columns_sending(key) & columns)

    def columns_sending(self, key: str) -> int:
        """The columns whose requests may have the key: of a service's key those that the catalogue lists it for."""
        return self.space.key_mask(key) if is_service_key(key) else self.space.all

    def linked_columns(self, text: str, free: frozenset[str], facts: Facts) -> int:
        """The columns that a pattern with free variables may touch: as if each of these were a wildcard."""
        wide: list[str | Wild] = []
        sent = self.space.all
        for token in variables.tokens(text):
            if isinstance(token, str):
                wide += globs.parse(token)
                continue
            name = token.name.lower()
            part = Wild.ANY if name in free else variables.value_of(token, facts.context)
            if part is None:
                return 0
            wide.append(part)
            if name in free and token.default is None:
                sent &= self.columns_sending(name)
        covers, touches = self.space.cover_masks(globs.resource_parts(globs.normal(wide)))
        return (covers | touches) & sent

    def add_conditions(self, record: Record, facts: Facts, modern: bool) -> None:
        """Fill ``certain``, ``free``, ``opaque`` and ``groups``."""
        record.certain = self.space.all
        by_key: dict[str, list[Condition]] = {}
        for written in record.statement.conditions:
            condition = written if modern else _literal(written)
            read = variables_of(condition) if condition.operator in WITH_VARIABLES else frozenset[str]()
            free = frozenset(name for name in read if self.is_free(name, facts))
            if free:
                self.add_linked(record, condition, free, facts)
            elif facts.knows(condition.key.lower()):
                if not condition_holds(condition, facts.context, self.keys, True):
                    record.certain = record.free = 0
            else:
                by_key.setdefault(condition.key.lower(), []).append(condition)
        for key, conditions in by_key.items():
            self.add_key(record, key, tuple(conditions), facts)
        record.live = (record.full | record.some) & (record.certain | record.free)
        record.opaque &= record.live

    def add_linked(self, record: Record, condition: Condition, free: frozenset[str], facts: Facts) -> None:
        """Take in a condition with free variables: it may go either way, but where its own key is absent."""
        key = condition.key.lower()
        if facts.knows(key):
            absent = 0 if facts.value_of(key) else self.space.all
        else:
            absent = self.space.all & ~self.columns_sending(key)
        if not condition_holds(condition, facts.context_with({key: ()}), self.keys, True):
            record.certain &= ~absent
            record.free &= ~absent
        linked = (record.certain | record.free) & ~absent
        if linked:
            record.free_variables |= free
        record.linked |= linked
        record.opaque |= linked
        record.free |= linked
        record.certain &= ~linked

    def add_key(self, record: Record, key: str, conditions: tuple[Condition, ...], facts: Facts) -> None:
        """Take in the conditions on one key: absent where the service does not send it, free elsewhere."""
        free = self.columns_sending(key)
        absent = self.space.all & ~free
        if absent and not all(condition_holds(item, facts.context, self.keys, True) for item in conditions):
            record.certain &= ~absent
            record.free &= ~absent
        if not free & (record.certain | record.free):
            return

        def judge(values: Values) -> bool:
            context = facts.context_with({key: values} if values else {})
            return all(condition_holds(item, context, self.keys, True) for item in conditions)

        group = KeyGroup(key, free, conditions, self.domain_of(key, conditions, facts), judge)
        vectors = group.domain.found.keys()
        if group.domain.complete and vectors == {group.all_hold}:
            return
        if group.domain.complete and group.all_hold not in vectors:
            record.certain &= ~free
            record.free &= ~free
            return
        record.groups.append(group)
        record.free |= record.certain & free
        record.certain &= ~free
        if len(vectors) == 1 or group.all_hold not in vectors:
            record.opaque |= free & record.free

    def domain_of(self, key: str, conditions: tuple[Condition, ...], facts: Facts) -> Domain:
        """The classes of a free key for conditions whose variables are known."""
        read = sorted({name for condition in conditions for name in variables_of(condition)})
        cached = (key, conditions, tuple((name, facts.value_of(name)) for name in read))
        found = self._domains.get(cached)
        if found is None:
            found = self._domains[cached] = self.work_out(key, conditions, facts)
        return found

    def work_out(self, key: str, conditions: tuple[Condition, ...], facts: Facts) -> Domain:
        """As ``domain_of``, not cached."""

        def judge(condition: Condition, values: Values) -> bool:
            assignment: Mapping[str, Values] = {key: values} if values else {}
            return condition_holds(condition, facts.context_with(assignment), self.keys, True)

        try:
            return domain(self.keys.get(key), conditions, facts.context, judge)
        except TooLarge:
            absent = sum(1 << index for index, condition in enumerate(conditions) if judge(condition, ()))
            return Domain(conditions, {absent: ()}, complete=False)


def behind_fifth_colon(text: str) -> str:
    """The only part of a Resource entry in which variables are read."""
    return text.split(":", PARTS - 1)[-1] if text.count(":") >= PARTS - 1 else ""


def _literal(condition: Condition) -> Condition:
    """A condition of a 2008-10-17 document, where ``${`` is text, written for 2012-10-17."""
    values = tuple(value.replace("$", "${$}") for value in condition.values)
    return Condition(condition.quantifier, condition.operator, condition.if_exists, condition.key, values)
