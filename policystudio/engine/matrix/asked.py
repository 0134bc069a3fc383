"""The columns of one action on resources that somebody asks about, each a concrete ARN or an ARN pattern."""

from collections.abc import Callable, Sequence
from functools import cached_property

from policystudio.engine import globs
from policystudio.engine.catalog.types import NO_TYPE, Action, ActionResource, Catalog, ResourceType
from policystudio.engine.exact.asked import AskedUniverse
from policystudio.engine.exact.signatures import Cover
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts
from policystudio.engine.matrix.space import Space


class AskedSpace(Space):
    """A column for each of ``resources``: ARNs, patterns of ARNs, or the lone ``*`` for an action without a type.

    ``sends`` tells whether requests for the action may carry a service's context key, given in lower case. ``colons``
    and ``regional`` are as in ``AskedUniverse``.
    """

    def __init__(
        self,
        action: str,
        resources: Sequence[str],
        partition: str,
        account: str,
        sends: Callable[[str], bool],
        *,
        colons: bool = True,
        regional: bool = False,
    ) -> None:
        service, _, name = action.partition(":")
        types = [resource for resource in dict.fromkeys(resources) if resource != NO_TYPE]
        taken = tuple(ActionResource(resource, False, (), ()) for resource in types)
        formats = tuple(ResourceType(resource, resource, ()) for resource in types)
        asked = Action(name, "Write", taken, (), (), ())
        super().__init__(Catalog(service.lower(), (asked,), formats, ()), partition, account)
        self.sends = sends
        self.colons, self.regional = colons, regional

    def universe(self, template: str) -> ResourceUniverse:
        """The resources that one ARN pattern stands for."""
        return AskedUniverse(template, self.partition, self.account, colons=self.colons, regional=self.regional)

    def key_mask(self, key: str) -> int:
        """All columns for a service's key that requests for the action may carry."""
        return self.all if self.sends(key) else 0

    def may_hold(self, text: str) -> bool:
        """As in ``Space``; certain of resources that are asked about by their own ARNs."""
        return bool(self._wild) or text in self._joined

    def _cover(self, pattern: Parts) -> tuple[int, int]:
        if globs.is_literal(pattern):
            full = self._literal.get(str(pattern[0]) if pattern else "", 0)
            return full, self._touched(pattern, self._wild, 0)[1]
        return self._touched(pattern, self._wild, self._matched(pattern))

    def _matched(self, pattern: Parts) -> int:
        matches = globs.matcher(pattern)
        return sum(mask for arn, mask in self._literal.items() if matches(arn))

    @staticmethod
    def _touched(pattern: Parts, universes: Sequence[tuple[ResourceUniverse, int]], full: int) -> tuple[int, int]:
        some = 0
        for universe, mask in universes:
            verdict = universe.cover(pattern)
            full |= mask if verdict is Cover.ALL else 0
            some |= mask if verdict is Cover.SOME else 0
        return full, some

    @cached_property
    def _literal(self) -> dict[str, int]:
        """The columns about one resource each, by its ARN."""
        return {name: mask for name, mask in self.types.items() if not set(name) & set("*?") or name == NO_TYPE}

    @cached_property
    def _joined(self) -> str:
        return "\0".join(self._literal)

    @cached_property
    def _wild(self) -> list[tuple[ResourceUniverse, int]]:
        """The other columns, with their resources."""
        return [(self.universes[name], mask) for name, mask in self.types.items() if name not in self._literal]
