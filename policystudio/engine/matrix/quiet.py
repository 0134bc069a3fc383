"""A quiet context, in which no conditional statement matches, and a quiet resource, which no partial pattern matches.

With both at hand most cells are told from bit lanes alone: what a conditional or partial statement can do in some
request, it does not do in the quiet one, whatever else is attached. A statement that spoils this is *loud*; the cells
that it touches take the exact path.
"""

from collections.abc import Iterable, Mapping, Sequence

from policystudio.engine import globs
from policystudio.engine.exact.domains import Values
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.matrix.records import KeyGroup, Record
from policystudio.engine.matrix.space import Space

#: A name that nobody's pattern means: no IAM name has its character, so no variable's value can bring it about.
_QUIET_NAME = "~~~"

Assignment = dict[str, Values]


def quiet_resource(universe: ResourceUniverse, name: str = _QUIET_NAME) -> str:
    """A resource of the universe with a name (and Region) that nobody's pattern means, or with the given ones."""
    return "".join(part if isinstance(part, str) else name for part in universe.joined)


class Quiet:
    """The quiet context of a pool of records, and which records are loud in it."""

    def __init__(self, space: Space, records: Sequence[Record]) -> None:
        self.space = space
        self.resources = {name: quiet_resource(universe) for name, universe in space.universes.items()}
        self.records = [record for record in records if record.free]
        self.by_key: dict[str, list[Record]] = {}
        for record in self.records:
            for group in record.groups:
                self.by_key.setdefault(group.key, []).append(record)
        self.context: Assignment = {}
        self._settle()

    def _settle(self) -> None:
        """Give keys values, one at a time, as long as that silences more statements than it wakes."""
        for record in self.records:
            if self.silenced(record) & record.free == record.free:
                continue
            for group in record.groups:
                if group.key not in self.context and self._silence(group):
                    break

    def _silence(self, group: KeyGroup) -> bool:
        before = self._loudness(group.key)
        for vector, values in group.domain.found.items():
            if vector == group.all_hold or not values:
                continue
            self.context[group.key] = values
            if self._loudness(group.key) < before:
                return True
            del self.context[group.key]
        return False

    def _loudness(self, key: str) -> int:
        """How many records about the key match in the context as it is."""
        return sum(1 for record in self.by_key[key] if record.free & ~self.silenced(record))

    def holds(self, group: KeyGroup, context: Mapping[str, Values]) -> bool:
        """Whether the group's conditions hold in a context, where the key is free."""
        values = context.get(group.key, ())
        for vector, found in group.domain.found.items():
            if found == values:
                return vector == group.all_hold
        return group.judge(values)

    def silenced(self, record: Record, context: Mapping[str, Values] | None = None) -> int:
        """The columns where some condition of the record fails in the (quiet) context."""
        mask = 0
        for group in record.groups:
            if not self.holds(group, self.context if context is None else context):
                mask |= group.mask
        return mask

    def loud(self, record: Record) -> int:
        """The columns where lanes must not be trusted with this record."""
        mask = record.opaque | record.free & ~self.silenced(record)
        mask |= self._resource_loud(record)
        if record.is_allow and record.free & ~mask:
            mask |= self._clashes(record)
        return mask & record.live

    def _resource_loud(self, record: Record) -> int:
        """Columns of which the quiet resource belongs to the part that the record matches."""
        if not record.some:
            return 0
        mask = 0
        for name, columns in self.space.types.items():
            if record.some & columns and self._matches_quiet(record, name):
                mask |= record.some & columns
        return mask

    def _matches_quiet(self, record: Record, type_name: str) -> bool:
        if record.negated:
            return True
        resource = self.resources[type_name]
        return any(globs.matches(pattern, resource) for pattern in record.patterns)

    def _clashes(self, record: Record) -> int:
        """Columns where making the Allow match, from the quiet context, would wake a Deny."""
        context = dict(self.context)
        for group in record.groups:
            if group.satisfying is None:
                return record.free
            context[group.key] = group.satisfying
        mask = 0
        for other in self._denies_about(group.key for group in record.groups):
            mask |= other.free & ~self.silenced(other, context)
        return mask & record.free

    def _denies_about(self, keys: Iterable[str]) -> list[Record]:
        found = {id(record): record for key in keys for record in self.by_key.get(key, ()) if not record.is_allow}
        return list(found.values())
