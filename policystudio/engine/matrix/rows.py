"""Rows of the matrix: an identity's policy stack and facts to one letter a column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from policystudio.engine.catalog.types import Column, ConditionKeys
from policystudio.engine.document import Condition, Policy
from policystudio.engine.effort import step
from policystudio.engine.exact.cell import TOO_LARGE, Cell, CellStatement, CellVerdict, Question
from policystudio.engine.exact.domains import Domain, Values
from policystudio.engine.exact.facts import STAND_IN, Facts, is_name, keys_read, names_in_resources
from policystudio.engine.exact.samples import Sampler
from policystudio.engine.exact.verdict import decide
from policystudio.engine.matrix.lanes import EXACT, NO_LANES, Around, Lanes, around, digits, lanes_of, letters
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
#: After so many cells that are hard to decide, the others that need the exact path stay undecided, so that no question
#: occupies a worker for long. ``prepare`` begins a question.
HARD_CELLS = 40
#: A cell with no more free variables than these is not hard.
_FEW_VARIABLES = 4
#: How many policies with the real values of names in their resources are kept for the exact path.
_ACTUAL_LIMIT = 5_000
#: How many cells that were worked out are kept.
_CELL_LIMIT = 100_000


class _Entry:
    """One distinct policy text: which keys it reads, and its compiled form for each combination of their values.

    A policy whose resources hold ``${aws:username}`` reads as differently as there are users, and yet covers the same
    columns for all of them. Its lanes are compiled once, for a stand-in name; the exact path takes the real one.
    """

    def __init__(self, policy: Policy) -> None:
        read = [keys_read(statement, policy.has_variables) for statement in policy.statements]
        self.policy = policy
        self.keys = tuple(sorted(frozenset().union(*read)))
        self.names = names_in_resources(policy)
        pairs = zip(policy.statements, read, strict=True)
        #: The statements that read names, as a policy of their own.
        self.naming = replace(policy, statements=tuple([one for one, keys in pairs if keys & self.names]))
        self.by_spec: dict[_Spec, Compiled] = {}
        self.relevant: tuple[str, ...] = ()
        self.sight: tuple[str, ...] = ()  # the same for policies to which any facts look the same

    def narrow(self, knowable: "_Knowable") -> None:
        """Look only at keys that some row knows; the others are free in every row."""
        relevant = tuple(key for key in self.keys if key in knowable)
        if relevant != self.relevant:
            self.relevant = relevant
            self.sight = (*relevant, "", *sorted(self.names & set(relevant)))
            self.by_spec.clear()

    def spec(self, facts: Facts, *, actual: bool = False) -> _Spec:
        """The part of the facts that this policy can see, with the stand-in for names unless ``actual``."""
        if not self.relevant:
            return ()
        pairs = [(key, facts.value_of(key) if facts.knows(key) else None) for key in self.relevant]
        if actual or not self.names:
            return tuple(pairs)
        return tuple([(key, STAND_IN if key in self.names and is_name(values) else values) for key, values in pairs])


@dataclass(slots=True)
class Compiled:
    """A policy for the facts that it reads; lanes are filled in when the pool's quiet context is known."""

    entry: _Entry
    spec: _Spec
    name: str
    records: list[Record]
    lanes: Lanes = NO_LANES


class _Knowable:
    """The keys that any row so far knows."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.prefixes: tuple[str, ...] = ()

    def __contains__(self, key: str) -> bool:
        return key in self.keys or bool(self.prefixes and key.startswith(self.prefixes))

    def learn(self, facts: Facts) -> bool:
        """Take in a row's keys; tells whether there was a new one."""
        if facts.known.keys() <= self.keys and set(facts.closed_prefixes) <= set(self.prefixes):
            return False
        self.keys |= facts.known.keys()
        self.prefixes = tuple({*self.prefixes, *facts.closed_prefixes})
        return True


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row with its policies compiled, by layer: the identity's own first, then those around it."""

    row: RowInput
    layers: tuple[tuple[Compiled, ...], ...]


