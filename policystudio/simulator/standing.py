"""The rows of one account against the columns of shared cells: which statements bear on each row, layer by layer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine.exact.cell import Cell, CellVerdict
from policystudio.engine.exact.facts import SESSION_KEYS, Facts
from policystudio.engine.matrix.shared import Borne, SharedCells, Unit
from policystudio.engine.request import NamedPolicy
from policystudio.simulator.holdings import Held, Holdings
from policystudio.simulator.stacks import Bearer, Values

#: The keys that rows know each for itself; the other known ones are alike for all rows of an account.
_OF_ONE_ROW = frozenset({"aws:principalarn", "aws:username", "aws:userid"})
_OF_A_KIND = SESSION_KEYS | {"aws:principaltype"}
_TAGS = "aws:principaltag/"

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
    """The rows of an account with ``cells``.

    ``owned`` are facts about the resources and their owner, keys in lower case; one that ends in ``/`` says that a
    request has no key under it but those that are known, and None that nothing is known of a key after all.
    """

    def __init__(
        self,
        holdings: Holdings,
        cells: SharedCells,
        owned: Mapping[str, Values | None] | None = None,
        *,
        resource_policies: bool = False,
    ) -> None:
        self.holdings, self.cells = holdings, cells
        given = holdings.reader.given
        told = {key: values for key, values in (owned or {}).items() if key not in given}
        self.free = frozenset(key for key, values in told.items() if values is None)
        self.closed = tuple(key for key in told if key.endswith("/"))
        self.owned = {key: values for key, values in told.items() if values is not None and key not in self.closed}
        self.resource_policies = resource_policies
        self.shared = self._told_of(Facts({**holdings.reader.shared, **given}))
        self._reads: dict[tuple[object, ...], _Read] = {}
        self._bits: dict[tuple[object, ...], int] = {}
        self._fixed_around: dict[int, tuple[int, ...]] = {}
        self._facts: dict[int, Facts] = {}

    def facts(self, row: Bearer) -> Facts:
        """What is known of every request of the row."""
        found = self._facts.get(id(row))
        if found is None:
            found = self._facts[id(row)] = self._told_of(self.holdings.facts(row))
        return found

    def _told_of(self, facts: Facts) -> Facts:
        """The facts with what is known of the resources and their owner."""
        if not (self.owned or self.closed or self.free):
            return facts
        known = {key: values for key, values in facts.known.items() if key not in self.free}
        return Facts({**known, **self.owned}, (*facts.closed_prefixes, *self.closed))

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

    @cached_property
    def concerned(self) -> frozenset[int]:
        """The identities with a policy, boundaries aside, that has a statement which may bear, or that is unread."""
        holdings = self.holdings
        found = set(holdings.partly_unread)
        for pk, held in holdings.managed.items():
            if (read := self._read(held)).static or read.varying:
                found.update(holdings.having[pk])
        for source, inline in holdings.inline.items():
            if any((read := self._read(held)).static or read.varying for held in inline):
                found.add(source)
        return frozenset(found)

    def is_concerned(self, row: Bearer) -> bool:
        """Whether the row or a group of it is among the ``concerned``."""
        if row.id in self.concerned:
            return True
        return row.id is not None and not self.concerned.isdisjoint(self.holdings.groups.get(row.id, ()))

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

    def cells_of(self, index: int) -> Iterator[tuple[Bearer, Cell]]:
        """Every row's own cell: what its policies and those around them give it in a column."""
        known: dict[tuple[object, ...], Cell] = {}
        alike, varying = self._sources(index)
        holdings, groups = self.holdings, self.holdings.groups
        unread_around = holdings.reader.organization.unreadable or holdings.unreadable_levels
        for row in holdings.rows:
            bits = 0
            if row.id is not None:
                bits = alike.get(row.id, 0)
                for held in varying.get(row.id, ()):
                    bits |= self._varying_bits(held, row, index)
                for group in groups.get(row.id, ()):
                    bits |= alike.get(group, 0)
                    for held in varying.get(group, ()):
                        bits |= self._varying_bits(held, row, index)
            bound = holdings.boundary(row) if row.boundary_id is not None else None
            boundary = None if bound is None else self._bits_of(bound, row, index)
            around = self._around(row, index)
            may_be_unread = holdings.partly_unread or unread_around or (bound is not None and bound.named is None)
            if may_be_unread and any(unread := self.unreadable(row)):
                yield row, undecided(unread, self._allows(bits, boundary, around), _open_layers(row))
                continue
            key = (bits, boundary, around, row.kind == "root")
            cell = known.get(key)
            if cell is None:
                cell = known[key] = self._cell(row, index, bits, boundary, around)
            yield row, cell

    def _sources(self, index: int) -> tuple[dict[int, int], dict[int, list[Held]]]:
        """For each identity the bits that its policies have for whoever is asked about, and the policies with more."""
        alike: dict[int, int] = {}
        varying: dict[int, list[Held]] = {}
        holdings = self.holdings
        managed = ((held, holdings.having[pk]) for pk, held in holdings.managed.items())
        inline = ((held, (source,)) for source, found in holdings.inline.items() for held in found)
        for held, sources in (*managed, *inline):
            bits = self._alike_bits(held, index)
            if bits:
                for source in sources:
                    alike[source] = alike.get(source, 0) | bits
            if self._read(held).varying:
                for source in sources:
                    varying.setdefault(source, []).append(held)
        return alike, varying

    def _alike_bits(self, held: Held, index: int) -> int:
        """The bits of those statements that bear alike on all rows."""
        key = (held.key, index)
        found = self._bits.get(key)
        if found is None:
            found = self._bits[key] = self.cells.bits(self._read(held).static, index)
        return found

    def _varying_bits(self, held: Held, row: Bearer, index: int) -> int:
        """The bits of the others, as they bear on a row."""
        read = self._read(held)
        key = (held.key, index, row.arn if read.by_row else (row.kind, id(row.tags)))
        found = self._bits.get(key)
        if found is None:
            found = self._bits[key] = self.cells.bits(self.cells.borne(read.varying, self.facts(row)), index)
        return found

    def _bits_of(self, held: Held, row: Bearer, index: int) -> int:
        bits = self._alike_bits(held, index)
        return bits | self._varying_bits(held, row, index) if self._read(held).varying else bits

    def _cell(self, row: Bearer, index: int, bits: int, boundary: int | None, around: tuple[int, ...]) -> Cell:
        deny = bits | (boundary or 0)
        for level in around:
            deny |= level
        layers = self._allows(bits, boundary, around)
        return self.cells.decided(
            layers, self.cells.split(deny).deny, index, lambda: self.facts(row), _open_layers(row)
        )

    def _allows(self, bits: int, boundary: int | None, around: tuple[int, ...]) -> list[int]:
        """The Allow bits of each layer."""
        layers = (bits, *(() if boundary is None else (boundary,)), *around)
        return [self.cells.split(layer).allow for layer in layers]

    def _around(self, row: Bearer, index: int) -> tuple[int, ...]:
        """The bits of each of the organization's levels."""
        if not self.holdings.restricted(row):
            return ()
        held, varying = self._organization
        if varying:
            return tuple([_all(self._bits_of(one, row, index) for one in level) for level in held])
        found = self._fixed_around.get(index)
        if found is None:
            bits = [_all(self._alike_bits(one, index) for one in level) for level in held]
            found = self._fixed_around[index] = tuple(bits)
        return found

    @cached_property
    def _organization(self) -> tuple[list[list[Held]], bool]:
        """The policies of the organization's levels, and whether any of them looks different to some rows."""
        levels = self.holdings.all_levels(resource_policies=self.resource_policies)
        held = [[_of_organization(named) for named in level] for level in levels]
        return held, any(self._read(one).varying for level in held for one in level)

    def unreadable(self, row: Bearer) -> tuple[list[str], list[str]]:
        """The row's own policies that could not be read, and those around them."""
        around = self.holdings.unreadable_around(row, resource_policies=self.resource_policies)
        return self.holdings.unreadable(row), around


