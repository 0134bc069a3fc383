"""The rows of one account against the columns of shared cells: which statements bear on each row, layer by layer."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.shared import Borne, SharedCells, Unit
from policystudio.engine.request import NamedPolicy
from policystudio.simulator.holdings import Held, Holdings
from policystudio.simulator.stacks import Bearer, Values

#: The keys that rows know each for itself; the other known ones are alike for all rows of an account.
_OF_ONE_ROW = frozenset({"aws:principalarn", "aws:username", "aws:userid"})
_OF_A_KIND = frozenset({"aws:principaltype"})
_TAGS = "aws:principaltag/"

#: Bits of Allow and of Deny bearings.
Bits = tuple[int, int]
NOTHING: Bits = (0, 0)
_OPEN: frozenset[int] = frozenset({0})
_CLOSED: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Read:
    """The statements of a policy: those that bear alike on all rows, and the others."""

    static: tuple[Borne, ...]
    varying: tuple[Unit, ...]
    by_row: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """The statements that bear on one row. A boundary is None where the row has none."""

    identity: tuple[Borne, ...]
    boundary: tuple[Borne, ...] | None
    levels: tuple[tuple[Borne, ...], ...]

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for rows on which the very same statements bear."""
        parts = (self.identity, self.boundary, *self.levels)
        return tuple(None if part is None else frozenset(map(id, part)) for part in parts)


