"""Rows of the matrix: an identity's policy stack and facts to one letter a column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.document import Condition, Policy
from policystudio.engine.exact.cell import Cell, CellStatement, CellVerdict, Question, decide
from policystudio.engine.exact.domains import Domain, Values
from policystudio.engine.exact.facts import Facts, keys_read
from policystudio.engine.matrix.lanes import EXACT, Around, Lanes, around, digits, lanes_of, letters
from policystudio.engine.matrix.quiet import Quiet
from policystudio.engine.matrix.records import Record, RecordBuilder
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import NamedPolicy, PolicyStack


@dataclass(frozen=True)
class RowInput:
    """One identity to ask about.

    ``stack`` holds what applies to it (organization levels None where they do not restrict it). ``unrestricted`` is
    the root user, who needs no identity policy. ``unreadable`` names policies that apply but could not be read, per
    part: ``identity`` ones could allow or deny, ``around`` ones (boundary, organization) only take away.
    """

    stack: PolicyStack
    facts: Facts
    unrestricted: bool = False
    unreadable_identity: tuple[str, ...] = ()
    unreadable_around: tuple[str, ...] = ()


#: What of the facts a policy reads: pairs of key and values, or None where the key is free.
_Spec = tuple[tuple[str, Values | None], ...]


@dataclass(slots=True)
class _Compiled:
    """A policy for the facts that it reads; lanes are filled in when the pool's quiet context is known."""

    records: list[Record]
    lanes: Lanes | None = None


class _Entry:
    """One distinct policy text: which keys it reads, and its compiled form for each combination of their values."""

    def __init__(self, policy: Policy) -> None:
        read = [keys_read(statement, policy.has_variables) for statement in policy.statements]
        self.policy = policy
        self.keys = tuple(sorted(frozenset().union(*read)))
        self.by_spec: dict[_Spec, _Compiled] = {}

    def spec(self, facts: Facts) -> _Spec:
        """The part of the facts that this policy can see."""
        if not self.keys:
            return ()
        return tuple((key, facts.value_of(key) if facts.knows(key) else None) for key in self.keys)


