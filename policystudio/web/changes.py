"""Changes of access as pages show them: in words, by type and action, with a request for each direction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from policystudio.engine.analyse.comparison import Change, Comparison, Witness
from policystudio.simulator.what_if import CellChange, IdentityChange, WhatIfChanges
from policystudio.web.words import SIGNS, WORDS, count, listing, sentence

#: Where more cells than this change, they are folded up by type.
OPEN_CELLS = 40
_NAMES = 4
_SERVICES = 12

DIRECTIONS = {
    (True, False): ("+", "newly allowed"),
    (False, True): ("−", "newly denied"),
    (True, True): ("±", "both"),
    (False, False): ("…", "undecided"),
}


@dataclass(frozen=True)
class Verdict:
    """A cell on one side of a change; ``address`` is its Why."""

    letter: str
    sign: str
    word: str
    address: str


@dataclass(frozen=True)
class Row:
    """One action of one type that changes."""

    action: str
    sign: str
    direction: str
    why: str
    allowed: Witness | None
    denied: Witness | None
    before: Verdict | None = None
    after: Verdict | None = None


@dataclass(frozen=True)
class TypeChanges:
    """What changes about one resource type."""

    label: str
    rows: Sequence[Row]

    @property
    def summary(self) -> str:
        """How many actions in each direction, and the first of them."""
        parts = []
        for _, direction in DIRECTIONS.values():
            names = [row.action for row in self.rows if row.direction == direction]
            if names:
                parts.append(f"{len(names)} {direction}: {_first(names)}")
        return "; ".join(parts)


def _first(names: Sequence[str]) -> str:
    """The first few of them."""
    more = len(names) - _NAMES
    return listing([*names[:_NAMES], f"{more:,} more"] if more > 0 else names)


Address = Callable[[Change, bool], str]


def by_type(cells: Iterable[CellChange | Change], address: Address | None = None) -> list[TypeChanges]:
    """Changes of SageMaker's actions by resource type; ``address`` gives the Why of a cell before, or after."""
    rows = [(_change(item).resource_type, _row(item, address)) for item in cells]
    rows.sort(key=lambda pair: (pair[0] == "*", pair[0], pair[1].action))
    return [
        TypeChanges("no resource type" if name == "*" else name, [row for _, row in found])
        for name, found in groupby(rows, key=lambda pair: pair[0])
    ]


def _change(item: CellChange | Change) -> Change:
    return item.change if isinstance(item, CellChange) else item


def _row(item: CellChange | Change, address: Address | None) -> Row:
    change = _change(item)
    sign, direction = DIRECTIONS[change.newly_allowed is not None, change.newly_denied is not None]
    sides: list[Verdict | None] = [None, None]
    if isinstance(item, CellChange) and address is not None:
        letters = ((item.before, False), (item.after, True))
        sides = [Verdict(letter, SIGNS[letter], WORDS[letter], address(change, after)) for letter, after in letters]
    action = change.action.partition(":")[2]
    return Row(action, sign, direction, change.undecided, change.newly_allowed, change.newly_denied, sides[0], sides[1])


def of_services(changes: Sequence[Change]) -> Iterator[tuple[str, str, str]]:
    """Changes of other services: service, direction, and how many actions; where most changes comes first."""
    ordered = sorted(changes, key=lambda change: change.action)
    groups = [(name, list(found)) for name, found in groupby(ordered, key=lambda item: item.action.partition(":")[0])]
    groups.sort(key=lambda pair: (-len(pair[1]), pair[0]))
    for name, found in groups[:_SERVICES]:
        for key, (_, direction) in DIRECTIONS.items():
            same = [item for item in found if (item.newly_allowed is not None, item.newly_denied is not None) == key]
            actions = list(dict.fromkeys(item.action.partition(":")[2] for item in same))
            if actions:
                yield name, direction, f"{count(len(actions), 'action')}: {_first(actions)}"
    rest = groups[_SERVICES:]
    if rest:
        left = len({item.action for _, found in rest for item in found})
        yield count(len(rest), "more service"), "", count(left, "action")


