"""Sets of cells as a policy would name them: actions by few patterns, on resource types, and nothing else with them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.catalog.types import Column

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+|[^A-Za-z0-9]+")

#: An action and a resource type.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """Patterns of action names: an action is named if one of ``include`` matches it and none of ``exclude`` does."""

    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()

    def match(self, action: str) -> bool:
        """Whether the action is named; letter case does not matter, as in policies."""
        return _matches(self.include, action) and not _matches(self.exclude, action)


@dataclass(frozen=True, slots=True)
class Block:
    """The cells of some actions on some resource types. ``types`` are empty where the actions' types are all meant."""

    names: Names
    types: tuple[str, ...]
    cells: tuple[Column, ...]

    def covers(self, column: Column) -> bool:
        """Whether the block, read as a policy's line, says something of a column."""
        return (not self.types or column.resource_type in self.types) and self.names.match(column.action)


def blocks_of(cells: Iterable[Column], columns: Sequence[Column]) -> list[Block]:
    """Some of ``columns`` as few blocks that cover these and none of the others.

    First the actions that are there on all their types, then the others by the types that they are there on.
    """
    chosen = {_place(column) for column in cells}
    types: dict[str, list[str]] = {}
    every: dict[str, int] = {}
    for column in columns:
        every[column.action] = every.get(column.action, 0) + 1
        if _place(column) in chosen:
            types.setdefault(column.action, []).append(column.resource_type)
    whole = {action for action, found in types.items() if len(found) == every[action]}
    parts: dict[tuple[str, ...], set[str]] = {}
    for action, found in types.items():
        if action not in whole:
            parts.setdefault(tuple(found), set()).add(action)
    result = [_block(whole, (), columns)] if whole else []
    return result + [_block(actions, wanted, columns) for wanted, actions in _joined(parts, columns, chosen)]


def _joined(
    parts: dict[tuple[str, ...], set[str]], columns: Sequence[Column], chosen: set[Place]
) -> list[tuple[tuple[str, ...], set[str]]]:
    """Actions by their types; two of these are one where no cell comes in by that."""
    result: list[tuple[tuple[str, ...], set[str]]] = []
    for types, actions in parts.items():
        for number, (other_types, others) in enumerate(result):
            wide, both = tuple(dict.fromkeys((*other_types, *types))), others | actions
            inside = (column for column in columns if column.action in both and column.resource_type in wide)
            if all(_place(column) in chosen for column in inside):
                result[number] = wide, both
                break
        else:
            result.append((types, actions))
    return result


def _block(actions: set[str], types: tuple[str, ...], columns: Sequence[Column]) -> Block:
    near = [column for column in columns if not types or column.resource_type in types]
    names = names_of(actions, {column.action for column in near})
    return Block(names, types, tuple(column for column in near if column.action in actions))


def names_of(actions: Iterable[str], known: Iterable[str]) -> Names:
    """The fewest patterns that name ``actions`` and no other of the ``known`` ones.

    A pattern is a name, or the beginning of names up to the end of a word, with a star: ``sagemaker:Describe*``. Those
    with a star come first.
    """
    chosen = frozenset(actions)
    include, exclude = _tree(frozenset(known) | chosen).named(chosen)
    return Names(*(tuple(sorted(found, key=lambda text: not text.endswith("*"))) for found in (include, exclude)))


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(globs.matches(globs.parse(pattern.lower()), action.lower()) for pattern in patterns)


def _place(column: Column) -> Place:
    return column.action, column.resource_type


@dataclass(frozen=True)
class _Node:
    """The names that begin with the same words. ``pattern`` matches all of them; ``exact`` if it matches no other."""

    names: frozenset[str]
    pattern: str
    exact: bool
    children: "tuple[_Node, ...]" = ()

    def named(self, chosen: frozenset[str]) -> tuple[list[str], list[str]]:
        """The fewest patterns for the chosen ones of the names: those to include, and those to leave out again."""
        if not self.names & chosen:
            return [], []
        if self.names <= chosen and self.exact:
            return [self.pattern], []
        include: list[str] = []
        exclude: list[str] = []
        for child in self.children:
            more, less = child.named(chosen)
            include, exclude = include + more, exclude + less
        spared = self.spared(chosen) if self.exact else include + exclude
        return ([self.pattern], spared) if 1 + len(spared) < len(include) + len(exclude) else (include, exclude)

    def spared(self, chosen: frozenset[str]) -> list[str]:
        """The fewest patterns for the names that are not chosen."""
        if self.names <= chosen:
            return []
        if self.exact and not self.names & chosen:
            return [self.pattern]
        return [text for child in self.children for text in child.spared(chosen)]


@lru_cache(maxsize=500)
def _tree(known: frozenset[str]) -> _Node:
    """All names, by their words."""
    return _node({name: _WORDS.findall(name) for name in sorted(known)}, 0, [name.lower() for name in known])


def _node(names: dict[str, list[str]], depth: int, every: list[str]) -> _Node:
    if len(names) == 1:
        return _Node(frozenset(names), next(iter(names)), exact=True)
    groups: dict[str, dict[str, list[str]]] = {}
    for name, words in names.items():
        groups.setdefault(words[depth] if depth < len(words) else "", {})[name] = words
    if len(groups) == 1:
        return _node(names, depth + 1, every)
    beginning = "".join(next(iter(names.values()))[:depth])
    alike = sum(name.startswith(beginning.lower()) for name in every)
    children = tuple(_node(group, depth + 1, every) for group in groups.values())
    return _Node(frozenset(names), f"{beginning}*", alike == len(names), children)
