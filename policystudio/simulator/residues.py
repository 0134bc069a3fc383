"""What the statements that bear on a row leave of each of its cells, and the same without what changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

from policystudio.engine import globs
from policystudio.engine.analyse.obstacles import Place
from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect
from policystudio.engine.exact.texts import covers, surely_none
from policystudio.engine.globs import Parts
from policystudio.engine.matrix.records import Record
from policystudio.engine.matrix.rows import Compiled, Matrix, PreparedRow
from policystudio.engine.request import NamedPolicy
from policystudio.engine.variables import expand_resource_loosely
from policystudio.simulator.sentences import Bearing, Residue, short


class Residues:
    """The residues of one row's cells. Use it under the lock of its matrix."""

    def __init__(self, compiled: Matrix, prepared: PreparedRow) -> None:
        self.compiled, self.prepared = compiled, prepared
        self.facts = prepared.row.facts
        self._touches: dict[str, int] = {}

    def of(self, index: int) -> tuple[Residue, ...]:
        """The statements that bear on a column, layer by layer, as what they leave of it."""
        bit = self.compiled.space.bit(index)

        def concerns(resource: str) -> bool:
            return bool(self._touched(resource) & bit)

        def is_free(key: str) -> bool:
            return self.compiled.builder.is_free(key, self.facts, bit)

        bearing = Bearing(bit, concerns, is_free, self.facts.context)
        return tuple(bearing.residue(*placed) for placed in self._records if placed[-1].live & bit)

    def _touched(self, resource: str) -> int:
        """The columns that an entry of Resource says something about; ``*`` says nothing about any."""
        found = self._touches.get(resource)
        if found is None:
            pattern = expand_resource_loosely(resource, self.facts.context, enabled="${" in resource)
            covers, touches = self.compiled.space.cover_masks(pattern)
            found = self._touches[resource] = 0 if resource == "*" else covers | touches
        return found

    @cached_property
    def _records(self) -> list[tuple[Layer, int | None, str, Record]]:
        """Every compiled statement with its layer, and the name of its policy."""
        return [
            (place.layer, place.level, named.name, record)
            for place, policies in self.placed
            for named, compiled in policies
            for record in self.compiled.records(compiled, self.facts)
        ]

    @cached_property
    def placed(self) -> list[tuple[Place, list[tuple[NamedPolicy, Compiled]]]]:
        """The layers of the prepared row, the organization's level by level, with their policies."""
        stack = self.prepared.row.stack
        layers: list[tuple[Place, Sequence[NamedPolicy]]] = [(Place(Layer.IDENTITY), stack.identity_policies)]
        if stack.permissions_boundary is not None:
            layers.append((Place(Layer.BOUNDARY), (stack.permissions_boundary,)))
        if stack.session_policies is not None:
            layers.append((Place(Layer.SESSION), stack.session_policies))
        layers += [
            (Place(Layer.SERVICE_CONTROL, n), level) for n, level in enumerate(stack.service_control_policies or ())
        ]
        return [
            (place, list(zip(policies, compiled, strict=True)))
            for (place, policies), compiled in zip(layers, self.prepared.layers, strict=True)
        ]


def narrow_layers(residue: Iterable[Residue]) -> list[list[Residue]]:
    """The Allow statements of each layer that does not allow all of a cell, layer by layer."""
    layers: dict[tuple[Layer, int | None], list[Residue]] = {}
    for item in residue:
        if item.effect is Effect.ALLOW:
            layers.setdefault((item.layer, item.level), []).append(item)
    return [items for items in layers.values() if not any(item.everywhere for item in items)]


#: Of statements with more patterns of resources than this it is not looked for those that change nothing.
_MOST_COMPARED = 100


def plain(residue: Sequence[Residue]) -> tuple[Residue, ...]:
    """The residue of a cell that is allowed in part, without what changes nothing of it.

    Out go layers that allow all of it, statements that match only where another one of the same layer (of Deny: any
    other) does, and Deny statements about resources that no statement of some layer allows.
    """
    allowed = [_widest(items) for items in narrow_layers(residue)]
    denies = _widest([item for item in residue if item.effect is Effect.DENY])
    left = [item for item in denies if not any(_is_beside(item, items) for items in allowed)]
    return tuple(item for items in (*allowed, left) for item in items)


def _widest(items: Sequence[Residue]) -> list[Residue]:
    """The statements that none of the others makes idle; of several that say the same all, as all have a say.

    All of them where there are very many: that is as true, and longer.
    """
    if sum(1 + len(item.patterns) for item in items) > _MOST_COMPARED:
        return list(items)
    return [
        item for item in items if not any(_is_within(item, other) and not _is_within(other, item) for other in items)
    ]


def _is_within(narrow: Residue, wide: Residue) -> bool:
    """Whether it is plain that one statement matches wherever another one does."""
    return set(wide.rules) <= set(narrow.rules) and _resources_within(narrow, wide)


def _resources_within(narrow: Residue, wide: Residue) -> bool:
    if not wide.patterns:
        return True
    if not narrow.patterns or narrow.excluded is not wide.excluded:
        return False
    inner, outer = (wide, narrow) if wide.excluded else (narrow, wide)
    return all(any(_covers(pattern, text) for pattern in outer.patterns) for text in inner.patterns)


def _is_beside(deny: Residue, allowed: Iterable[Residue]) -> bool:
    """Whether it is plain that a Deny is about none of the resources that some Allow statements are about."""
    if not deny.patterns or deny.excluded:
        return False
    return all(
        item.patterns
        and not item.excluded
        and all(_apart(one, other) for one in item.patterns for other in deny.patterns)
        for item in allowed
    )


@lru_cache(maxsize=20_000)
def _covers(wide: str, narrow: str) -> bool:
    """Whether one entry of Resource matches all that another one does; False where a variable leaves that open."""
    return wide == narrow or ("${" not in wide + narrow and covers(_parts(wide), _parts(narrow)))


@lru_cache(maxsize=20_000)
def _apart(one: str, other: str) -> bool:
    """Whether it is plain that no resource is matched by both; False where a variable leaves that open."""
    if "${" in one + other:
        return False
    left, right = globs.split_segments(_parts(one)), globs.split_segments(_parts(other))
    if left is None or right is None:
        return False
    return any(surely_none(frozenset(pair), frozenset()) for pair in zip(left, right, strict=True))


def _parts(text: str) -> Parts:
    return globs.resource_parts(globs.parse(text))


def joined(residues: Iterable[Sequence[Residue]]) -> tuple[Residue, ...]:
    """The residues of cells that read alike as one: each statement once, with the resources of all of them."""
    found: dict[tuple[object, ...], Residue] = {}
    for residue in residues:
        for item in residue:
            key = (item.layer, item.level, item.effect, item.policy, item.sid, *content(item))
            other = found.get(key)
            if other is None:
                found[key] = item
            elif item.patterns != other.patterns:
                both = {*item.patterns, *other.patterns}
                patterns = [text for text in item.entries if text in both]
                names = tuple(dict.fromkeys(short(text) for text in patterns))
                found[key] = replace(item, patterns=tuple(dict.fromkeys(patterns)), resources=names)
    return tuple(found.values())


def content(item: Residue) -> tuple[object, ...]:
    """What a statement leaves, wherever it comes from: equal for cells of several types of which it leaves the same."""
    return item.entries, item.excluded, item.rules