def services_in_short(changes: Sequence[Change]) -> str:
    """How many actions, and of which services most."""
    actions = dict.fromkeys(item.action for item in changes)
    numbers = Counter(action.partition(":")[0] for action in actions)
    names = [name for name, _ in numbers.most_common(_NAMES)]
    more = len(numbers) - len(names)
    return f"{count(len(actions), 'action')} of {listing([*names, count(more, 'more service')] if more else names)}"


# In words.


def of_what_if(found: WhatIfChanges, name: str = "") -> str:
    """`Gives user/dana new access: 4 cells. Takes nothing away.`; ``name`` is that of the only identity asked about."""
    if not found.total:
        return "Nothing: no identity is chosen."
    if name:
        changed = found.found[0] if found.found else None
        return of_identity(changed, name) if changed else f"Nothing: the policies of {name} stay as they are."
    gaining = sum(item.gains for item in found.found)
    losing = sum(item.loses for item in found.found)
    unsure = sum(item.undecided for item in found.found)
    of_all = f"of {count(found.total, 'identity', 'identities')}"
    parts = [
        f"gives {gaining:,} {of_all} new access" if gaining else "gives nobody new access",
        f"takes access away from {losing:,}{'' if gaining else f' {of_all}'}" if losing else "takes nothing away",
    ]
    if not (gaining or losing or unsure or found.left):
        return f"Nothing, for {count(found.total, 'identity', 'identities')}."
    said = sentence(f"it {listing(parts)}")
    said += f" For {unsure:,} it could not be decided." if unsure else ""
    return f"{said} {count(found.left, 'identity was', 'identities were')} not compared." if found.left else said


def of_identity(found: IdentityChange, name: str) -> str:
    """What one identity gains and loses."""
    if not found.gains and not found.loses:
        if found.undecided:
            return f"Undecided for {name}: {found.comparison.undecided}."
        return f"Nothing: {name} can do what it could do before, and nothing else."
    gained, lost = (_numbers(found.cells, found.others, gained=side) for side in (True, False))
    said = f"Gives {name} new access: {gained}." if gained else f"Gives {name} nothing new."
    said += f" Takes access away: {lost}." if lost else " Takes nothing away."
    return f"{said} Undecided: {found.comparison.undecided}." if found.undecided else said


def of_documents(comparison: Comparison) -> str:
    """What changes between two sides that were pasted."""
    cells = [item for item in comparison.changes if _is_cell(item)]
    others = [item for item in comparison.changes if not _is_cell(item)]
    parts = []
    for verdict, gained, none in (
        (comparison.no_new_access, True, "no new access"),
        (comparison.no_lost_access, False, "no access is lost"),
    ):
        what = "new access" if gained else "lost access"
        if verdict is None:
            parts.append(f"{what}: undecided")
        else:
            parts.append(none if verdict else f"{what}: {_numbers(cells, others, gained=gained)}")
    said = " ".join(sentence(part) for part in parts)
    return f"{said} Undecided: {comparison.undecided}." if comparison.undecided else said


def sagemaker_cells(changes: Iterable[Change]) -> tuple[list[Change], list[Change]]:
    """SageMaker's changes, and those of other services."""
    listed = list(changes)
    return [item for item in listed if _is_cell(item)], [item for item in listed if not _is_cell(item)]


def _is_cell(change: Change) -> bool:
    return change.action.startswith("sagemaker:")


def _numbers(cells: Iterable[CellChange | Change], others: Iterable[Change], *, gained: bool) -> str:
    """`4 cells and 12 actions of other services`; empty where there are none."""
    inside = [item for item in map(_change, cells) if _side(item, gained=gained)]
    outside = {item.action for item in others if _side(item, gained=gained)}
    parts = [count(len(inside), "cell")] if inside else []
    parts += [f"{count(len(outside), 'action')} of other services"] if outside else []
    return listing(parts)


def _side(change: Change, *, gained: bool) -> Witness | None:
    return change.newly_allowed if gained else change.newly_denied
