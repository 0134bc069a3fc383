"""The columns of the matrix as lanes of one big integer, and what patterns and keys cover of them."""

from dataclasses import replace
from functools import cached_property

from policystudio.engine import globs
from policystudio.engine.catalog.types import Catalog, Column
from policystudio.engine.exact.signatures import Cover
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts

#: Bits of a lane. Four, so that a row's lanes print as one hexadecimal digit a column.
LANE = 4
#: Stands for the resource types of an action for which AWS has not published them.
UNPUBLISHED = "?"


class Space:
    """All columns of a service for one account (and Region, if one is chosen).

    A *mask* is an integer with ``LANE`` bits a column, the first column in the highest lane; unless said otherwise
    only the lowest bit of a lane is used.
    """

    def __init__(self, catalog: Catalog, partition: str, account: str, region: str = "") -> None:
        self.catalog = catalog
        self.columns: tuple[Column, ...] = catalog.columns()
        self.partition, self.account, self.region = partition, account, region
        self._bits = [1 << LANE * (len(self.columns) - 1 - index) for index in range(len(self.columns))]
        self.all = sum(self._bits)
        self._actions: dict[str, int] = {}
        self._covers: dict[Parts, tuple[int, int]] = {}

    def bit(self, index: int) -> int:
        """The mask of one column."""
        return self._bits[index]

    def indexes(self, mask: int) -> list[int]:
        """The columns in a mask, in order."""
        count, result = len(self.columns), []
        while mask:
            high = mask.bit_length() - 1
            result.append(count - 1 - high // LANE)
            mask ^= 1 << high
        return result

    @cached_property
    def index_of(self) -> dict[tuple[str, str], int]:
        """Column index by (action, resource type)."""
        return {(column.action, column.resource_type): index for index, column in enumerate(self.columns)}

    @cached_property
    def universes(self) -> dict[str, ResourceUniverse]:
        """For each resource type, for ``*`` and for ``UNPUBLISHED``, the resources that its cells are about.

        An unpublished type may have any ARN of the service, or be none at all.
        """
        templates = {item.name: item.arn for item in self.catalog.resource_types} | {"*": "*"}
        found = {name: self.universe(template) for name, template in templates.items()}
        any_arn = f"arn:${{Partition}}:{self.catalog.service}:${{Region}}:${{Account}}:${{AnyWithSlashes}}"
        return found | {UNPUBLISHED: replace(self.universe(any_arn), with_star=True)}

    def universe_of(self, column: Column) -> ResourceUniverse:
        """The resources that a column's cells are about."""
        return self.universes[column.resource_type if column.types_known else UNPUBLISHED]

    def universe(self, template: str) -> ResourceUniverse:
        """The resources of this account that an ARN format gives."""
        return ResourceUniverse(template, self.partition, self.account, self.region)

    @cached_property
    def _lower_actions(self) -> dict[str, int]:
        masks: dict[str, int] = {}
        for column, bit in zip(self.columns, self._bits, strict=True):
            name = column.action.lower()
            masks[name] = masks.get(name, 0) | bit
        return masks

    @cached_property
    def types(self) -> dict[str, int]:
        """Mask of the columns of each universe."""
        masks: dict[str, int] = {}
        for column, bit in zip(self.columns, self._bits, strict=True):
            name = column.resource_type if column.types_known else UNPUBLISHED
            masks[name] = masks.get(name, 0) | bit
        return masks

    def action_mask(self, pattern: str) -> int:
        """The columns whose action an Action element's pattern matches, in any letter case."""
        mask = self._actions.get(pattern)
        if mask is None:
            mask = self._actions[pattern] = self._match_actions(pattern.lower())
        return mask

    def _match_actions(self, pattern: str) -> int:
        exact = self._lower_actions.get(pattern)
        if exact is not None:
            return exact
        if pattern == "*":
            return self.all
        service = pattern.partition(":")[0]
        if service != self.catalog.service and "*" not in service and "?" not in service:
            return 0
        matches = globs.matcher(globs.parse(pattern))
        return sum(mask for name, mask in self._lower_actions.items() if matches(name))

    @cached_property
    def _key_masks(self) -> dict[str, int]:
        masks: dict[str, int] = {}
        for column, bit in zip(self.columns, self._bits, strict=True):
            for key in self.catalog.keys_for(column.action.partition(":")[2], column.resource_type):
                masks[key] = masks.get(key, 0) | bit
        return masks

    def key_mask(self, key: str) -> int:
        """The columns for which the catalogue lists a service's key (in lower case)."""
        family, slash, _ = key.partition("/")
        return self._key_masks.get(key, 0) | (self._key_masks.get(family + slash, 0) if slash else 0)

    def may_hold(self, _text: str) -> bool:
        """Whether the text may stand somewhere in a resource that a column is about. False is certain."""
        return True

    def cover_masks(self, pattern: Parts) -> tuple[int, int]:
        """The columns of whose resources a pattern matches all, and those of which it matches some."""
        masks = self._covers.get(pattern)
        if masks is None:
            masks = self._covers[pattern] = self._cover(pattern)
        return masks

    def _cover(self, pattern: Parts) -> tuple[int, int]:
        full = some = 0
        for name in self._candidate_types(pattern):
            verdict = self.universes[name].cover(pattern)
            if verdict is Cover.ALL:
                full |= self.types.get(name, 0)
            elif verdict is Cover.SOME:
                some |= self.types.get(name, 0)
        return full, some

    @cached_property
    def _types_by_head(self) -> dict[str, list[str]]:
        """Type names by the literal text up to the first ``/`` of their resource part; by "" where it varies.

        ``UNPUBLISHED`` and types such as S3's objects (``${BucketName}/${ObjectName}``) may begin with anything.
        """
        heads: dict[str, list[str]] = {"": []}
        for name, universe in self.universes.items():
            head = _head(universe.template.split(":", 5)[-1])
            if name != "*":
                heads.setdefault("" if "${" in head else head, []).append(name)
        return heads

    def _candidate_types(self, pattern: Parts) -> list[str]:
        """The types that the pattern's resource part does not rule out at a glance."""
        segments = globs.split_segments(pattern)
        if segments is None or not segments[5] or not isinstance(segments[5][0], str) or "/" not in segments[5][0]:
            return list(self.universes)
        return [*self._types_by_head.get(_head(segments[5][0]), ()), *self._types_by_head[""]]


def _head(resource: str) -> str:
    return resource.partition("/")[0]