class Matrix:
    """Answers rows for one account. Policies are compiled once and shared by every row that has them."""

    def __init__(self, space: Space, keys: ConditionKeys) -> None:
        self.space = space
        self.keys = keys
        self.builder = RecordBuilder(space, keys)
        self._entries: dict[str, _Entry] = {}
        self._knowable = _Knowable()
        self._around: dict[tuple[int, ...], Around] = {}
        self._cells: dict[tuple[object, ...], Cell] = {}
        self._actual: dict[tuple[str, _Spec], list[Record]] = {}
        self._hard_cells = 0
        #: How many cells the exact path has worked out so far; the others were known already.
        self.worked_out = 0
        self._lacks_lanes = False

    @property
    def compiled_count(self) -> int:
        """How many policies are kept compiled, counted once for each set of facts that they read."""
        return sum(len(entry.by_spec) for entry in self._entries.values())

    def prepare(self, rows: Iterable[RowInput]) -> list[PreparedRow]:
        """Compile every policy of ``rows``, and find the quiet context of all policies seen so far."""
        rows = list(rows)
        # Every row is asked: one that brings new keys changes what the others' policies are told apart by.
        if sum([self._knowable.learn(row.facts) for row in rows]):
            for entry in self._entries.values():
                entry.narrow(self._knowable)
            self._lacks_lanes = True
        self._hard_cells = 0
        prepared = [PreparedRow(row, self._compiled_layers(row)) for row in rows]
        if self._lacks_lanes:
            self._fill_lanes()
        return prepared

    def _compiled_layers(self, row: RowInput) -> tuple[tuple[Compiled, ...], ...]:
        layers = (row.stack.identity_policies, *_outer_layers(row.stack))
        specs: dict[tuple[str, ...], _Spec] = {}
        return tuple([tuple([self._compile(named, row.facts, specs) for named in layer]) for layer in layers])

    def _compile(self, named: NamedPolicy, facts: Facts, specs: dict[tuple[str, ...], _Spec]) -> Compiled:
        """The policy for these facts; ``specs`` keeps what the facts are to policies that read the same keys."""
        entry = self._entries.get(named.policy.text)
        if entry is None:
            entry = self._entries[named.policy.text] = _Entry(named.policy)
            entry.narrow(self._knowable)
        spec = specs.get(entry.sight)
        if spec is None:
            spec = specs[entry.sight] = entry.spec(facts)
        found = entry.by_spec.get(spec)
        if found is None:
            step()
            records = self.builder.build(entry.policy, named.name, _with_stand_ins(facts, spec))
            # A question may be given up between here and the filling of lanes: the next one must fill them.
            self._lacks_lanes = True
            found = entry.by_spec[spec] = Compiled(entry, spec, named.name, records)
        return found

    def records(self, compiled: Compiled, facts: Facts) -> list[Record]:
        """The records of a policy for a row's own facts, with the real names in their resources."""
        spec = compiled.entry.spec(facts, actual=True)
        if spec == compiled.spec:
            return compiled.records
        key = (compiled.entry.policy.text, spec)
        found = self._actual.get(key)
        if found is None:
            if len(self._actual) >= _ACTUAL_LIMIT:
                self._actual.clear()
            # Statements that read no names are the same for all; so are then the cells on which they alone bear.
            naming = compiled.entry.naming
            kept = [item for item in compiled.records if not any(item.statement is one for one in naming.statements)]
            found = self._actual[key] = [*kept, *self.builder.build(naming, compiled.name, facts)]
        return found

    def _fill_lanes(self) -> None:
        compiled = [item for entry in self._entries.values() for item in entry.by_spec.values()]
        quiet = Quiet(self.space, [record for item in compiled for record in item.records])
        for item in compiled:
            step()
            item.lanes = lanes_of(item.records, quiet)
        self._around.clear()
        self._lacks_lanes = False

    def letters(self, prepared: PreparedRow, *, exact: bool = True, only: frozenset[int] | None = None) -> str:
        """The row's letters, one a column.

        ``?`` stays where lanes do not tell: with ``exact=False`` everywhere, else outside the columns ``only``.
        """
        step()
        row = prepared.row
        allow = deny = loud = 0
        for compiled in prepared.layers[0]:
            lanes = compiled.lanes
            allow |= lanes.allow
            if lanes.deny:
                deny |= lanes.deny
            if lanes.loud:
                loud |= lanes.loud
        if row.unrestricted:
            allow |= self.space.all
        outer = self._outer(prepared)
        if row.unreadable_identity or row.unreadable_around:
            return self._with_unreadable(row, allow, outer)
        text = letters(digits(allow, deny, loud, outer), len(self.space.columns))
        if not exact or EXACT not in text:
            return text
        return self._fill_exact(prepared, text, only)

    def _fill_exact(self, prepared: PreparedRow, text: str, only: frozenset[int] | None) -> str:
        result = list(text)
        records = self._records_of(prepared)
        index = text.find(EXACT)
        while index >= 0:
            if only is None or index in only:
                result[index] = self._cell(prepared, index, records).verdict.value
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

    def _outer(self, prepared: PreparedRow) -> Around:
        key = tuple([id(compiled) for layer in prepared.layers[1:] for compiled in (*layer, None)])
        found = self._around.get(key)
        if found is None:
            merged = [_merge(compiled.lanes for compiled in layer) for layer in prepared.layers[1:]]
            found = self._around[key] = around(merged, self.space.all)
        return found

    def cell(self, prepared: PreparedRow, index: int) -> Cell:
        """One cell by the exact path, with its two examples. Worked out once for statements that bear on it alike."""
        row = prepared.row
        if row.unreadable_identity or row.unreadable_around:
            names = ", ".join((*row.unreadable_identity, *row.unreadable_around))
            return Cell(CellVerdict.UNDECIDED, undecided=f"policy documents that could not be read: {names}")
        return self._cell(prepared, index, self._records_of(prepared))

    def _records_of(self, prepared: PreparedRow) -> list[tuple[int, Record]]:
        """All statements of a row, each with the number of its layer."""
        return [
            (number, record)
            for number, layer in enumerate(prepared.layers)
            for compiled in layer
            for record in self.records(compiled, prepared.row.facts)
        ]

    def _cell(self, prepared: PreparedRow, index: int, records: Iterable[tuple[int, Record]]) -> Cell:
        step()
        row, column, bit = prepared.row, self.space.columns[index], self.space.bit(index)
        picked = [(number, record) for number, record in records if record.live & bit]
        bearing = frozenset(
            [(number, record.content, record.bearing(bit), self._sent(record, bit)) for number, record in picked]
        )
        key = (column.resource_type, column.types_known, len(prepared.layers), row.unrestricted, bearing)
        found = self._cells.get(key)
        if found is not None:
            return found
        if self._hard_cells >= HARD_CELLS:
            return self._by_lanes(prepared, index, "the question has too many cells that are hard to decide")
        self.worked_out += 1
        found = self._decide(row, picked, len(prepared.layers), column, bit)
        free = {name for _, record in picked if record.opaque & bit for name in record.free_variables}
        if found.undecided == TOO_LARGE or len(free) > _FEW_VARIABLES:
            self._hard_cells += 1
        if found.undecided == TOO_LARGE:
            found = self._by_lanes(prepared, index, TOO_LARGE)
        if len(self._cells) >= _CELL_LIMIT:
            self._cells.clear()
        self._cells[key] = found
        return found

    def _sent(self, record: Record, bit: int) -> tuple[str, ...]:
        """The free variables of a record that requests of the column may have."""
        if not record.free_variables:
            return ()
        return tuple(sorted(name for name in record.free_variables if self.builder.columns_sending(name) & bit))

    def _by_lanes(self, prepared: PreparedRow, index: int, why_not: str) -> Cell:
        """What lanes tell of a cell that is too hard for the exact path, without examples; else undecided."""
        letter = self.letters(prepared, exact=False)[index]
        return Cell(CellVerdict.UNDECIDED, undecided=why_not) if letter == EXACT else Cell(CellVerdict(letter))

    def _decide(
        self, row: RowInput, picked: Sequence[tuple[int, Record]], layers: int, column: Column, bit: int
    ) -> Cell:
        granting = {number for number, record in picked if record.is_allow} | ({0} if row.unrestricted else set())
        if len(granting) < layers:
            return Cell(CellVerdict.IMPLICIT_DENY)
        statements = [item for number, record in picked for item in self._cell_statements(number, record, bit)]
        universe = self.space.universe_of(column)

        def domain_of(key: str, conditions: tuple[Condition, ...]) -> Domain:
            return self.builder.domain_of(key, conditions, row.facts)

        def is_free(key: str) -> bool:
            return self.builder.is_free(key, row.facts, bit)

        open_layers = frozenset({0}) if row.unrestricted else frozenset[int]()
        asked = [(number, record.statement, record.modern) for number, record in picked]
        sampler = Sampler(layers, asked, universe, row.facts, self.keys, open_layers, is_free)
        return decide(Question(layers, statements, universe, domain_of, open_layers, sampler))

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
        by_resource_only = not record.negated and not record.linked & bit and not record.has_defaults
        linked = CellStatement(
            layer,
            base.policy,
            base.statement,
            conditions=conditions,
            free_variables=record.free_variables,
            opaque=not by_resource_only,
        )
        return [known, linked] if touching and by_resource_only else [linked]


def _with_stand_ins(facts: Facts, spec: _Spec) -> Facts:
    stand_ins = {key: values for key, values in spec if values is STAND_IN}
    return replace(facts, known={**facts.known, **stand_ins}) if stand_ins else facts


def _merge(layer: Iterable[Lanes]) -> Lanes:
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