class Standing:
    """The rows of an account with ``cells``. ``owned`` are facts about the resources' owner, keys in lower case."""

    def __init__(
        self,
        holdings: Holdings,
        cells: SharedCells,
        owned: Mapping[str, Values] | None = None,
        *,
        resource_policies: bool = False,
    ) -> None:
        self.holdings, self.cells = holdings, cells
        self.owned = {key: values for key, values in (owned or {}).items() if key not in holdings.reader.given}
        self.resource_policies = resource_policies
        self.shared = Facts({**holdings.reader.shared, **holdings.reader.given, **self.owned})
        self._reads: dict[tuple[object, ...], _Read] = {}
        self._bits: dict[tuple[object, ...], Bits] = {}
        self._of_source: dict[int, tuple[Bits, tuple[Held, ...]]] = {}
        self._facts: dict[int, Facts] = {}
        self._concerned: dict[int, bool] = {}
        self._fixed_around: tuple[tuple[int, ...], int] | None = None

    def facts(self, row: Bearer) -> Facts:
        """What is known of every request of the row."""
        found = self._facts.get(id(row))
        if found is None:
            found = self.holdings.facts(row)
            found = replace(found, known={**found.known, **self.owned}) if self.owned else found
            self._facts[id(row)] = found
        return found

    # --- Statements --------------------------------------------------------------------------------------------------

    def _read(self, held: Held) -> _Read:
        found = self._reads.get(held.key)
        if found is None:
            units = self.cells.units(held.named) if held.named is not None else []
            given = self.holdings.reader.given
            reads = {id(unit): [key for key in unit.reads if key not in given] for unit in units}
            varying = tuple(unit for unit in units if any(_varies(key) for key in reads[id(unit)]))
            static = tuple(self.cells.borne([unit for unit in units if unit not in varying], self.shared))
            by_row = any(key in _OF_ONE_ROW for unit in varying for key in reads[id(unit)])
            found = self._reads[held.key] = _Read(static, varying, by_row)
        return found

    def borne(self, held: Held, row: Bearer) -> tuple[Borne, ...]:
        """The statements of a policy that bear on a row."""
        read = self._read(held)
        return (*read.static, *self.cells.borne(read.varying, self.facts(row))) if read.varying else read.static

    def is_concerned(self, row: Bearer) -> bool:
        """Whether a policy of the row, the boundary aside, has a statement that may bear on a column, or is unread."""
        return any(self._is_source(source) for source in self.holdings.sources(row))

    def _is_source(self, source: int) -> bool:
        found = self._concerned.get(source)
        if found is None:
            unread = source in self.holdings.partly_unread
            held = (self._read(one) for one in self.holdings.own(source))
            found = self._concerned[source] = unread or any(read.static or read.varying for read in held)
        return found

    def layers(self, row: Bearer) -> Layers:
        """All statements that bear on a row."""
        holdings = self.holdings
        boundary = holdings.boundary(row)
        return Layers(
            tuple(
                item
                for source in holdings.sources(row)
                for held in holdings.own(source)
                for item in self.borne(held, row)
            ),
            None if boundary is None else self.borne(boundary, row),
            tuple(tuple(self._of_level(level, row)) for level in self._levels(row)),
        )

    def _levels(self, row: Bearer) -> tuple[tuple[NamedPolicy, ...], ...]:
        return self.holdings.levels(row, resource_policies=self.resource_policies)

    def _of_level(self, level: Iterable[NamedPolicy], row: Bearer) -> Iterable[Borne]:
        for named in level:
            yield from self.borne(_of_organization(named), row)

    # --- Bits of one column ------------------------------------------------------------------------------------------

    def _bits_of(self, held: Held, row: Bearer, index: int) -> Bits:
        read = self._read(held)
        sight: object = None
        if read.varying:
            sight = row.arn if read.by_row else (row.kind, id(row.tags))
        key = (held.key, sight, index)
        found = self._bits.get(key)
        if found is None:
            mask = self.cells.mask(self.borne(held, row), index)
            found = self._bits[key] = (mask.allow, mask.deny)
        return found

    def _source(self, source: int, row: Bearer, index: int) -> Bits:
        """The bits of one identity's own policies, as they bear on a row."""
        found = self._of_source.get(source)
        if found is None:
            held = [item for item in self.holdings.own(source) if item.named is not None]
            varying = tuple(item for item in held if self._read(item).varying)
            allow, deny = NOTHING
            for item in held:
                if item not in varying:
                    more = self._bits_of(item, row, index)
                    allow, deny = allow | more[0], deny | more[1]
            found = self._of_source[source] = ((allow, deny), varying)
        (allow, deny), varying = found
        for item in varying:
            more = self._bits_of(item, row, index)
            allow, deny = allow | more[0], deny | more[1]
        return allow, deny

    def cells_of(self, index: int) -> Iterator[tuple[Bearer, Cell]]:
        """Every row's own cell: what its policies and those around them give it in a column (always the same one)."""
        known: dict[tuple[object, ...], Cell] = {}
        groups, holdings = self.holdings.groups, self.holdings
        troubled = bool(holdings.partly_unread or holdings.reader.organization.unreadable or holdings.unreadable_levels)
        for row in holdings.rows:
            allow, deny = NOTHING if row.id is None else self._source(row.id, row, index)
            for group in groups.get(row.id, ()) if row.id is not None else ():
                more_allow, more_deny = self._source(group, row, index)
                allow, deny = allow | more_allow, deny | more_deny
            held = holdings.boundary(row) if row.boundary_id is not None else None
            boundary = None if held is None else NOTHING if held.named is None else self._bits_of(held, row, index)
            around = self._around(row, index)
            if (troubled or (held is not None and held.named is None)) and any(unread := self.unreadable(row)):
                layers = [allow, *([] if boundary is None else [boundary[0]]), *around[0]]
                yield row, undecided(unread, layers, _OPEN if row.kind == "root" else _CLOSED)
                continue
            key = (allow, deny, boundary, around, row.kind == "root")
            cell = known.get(key)
            if cell is None:
                cell = known[key] = self._cell(row, index, (allow, deny), boundary, around)
            yield row, cell

    def _cell(
        self, row: Bearer, index: int, own: Bits, boundary: Bits | None, around: tuple[tuple[int, ...], int]
    ) -> Cell:
        layers = [own[0], *([] if boundary is None else [boundary[0]]), *around[0]]
        deny = own[1] | around[1] | (0 if boundary is None else boundary[1])
        open_layers = _OPEN if row.kind == "root" else _CLOSED
        return self.cells.decided(layers, deny, index, lambda: self.facts(row), open_layers)

    def _around(self, row: Bearer, index: int) -> tuple[tuple[int, ...], int]:
        """The Allow bits of each of the organization's levels, and the Deny bits of all."""
        levels = self._levels(row)
        if not levels:
            return (), 0
        if self._fixed_around is not None:
            return self._fixed_around
        held = [[_of_organization(named) for named in level] for level in levels]
        bits = [[self._bits_of(one, row, index) for one in level] for level in held]
        found = tuple(_all(one for one, _ in level) for level in bits), _all(one for level in bits for _, one in level)
        if not any(self._read(one).varying for level in held for one in level):
            self._fixed_around = found
        return found

    def unreadable(self, row: Bearer) -> tuple[list[str], list[str]]:
        """The row's own policies that could not be read, and those around them."""
        around = self.holdings.unreadable_around(row, resource_policies=self.resource_policies)
        return self.holdings.unreadable(row), around


def undecided(unread: tuple[list[str], list[str]], layers: list[int], open_layers: frozenset[int]) -> Cell:
    """Undecided, unless a layer that could be read never allows, whatever the others say.

    ``unread`` names what could not be read of the first layer and of those around it.
    """
    own, around = unread
    known = [layer for number, layer in enumerate(layers) if number not in open_layers]
    if own:
        known = layers[1:]
    if around:
        known = [] if own or 0 in open_layers else layers[:1]
    if any(not layer for layer in known):
        return Cell(CellVerdict.IMPLICIT_DENY)
    names = ", ".join((*own, *around))
    return Cell(CellVerdict.UNDECIDED, undecided=f"policy documents that could not be read: {names}")


def _of_organization(named: NamedPolicy) -> Held:
    return Held(("organization", named.attached_to, named.name, named.policy.text), named.name, named)


def _varies(key: str) -> bool:
    return key in _OF_ONE_ROW or key in _OF_A_KIND or key.startswith(_TAGS)


def _all(bits: Iterable[int]) -> int:
    result = 0
    for one in bits:
        result |= one
    return result
