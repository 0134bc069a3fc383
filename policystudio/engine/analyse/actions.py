"""Every known action of every service as one bit of an integer, and what patterns match of them."""

from collections.abc import Iterable, Iterator
from functools import cache, cached_property, lru_cache

from policystudio.engine import globs
from policystudio.engine.catalog.load import load_sagemaker, load_service_actions
from policystudio.engine.document import Statement
from policystudio.engine.nearest import nearest

#: What stands for the wildcards of a pattern that matches no known action.
_UNKNOWN_NAME = "Example"


#: How many patterns with wildcards are kept with what they match.
_KEPT = 10_000


class Actions:
    """Actions, each with a place: the ``known`` ones first, then the further ``names``."""

    def __init__(self, names: Iterable[str], known: "Actions | None" = None) -> None:
        self.known = known
        self.first = len(known.names) if known else 0
        self.names: tuple[str, ...] = (*(known.names if known else ()), *names)
        self.all = (1 << len(self.names)) - 1
        self._masks: dict[str, int] = {}

    @cached_property
    def _places(self) -> dict[str, int]:
        """The own names in lower case, each with its place."""
        return {name.lower(): place for place, name in enumerate(self.names[self.first :], self.first)}

    @cached_property
    def _services(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for name, place in self._places.items():
            found.setdefault(name.partition(":")[0], []).append((name, place))
        return found

    def mask(self, pattern: str) -> int:
        """The actions that an entry of Action matches."""
        if "*" not in pattern and "?" not in pattern:
            return self._named(pattern.lower())
        found = self._masks.get(pattern)
        if found is None:
            if len(self._masks) >= _KEPT:
                self._masks.clear()
            found = self._masks[pattern] = self._match(pattern.lower())
        return found

    def _named(self, name: str) -> int:
        place = self._places.get(name)
        if place is not None:
            return 1 << place
        return self.known._named(name) if self.known else 0

    def _match(self, pattern: str) -> int:
        if pattern == "*":
            return self.all
        service, _, _ = pattern.partition(":")
        among: Iterable[tuple[str, int]] = self._places.items()
        if not set(service) & set("*?"):
            among = self._services.get(service, ())
        matches = globs.matcher(globs.parse(pattern))
        own = _bits(place for name, place in among if matches(name))
        return own | self.known.mask(pattern) if self.known else own

    def nearest(self, written: str) -> str:
        """The known action that was probably meant; "" where none is near."""
        service, _, name = written.lower().partition(":")
        if service not in self._services:
            service = nearest(service, self._services)
        return nearest(f"{service}:{name}", (self.names[place] for _, place in self._services.get(service, ())))

    def of(self, statement: Statement) -> int:
        """The actions that a statement names."""
        mask = 0
        for pattern in statement.actions or statement.not_actions:
            mask |= self.mask(pattern)
        return self.all & ~mask if statement.not_actions else mask

    def listed(self, mask: int) -> Iterator[str]:
        """The names of the actions of a mask."""
        while mask:
            low = mask & -mask
            yield self.names[low.bit_length() - 1]
            mask ^= low


def _bits(places: Iterable[int]) -> int:
    mask = bytearray()
    for place in places:
        if place >> 3 >= len(mask):
            mask.extend(bytes((place >> 3) + 1 - len(mask)))
        mask[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(mask, "little")


@cache
def known_actions() -> Actions:
    """Every action of the catalogue."""
    names = {f"{prefix}:{name}" for prefix, actions in load_service_actions().items() for name in actions}
    catalog = load_sagemaker()
    names |= {f"{catalog.service}:{action.name}" for action in catalog.actions}
    return Actions(sorted(names))


def actions_for(statements: Iterable[Statement]) -> Actions:
    """The known actions, and one for each pattern of the statements that matches none of them.

    AWS adds actions faster than a catalogue is renewed, and a policy may name them first.
    """
    known = known_actions()
    patterns = {text for item in statements for text in (*item.actions, *item.not_actions)}
    strange = sorted(text for text in patterns if not known.mask(text))
    more = dict.fromkeys(name for name in map(_instance, strange) if name)
    return _with_more(tuple(more)) if more else known


def strange_names(statement: Statement) -> Iterator[str]:
    """The actions that ``actions_for`` has for the patterns of a statement, beside the known ones."""
    known = known_actions()
    for text in (*statement.actions, *statement.not_actions):
        if not known.mask(text) and (name := _instance(text)):
            yield name


@lru_cache(maxsize=50)
def _with_more(names: tuple[str, ...]) -> Actions:
    """The known actions and others; kept, as the same policies are asked about again and again."""
    return Actions(names, known_actions())


def _instance(pattern: str) -> str:
    """An action that a pattern matches; empty for one that matches nothing that reads as an action."""
    service, _, name = pattern.partition(":")
    bare = name.replace("*", "").replace("?", "x")
    text = f"{service.replace('*', '').replace('?', 'x')}:{bare or _UNKNOWN_NAME}"
    plain = text.replace(":", "").replace("-", "").replace("_", "")
    return text if plain.isalnum() and plain.isascii() and text.partition(":")[0] else ""