class Matrix:
    """Answers rows for one account. Policies are compiled once and shared by every row that has them."""

    def __init__(self, space: Space, keys: ConditionKeys) -> None:
        self.space = space
        self.keys = keys
        self.builder = RecordBuilder(space, keys)
        self._entries: dict[str, _Entry] = {}
        self._around: dict[tuple[int, ...], Around] = {}
        self._cells: dict[tuple[object, ...], Cell] = {}
        self._everything = Lanes(allow=space.all)

    @property
    def compiled_count(self) -> int:
        """How many policies are kept compiled, counted once for each set of facts that they read."""
        return sum(len(entry.by_spec) for entry in self._entries.values())

    def prepare(self, rows: Iterable[RowInput]) -> None:
        """Compile every policy of ``rows`` and find the quiet context of all policies seen so far."""
        fresh = False
        for row in rows:
            for named in _policies(row.stack):
                entry = self.entry(named.policy)
                spec = entry.spec(row.facts)
                if spec not in entry.by_spec:
                    entry.by_spec[spec] = _Compiled(self.builder.build(named.policy, named.name, row.facts))
                    fresh = True
        if fresh:
            self._fill_lanes()

    def _fill_lanes(self) -> None:
        compiled = [item for entry in self._entries.values() for item in entry.by_spec.values()]
        quiet = Quiet(self.space, [record for item in compiled for record in item.records])
        for item in compiled:
            item.lanes = lanes_of(item.records, quiet)
        self._around.clear()

    def entry(self, policy: Policy) -> _Entry:
        """What is kept of a policy text."""
        entry = self._entries.get(policy.text)
        if entry is None:
            entry = self._entries[policy.text] = _Entry(policy)
        return entry

    def letters(self, row: RowInput, *, exact: bool = True) -> str:
        """The row's letters. ``exact=False`` leaves ``?`` where lanes alone do not tell. Call ``prepare`` first."""
        allow = deny = loud = 0
        for lanes in self._lanes(row.stack.identity_policies, row.facts):
            allow |= lanes.allow
            deny |= lanes.deny
            loud |= lanes.loud
        if row.unrestricted:
            allow |= self.space.all
        outer = self._outer(row)
        loud |= self.space.types_unknown & ~(self._uniform(allow, deny) & outer.full)
        if row.unreadable_identity or row.unreadable_around:
            return self._with_unreadable(row, allow, outer)
        text = letters(digits(allow, deny, loud, outer, self.space.all), len(self.space.columns))
        if not exact or EXACT not in text:
            return text
        return self._fill_exact(row, text)

    def _uniform(self, allow: int, deny: int) -> int:
        """Columns that no partial set of resources touches."""
        partial = (allow >> 1 | allow >> 3 | deny >> 1 | deny >> 3) & self.space.all
        return self.space.all & ~partial

    def _fill_exact(self, row: RowInput, text: str) -> str:
        result = list(text)
        index = text.find(EXACT)
        while index >= 0:
            result[index] = str(self.cell(row, index).verdict)
            index = text.find(EXACT, index + 1)
        return "".join(result)

    def _with_unreadable(self, row: RowInput, allow: int, outer: Around) -> str:
        """Undecided, but for columns that stay implicitly denied whatever the unreadable policies say."""
        possible = outer.possible
        if not row.unreadable_identity:
            possible &= allow | allow >> 1 | allow >> 2 | allow >> 3
        exact = possible & self.space.all
        text = letters(exact | exact << 2, len(self.space.columns))
        return text.replace(EXACT, CellVerdict.UNDECIDED)

    def _lanes(self, policies: Iterable[NamedPolicy], facts: Facts) -> list[Lanes]:
        result = []
        for named in policies:
            entry = self._entries[named.policy.text]
            lanes = entry.by_spec[entry.spec(facts)].lanes
            if lanes is None:
                raise RuntimeError("prepare() must come before letters()")
            result.append(lanes)
        return result

    def _outer(self, row: RowInput) -> Around:
        layers = [self._lanes(layer, row.facts) for layer in _outer_layers(row.stack)]
        key = tuple(id(lanes) for layer in layers for lanes in (*layer, None))
        found = self._around.get(key)
        if found is None:
            merged = [_merge(layer) for layer in layers]
            found = self._around[key] = around(merged, self.space.all)
        return found

    def records(self, named: NamedPolicy, facts: Facts) -> list[Record]:
        """The records of one prepared policy."""
        entry = self._entries[named.policy.text]
        return entry.by_spec[entry.spec(facts)].records

    def cell(self, row: RowInput, index: int) -> Cell:
        """One cell by the exact path, with its two examples. Worked out once for statements and facts that agree."""
        column = self.space.columns[index]
        bit = self.space.bit(index)
        if row.unreadable_identity or row.unreadable_around:
            names = ", ".join((*row.unreadable_identity, *row.unreadable_around))
            return Cell(CellVerdict.UNDECIDED, undecided=f"policy documents that could not be read: {names}")
        layers = [row.stack.identity_policies, *_outer_layers(row.stack)]
        picked: list[tuple[int, Record]] = []
        for number, layer in enumerate(layers):
            for named in layer:
                picked += [(number, record) for record in self.records(named, row.facts) if record.live & bit]
        key = (index, len(layers), row.unrestricted, tuple((number, id(record)) for number, record in picked))
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._decide(row, picked, len(layers), column.resource_type, bit)
        return found

    def _decide(
        self, row: RowInput, picked: Sequence[tuple[int, Record]], layers: int, type_name: str, bit: int
    ) -> Cell:
        granting = {number for number, record in picked if record.is_allow} | ({0} if row.unrestricted else set())
        if len(granting) < layers:
            return Cell(CellVerdict.IMPLICIT_DENY)
        if bit & self.space.types_unknown and any(record.some & bit for _, record in picked):
            return Cell(CellVerdict.UNDECIDED, undecided="the resource types of this action are not published yet")
        statements = [item for number, record in picked for item in self._cell_statements(number, record, bit)]
        universe = self.space.universes[type_name]

        def domain_of(key: str, conditions: tuple[Condition, ...]) -> Domain:
            return self.builder.domain_of(key, conditions, row.facts)

        open_layers = frozenset({0}) if row.unrestricted else frozenset[int]()
        return decide(Question(layers, statements, universe, domain_of, open_layers))

    def _cell_statements(self, layer: int, record: Record, bit: int) -> list[CellStatement]:
        """The record as it bears on one column; a pattern with a free variable becomes a statement of its own."""
        conditions = tuple(item for group in record.groups if group.mask & bit for item in group.conditions)
        base = CellStatement(layer, record.policy, record.statement, conditions=conditions)
        if record.full & bit and not (record.free_variables and record.opaque & bit):
            return [base]
        touching = [item for item in record.patterns if self.space.cover_masks(item)[1] & bit]
        known = CellStatement(layer, base.policy, base.statement, tuple(touching), record.negated, conditions)
        if not (record.free_variables and record.opaque & bit):
            return [known]
        by_resource_only = not record.negated and not self._conditions_linked(record)
        linked = CellStatement(
            layer,
            base.policy,
            base.statement,
            conditions=conditions,
            free_variables=record.free_variables,
            opaque=not by_resource_only,
        )
        return [known, linked] if touching and by_resource_only else [linked]

    @staticmethod
    def _conditions_linked(record: Record) -> bool:
        grouped = {item for group in record.groups for item in group.conditions}
        return any(
            "${" in value for item in record.statement.conditions if item not in grouped for value in item.values
        )


def _merge(layer: Sequence[Lanes]) -> Lanes:
    result = Lanes()
    for lanes in layer:
        result |= lanes
    return result


def _outer_layers(stack: PolicyStack) -> list[tuple[NamedPolicy, ...]]:
    """The layers that must each allow besides the identity's own policies."""
    layers: list[tuple[NamedPolicy, ...]] = []
    layers += [] if stack.permissions_boundary is None else [(stack.permissions_boundary,)]
    layers += [] if stack.session_policies is None else [stack.session_policies]
    return layers + list(stack.service_control_policies or ())


def _policies(stack: PolicyStack) -> Iterable[NamedPolicy]:
    yield from stack.identity_policies
    for layer in _outer_layers(stack):
        yield from layer
