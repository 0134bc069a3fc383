"""What an identity can do, for its page: the lines of the summary by verdict, short at first and whole when opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from policystudio.accounts.models import Account
from policystudio.engine.analyse.naming import Block
from policystudio.engine.catalog.types import ACCESS_LEVELS
from policystudio.engine.document import Condition
from policystudio.simulator.ability import TRAINING, Ability
from policystudio.simulator.what_can import NEVER, Line, Summary
from policystudio.simulator.what_can_words import ALL_VALUES, HEADINGS, clauses_of, shared_of, types_of

_PREFIX = "sagemaker:"
#: So many patterns of a list are shown at first.
MOST_SHOWN = 6
#: So many lines of one verdict; the others open in place.
MOST_LINES = 10
#: With more types than this an address would be unwieldy; the simulator then shows all of them.
_MOST_TYPES = 12
_MOST_ROLES = 6


@dataclass(frozen=True)
class Part:
    """Actions as patterns without the service's prefix, and the types that they are meant on, if these need a word."""

    include: Sequence[str]
    more: int
    exclude: Sequence[str]
    more_excluded: int
    types: str


@dataclass(frozen=True)
class LineRow:
    """One line: of ``count`` actions, ``numbers`` by access level.

    ``levels`` names them all by level; it is empty where the patterns are their names already. So is ``whole`` where
    ``says`` leaves out nothing.
    """

    parts: Sequence[Part]
    says: Sequence[str]
    whole: Sequence[str]
    is_denied: bool
    numbers: str
    count: int
    levels: Sequence[tuple[str, Sequence[str]]]
    address: str


@dataclass(frozen=True)
class Section:
    """The lines of one verdict; ``hidden`` ones open in place."""

    letter: str
    title: str
    rows: Sequence[LineRow]
    hidden: Sequence[LineRow]


def sections_of(account: Account, summary: Summary) -> list[Section]:
    """The lines of a summary, in its order."""
    shared = shared_of(summary)
    base = reverse("web:simulator", args=[account.number])
    groups: dict[str, list[LineRow]] = {}
    titles: dict[str, str] = {}
    for line in summary.lines:
        titles[line.verdict.value] = HEADINGS[line.verdict]
        groups.setdefault(line.verdict.value, []).append(_row(line, summary, shared, base))
    return [Section(letter, titles[letter], *_cut(rows)) for letter, rows in groups.items()]


def _cut(rows: list[LineRow]) -> tuple[list[LineRow], list[LineRow]]:
    """The first rows and the others; a single one more is not worth hiding."""
    most = len(rows) if len(rows) <= MOST_LINES + 1 else MOST_LINES
    return rows[:most], rows[most:]


def _row(line: Line, summary: Summary, shared: Sequence[Condition], base: str) -> LineRow:
    parts = tuple(_part(block, types_of(block, line, summary)) for block in line.blocks)
    levels = [
        (level, tuple(sorted(_bare(action) for action, its in line.actions.items() if its == level)))
        for level in ACCESS_LEVELS
        if level in line.levels
    ]
    plain = all(not (part.more or part.more_excluded or part.exclude) for part in parts)
    named = plain and not any(name.endswith("*") for part in parts for name in part.include)
    numbers = ", ".join(f"{level} {number}" for level, number in line.levels.items())
    address = f"{base}?{urlencode(_filters(line, summary))}"
    says, whole = clauses_of(line, shared), clauses_of(line, shared, ALL_VALUES)
    count, shown = len(line.actions), [] if named else levels
    return LineRow(parts, says, [] if whole == says else whole, line.verdict in NEVER, numbers, count, shown, address)


def _part(block: Block, types: str) -> Part:
    include, more = _first(block.names.include)
    exclude, more_excluded = _first(block.names.exclude)
    return Part(include, more, exclude, more_excluded, types)


def _first(patterns: Sequence[str]) -> tuple[list[str], int]:
    most = len(patterns) if len(patterns) <= MOST_SHOWN + 1 else MOST_SHOWN
    return [_bare(text) for text in patterns[:most]], len(patterns) - most


def _bare(action: str) -> str:
    return action.removeprefix(_PREFIX)


def _filters(line: Line, summary: Summary) -> list[tuple[str, str]]:
    """The parameters of the simulator that show the line's cells, as far as it has filters for them."""
    pairs = [("identity", summary.bearer.arn)]
    patterns = {text for block in line.blocks for text in block.names.include}
    action = _bare(patterns.pop()) if len(patterns) == 1 else ""
    pairs += [("action", action)] if action not in ("", "*") else []
    types = list(dict.fromkeys(column.resource_type for column in line.cells))
    pairs += [("type", name) for name in types] if len(types) <= _MOST_TYPES else []
    return [*pairs, ("open", types[0])] if len(types) == 1 else pairs


def levels_of(summary: Summary) -> list[str]:
    """How many actions of each level are possible: `Read 95 of 104`."""
    return [f"{level} {possible:,} of {every:,}" for level, possible, every in summary.levels]


@dataclass(frozen=True)
class RoleLinks:
    """Roles by name with their pages; ``more`` are not shown, ``scenario`` says all of each."""

    links: Sequence[tuple[str, str]]
    more: int
    scenario: str


def roles_of(account: Account, found: Ability) -> RoleLinks | None:
    """The roles as which training jobs of the identity can run; None where none can, or that is not known."""
    if found.passing is None or not found.passing.possible:
        return None
    cell = found.summary.cell(f"{_PREFIX}{TRAINING}", "training-job")
    if cell in NEVER:
        return None
    shown = found.passing.possible[:_MOST_ROLES]
    links = [(role.name, reverse("web:identity", args=[account.number, role.id])) for role in shown]
    asked = urlencode([("operation", TRAINING), ("identity", found.summary.bearer.arn)])
    base = reverse("web:scenarios", args=[account.number])
    return RoleLinks(links, len(found.passing.possible) - len(shown), f"{base}?{asked}#roles")