def undecided(unread: tuple[Sequence[str], Sequence[str]], layers: Sequence[int], open_layers: frozenset[int]) -> Cell:
    """Undecided, unless a layer that could be read never allows, whatever the others say.

    ``unread`` names what could not be read of the first layer and of those around it.
    """
    own, around = unread
    known = [layer for number, layer in enumerate(layers) if number not in open_layers]
    if own:
        known = list(layers[1:])
    if around:
        known = [] if own or 0 in open_layers else list(layers[:1])
    if any(not layer for layer in known):
        return Cell(CellVerdict.IMPLICIT_DENY)
    names = ", ".join((*own, *around))
    return Cell(CellVerdict.UNDECIDED, undecided=f"policy documents that could not be read: {names}")


def _open_layers(row: Bearer) -> frozenset[int]:
    """The root user needs no policy of its own."""
    return _OPEN if row.kind == "root" else _CLOSED


def _of_organization(named: NamedPolicy) -> Held:
    return Held(("organization", named.attached_to, named.name, named.policy.text), named.name, named)


def _varies(key: str) -> bool:
    return key in _OF_ONE_ROW or key in _OF_A_KIND or key.startswith(_TAGS)


def _all(bits: Iterable[int]) -> int:
    result = 0
    for one in bits:
        result |= one
    return result
