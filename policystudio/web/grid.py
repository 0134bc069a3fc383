"""The simulator's grid as HTML: types as columns, four squares a cell, opened types action by action."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from policystudio.engine.catalog.types import Column
from policystudio.web.words import LEVELS, SIGNS, WORDS, wbr


@dataclass(frozen=True)
class TypeColumns:
    """The columns of one resource type: they stand at ``start`` to ``stop`` of a row's verdicts.

    ``squares`` has, for each level, the places of its actions within the type's columns.
    """

    name: str
    start: int
    stop: int
    actions: tuple[Column, ...]
    squares: tuple[tuple[int, ...], ...]

    @property
    def label(self) -> str:
        """The type's name for people; the pseudo-type of actions without one has no name in AWS."""
        return "no resource type" if self.name == "*" else self.name


def types_of(columns: Sequence[Column]) -> tuple[TypeColumns, ...]:
    """Cut a matrix's columns, which come type by type, at the borders of the types."""
    groups: list[TypeColumns] = []
    start = 0
    for stop in range(1, len(columns) + 1):
        if stop == len(columns) or columns[stop].resource_type != columns[start].resource_type:
            actions = tuple(columns[start:stop])
            groups.append(TypeColumns(actions[0].resource_type, start, stop, actions, _squares(actions)))
            start = stop
    return tuple(groups)


def _squares(actions: Sequence[Column]) -> tuple[tuple[int, ...], ...]:
    levels = [level_of(column) for column in actions]
    return tuple(tuple(at for at, level in enumerate(levels) if level == wanted) for wanted in LEVELS)


def level_of(column: Column) -> str:
    """The square that an action belongs to; managing permissions is a way of writing."""
    return column.access_level if column.access_level in LEVELS else "Write"


@lru_cache(maxsize=4096)
def common(letters: str) -> str:
    """One letter for several verdicts: their own where they agree, else ``M`` (mixed).

    Two mixtures are told apart from it: ``N`` where nothing is possible (implicit and explicit denies), ``P`` where
    nothing is possible without conditions.
    """
    found = set(letters)
    if len(found) == 1:
        return letters[0]
    if found <= {"I", "E"}:
        return "N"
    return "P" if found <= {"I", "E", "C"} else "M"


@lru_cache(maxsize=65536)
def summary_cell(squares: tuple[tuple[int, ...], ...], letters: str) -> SafeString:
    """The cell of a closed type: a class for each square, and the verdicts in words for those who listen."""
    found = {
        level: common("".join(letters[at] for at in places))
        for level, places in zip(LEVELS, squares, strict=True)
        if places
    }
    classes = " ".join(f"{level[0].lower()}{letter}" for level, letter in found.items())
    return format_html('<td class="q {}" aria-label="{}"></td>', classes, in_words(found))


def in_words(found: dict[str, str]) -> str:
    """`List and Read allowed, Write mixed`: the levels of a cell by their verdict."""
    if len(set(found.values())) == 1:
        return f"all {WORDS[next(iter(found.values()))]}"
    by_letter: dict[str, list[str]] = {}
    for level, letter in found.items():
        by_letter.setdefault(letter, []).append(level)
    return ", ".join(f"{_and(levels)} {WORDS[letter]}" for letter, levels in by_letter.items())


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@lru_cache(maxsize=64)
def action_cell(letter: str, edge: str) -> SafeString:
    """The cell of one action of an open type: colour, sign, and the word for those who listen."""
    return format_html(
        '<td class="w{}" aria-label="{}"><span class="v {}">{}</span></td>', edge, WORDS[letter], letter, SIGNS[letter]
    )


def row_cells(types: Iterable[TypeColumns], opened: Collection[str], verdicts: str) -> SafeString:
    """All cells of one identity."""
    cells: list[str] = []
    for group in types:
        letters = verdicts[group.start : group.stop]
        if group.name not in opened:
            cells.append(summary_cell(group.squares, letters))
            continue
        last = len(letters) - 1
        for at, letter in enumerate(letters):
            cells.append(action_cell(letter, (" first" if at == 0 else "") + (" last" if at == last else "")))
    return mark_safe("".join(cells))  # noqa: S308 -- the pieces are escaped above


def heads(types: Iterable[TypeColumns], opened: Collection[str]) -> tuple[SafeString, SafeString]:
    """The two header rows: types (an open one spans its actions), and the actions of the open types."""
    first, second = [], []
    for group in types:
        if group.name in opened:
            first.append(_open_type(group))
            second.append(_action_heads(group))
        else:
            first.append(_closed_type(group))
    return mark_safe("".join(first)), mark_safe("".join(second))  # noqa: S308 -- the pieces are escaped below


def _closed_type(group: TypeColumns) -> SafeString:
    return format_html(
        '<th scope="col" rowspan="2" class="t" data-type="{0}" title="{1}: {2} actions">'
        '<button name="toggle" value="{0}" form="question" tabindex="-1" aria-expanded="false"><span>{3}</span>'
        "</button></th>",
        group.name,
        group.label,
        len(group.actions),
        wbr(group.label),
    )


def _open_type(group: TypeColumns) -> SafeString:
    return format_html(
        '<th scope="colgroup" colspan="{2}" class="g first last" data-type="{0}">'
        '<button name="toggle" value="{0}" form="question" tabindex="-1" aria-expanded="true" title="{1}">'
        "<span>{1}</span></button></th>",
        group.name,
        group.label,
        len(group.actions),
    )


def _action_heads(group: TypeColumns) -> SafeString:
    last = len(group.actions) - 1
    return format_html_join(
        "",
        '<th scope="col" class="a{}" data-type="{}" data-action="{}" title="{} · {}" aria-label="{}">'
        "<span>{}</span></th>",
        (
            (
                (" first" if at == 0 else "") + (" last" if at == last else ""),
                group.name,
                column.action,
                column.action,
                column.access_level,
                column.action.partition(":")[2],
                wbr(column.action.partition(":")[2]),
            )
            for at, column in enumerate(group.actions)
        ),
    )
