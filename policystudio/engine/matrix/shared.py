"""Cells of few columns for very many rows: rows on which the same statements bear alike are decided once.

What a statement comes to in a column is a *bearing*: which of the resources, under which conditions, allow or deny.
Bearings are numbered, so that a layer of policies is an integer with their bits, and rows with the same integers
share one cell.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from policystudio.engine import variables
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import condition_holds
from policystudio.engine.document import Condition, Policy, Statement
from policystudio.engine.exact.cell import TOO_LARGE, Cell, CellVerdict
from policystudio.engine.exact.domains import Values
from policystudio.engine.exact.facts import Facts, keys_read, variables_of
from policystudio.engine.matrix.records import Record, behind_fifth_colon
from policystudio.engine.matrix.rows import HARD_CELLS, Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import Context, NamedPolicy, PolicyStack

#: What a statement sees of the facts: whether its conditions on known keys hold, and the values of variables; None
#: where the key is free.
_Spec = tuple[bool | Values | None, ...]


@dataclass(slots=True, eq=False)
class Unit:
    """One statement that can bear on some column. ``reads`` are the context keys (in lower case) that it reads.

    Of these ``values`` matter by their values, and the others only by whether the ``tests`` about them hold.
    """

    policy: NamedPolicy
    statement: Statement
    reads: tuple[str, ...]
    values: tuple[str, ...]
    tests: tuple[Condition, ...]
    by_spec: dict[_Spec, "Borne | None"] = field(default_factory=dict)

    @property
    def alone(self) -> Policy:
        """The statement as a policy of its own."""
        return replace(self.policy.policy, statements=(self.statement,))


@dataclass(slots=True, eq=False)
class Borne:
    """A statement for one set of facts, with the numbers of its bearings by column."""

    unit: Unit
    record: Record
    facts: Facts
    bits: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mask:
    """What some statements come to in one column, as bits of bearings."""

    allow: int = 0
    deny: int = 0

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.allow | other.allow, self.deny | other.deny)


class SharedCells(Matrix):
    """Answers cells by the bearings of their layers."""

    def __init__(self, space: Space, keys: ConditionKeys) -> None:
        super().__init__(space, keys)
        self._numbers: dict[tuple[object, ...], int] = {}
        self._records: list[Record] = []
        self._denies = 0  # the bearings that deny
        self._always = 0  # those that hold for every request
        self._by_resource = 0  # the bearings that name a part of a column's resources
        self._decided: dict[tuple[object, ...], Cell] = {}
        self._hard = 0

    def units(self, named: NamedPolicy) -> list[Unit]:
        """The statements of a policy that can bear on some column, whatever the facts."""
        modern = named.policy.has_variables
        return [
            _unit(named, statement, modern)
            for statement in named.policy.statements
            if self.builder.actions(statement) and self._may_concern(statement, modern)
        ]

    def _may_concern(self, statement: Statement, modern: bool) -> bool:
        for text in statement.resources:
            full, some = self.space.cover_masks(variables.expand_resource_widely(text, modern))
            if full | some:
                return True
        return not statement.resources

    def borne(self, units: Iterable[Unit], facts: Facts) -> Iterator[Borne]:
        """The statements as they bear on a row with these facts; those that cannot match anything are left out."""
        for unit in units:
            spec = self._spec(unit, facts)
            if spec is None:
                continue
            if spec in unit.by_spec:
                found = unit.by_spec[spec]
            else:
                met = self._meets(unit, facts)
                records = self.builder.build(unit.alone, unit.policy.name, facts) if met else ()
                found = unit.by_spec[spec] = Borne(unit, records[0], facts) if records else None
            if found is not None:
                yield found

    def _meets(self, unit: Unit, facts: Facts) -> bool:
        """Whether an entry of Resource can match in some column. Tells names that do not fit before more is done."""
        modern = unit.policy.policy.has_variables
        if not unit.values or not modern or not unit.statement.resources:
            return True
        for text in unit.statement.resources:
            names = variables.names(text)
            if not names or not all(facts.knows(name) for name in names):
                return True
            # What is substituted is literal, so each resource that matches holds it.
            values = {name: facts.value_of(name) for name in variables.names(behind_fifth_colon(text))}
            if not all(self.space.may_hold(value) for known in values.values() for value in known):
                continue
            pattern = variables.expand_resource(text, Context().replaced(values), enabled=True)
            if pattern is not None and any(self.space.cover_masks(pattern)):
                return True
        return False

    def _spec(self, unit: Unit, facts: Facts) -> _Spec | None:
        """What the statement sees of the facts; None where a condition on a known key does not hold."""
        spec: list[bool | Values | None] = []
        for condition in unit.tests:
            known = facts.knows(condition.key.lower())
            if known and not condition_holds(condition, facts.context, self.keys, unit.policy.policy.has_variables):
                return None
            spec.append(known or None)
        spec += [facts.value_of(key) if facts.knows(key) else None for key in unit.values]
        return tuple(spec)

    def mask(self, found: Iterable[Borne], index: int) -> Mask:
        """What the statements come to in a column."""
        return self.split(self.bits(found, index))

    def bits(self, found: Iterable[Borne], index: int) -> int:
        """What the statements come to in a column, those that allow and those that deny together."""
        result = 0
        bit = self.space.bit(index)
        for item in found:
            if item.record.live & bit:
                number = item.bits.get(index)
                if number is None:
                    number = item.bits[index] = self._number(item, bit)
                result |= 1 << number
        return result

    def split(self, bits: int) -> Mask:
        """Bits of bearings by their effect."""
        return Mask(bits & ~self._denies, bits & self._denies)

    def _number(self, item: Borne, bit: int) -> int:
        record = item.record
        bearing = _bearing(item, bit, [p for p in record.patterns if self.space.cover_masks(p)[1] & bit])
        number = self._numbers.get(bearing)
        if number is None:
            number = self._numbers[bearing] = len(self._records)
            self._records.append(record)
            self._denies |= 0 if record.is_allow else 1 << number
            whole = bool(record.full & bit)
            self._by_resource |= 0 if whole and not record.opaque & bit else 1 << number
            if whole and record.certain & bit and not record.opaque & bit:
                self._always |= 1 << number
        return number

    def decided(
        self,
        layers: Sequence[int],
        deny: int,
        index: int,
        facts: Callable[[], Facts],
        open_layers: frozenset[int] = frozenset(),
    ) -> Cell:
        """The cell where each of the layers (bits of Allow bearings) must allow and nothing of ``deny`` may match.

        Those in ``open_layers`` allow by themselves. ``facts`` gives those of any row with these bearings. The examples
        of a cell that does not depend on the resource may be about another column's.
        """
        layers = tuple([self._simple(layer) for layer in layers])
        if any(not layer and number not in open_layers for number, layer in enumerate(layers)):
            return _IMPLICIT_DENY
        deny = self._simple(deny)
        everything = deny
        for layer in layers:
            everything |= layer
        place = self.space.columns[index].resource_type if everything & self._by_resource else None
        key = (layers, deny, open_layers, place)
        found = self._decided.get(key)
        if found is None:
            found = self._decided[key] = self._work_out(layers, deny, index, facts(), open_layers)
        return found

    def _simple(self, bits: int) -> int:
        """Of bearings side by side in a layer, one that always holds makes the others idle."""
        always = bits & self._always
        return always & -always if always else bits

    def _work_out(
        self, layers: Sequence[int], deny: int, index: int, facts: Facts, open_layers: frozenset[int]
    ) -> Cell:
        if self._hard >= HARD_CELLS:
            reason = "the question has too many cells that are hard to decide"
            return Cell(CellVerdict.UNDECIDED, undecided=reason)
        picked = [(number, record) for number, layer in enumerate(layers) for record in self._of(layer)]
        picked += [(0, record) for record in self._of(deny)]
        row = RowInput(PolicyStack(), facts, unrestricted=0 in open_layers)
        cell = self._decide(row, picked, len(layers), self.space.columns[index], self.space.bit(index))
        self._hard += cell.undecided == TOO_LARGE
        return cell

    def _of(self, bits: int) -> list[Record]:
        return [record for number, record in enumerate(self._records) if bits >> number & 1]


def _unit(named: NamedPolicy, statement: Statement, modern: bool) -> Unit:
    reads = keys_read(statement, modern)
    tests = tuple(one for one in statement.conditions if not (modern and variables_of(one)))
    others = replace(statement, conditions=tuple(one for one in statement.conditions if one not in tests))
    return Unit(named, statement, tuple(sorted(reads)), tuple(sorted(keys_read(others, modern))), tests)


def _bearing(item: Borne, bit: int, patterns: Sequence[object]) -> tuple[object, ...]:
    """What a statement comes to in a column, as a key: equal where it bears alike."""
    record, facts = item.record, item.facts
    statement = record.statement
    if record.opaque & bit:
        known = tuple([facts.value_of(key) if facts.knows(key) else None for key in item.unit.reads])
        content = (statement.resources, statement.not_resources, statement.conditions)
        return ("opaque", statement.effect, record.modern, *content, known)
    conditions = [
        (condition, tuple([facts.value_of(name) for name in sorted(variables_of(condition))]))
        for group in record.groups
        if group.mask & bit
        for condition in group.conditions
    ]
    whole = bool(record.full & bit)
    part = () if whole else (record.negated, *patterns)
    return ("plain", statement.effect, whole, part, tuple(conditions))


_IMPLICIT_DENY = Cell(CellVerdict.IMPLICIT_DENY)
