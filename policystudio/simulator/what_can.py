"""What can this identity do? Its exact cells as a few lines like a policy's, from which each cell comes again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from policystudio.accounts.models import Account
from policystudio.engine.analyse.naming import Block, blocks_of
from policystudio.engine.analyse.obstacles import Place
from policystudio.engine.catalog.types import ACCESS_LEVELS, Column
from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.rows import Matrix, PreparedRow
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.residues import Residues, content, joined, narrow_layers, plain
from policystudio.simulator.scenario_steps import Blame
from policystudio.simulator.selectors import (
    UnknownIdentity,
    catalog,
    columns_of,
    compiled_matrix,
    problems_of,
    subject_reader,
)
from policystudio.simulator.sentences import Residue
from policystudio.simulator.stacks import Bearer, OrganizationView, Subject, SubjectReader, bearers
from policystudio.simulator.together import required_types, weakest

#: In the order in which lines are told. Of implicit denies there are lines only where a layer stands in the way.
SHOWN = (
    CellVerdict.ALLOWED,
    CellVerdict.SOME,
    CellVerdict.CONDITIONAL,
    CellVerdict.UNDECIDED,
    CellVerdict.EXPLICIT_DENY,
    CellVerdict.IMPLICIT_DENY,
)
POSSIBLE = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL})
NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})
#: As in the answer why a cell says what it says.
_NAMES = {Layer.IDENTITY: "identity policies", Layer.BOUNDARY: "permissions boundary"}
_QUIET_LEVELS = frozenset({"List", "Read"})


@dataclass(frozen=True)
class Line:
    """Cells of which the same can be said.

    ``blocks`` name them. ``residue`` says of those that are allowed in part which; ``blames`` of those that never are,
    what stands in the way; ``undecided`` why there is no verdict.
    """

    verdict: CellVerdict
    blocks: tuple[Block, ...]
    residue: tuple[Residue, ...] = ()
    blames: tuple[Blame, ...] = ()
    undecided: str = ""

    @cached_property
    def cells(self) -> tuple[Column, ...]:
        """The cells that the line is about."""
        return tuple(column for block in self.blocks for column in block.cells)

    @cached_property
    def actions(self) -> dict[str, str]:
        """The actions, each once, with their access levels."""
        return {column.action: column.access_level for column in self.cells}

    @cached_property
    def levels(self) -> dict[str, int]:
        """How many actions there are of each access level that there is."""
        found = Counter(self.actions.values())
        return {level: found[level] for level in ACCESS_LEVELS if level in found}


@dataclass(frozen=True, slots=True)
class Incomplete:
    """An action that is possible on some resource type, and never on another one that it requires as well."""

    action: str
    cells: Mapping[str, CellVerdict]


@dataclass(frozen=True)
class Summary:
    """The lines of one identity.

    A column that no line covers is an implicit deny: no policy of the identity allows it.
    """

    bearer: Bearer
    columns: tuple[Column, ...]
    letters: str
    lines: tuple[Line, ...]
    incomplete: tuple[Incomplete, ...]
    problems: tuple[str, ...] = ()

    @cached_property
    def verdicts(self) -> dict[str, CellVerdict]:
        """Each action with what it comes to: of several required types all must allow, of the others one is enough."""
        found: dict[str, list[CellVerdict]] = {}
        for column, letter in zip(self.columns, self.letters, strict=True):
            found.setdefault(column.action, []).append(CellVerdict(letter))
        never = {one.action for one in self.incomplete}
        return {action: _of_action(cells, action in never) for action, cells in found.items()}

    @cached_property
    def levels(self) -> list[tuple[str, int, int]]:
        """For each access level that there is: how many actions are possible at all, and how many there are."""
        level_of = {column.action: column.access_level for column in self.columns}
        every = Counter(level_of.values())
        possible = Counter(level_of[action] for action, verdict in self.verdicts.items() if verdict in POSSIBLE)
        return [(level, possible[level], every[level]) for level in ACCESS_LEVELS if level in every]

    @property
    def possible(self) -> tuple[Line, ...]:
        """The lines of what is allowed, always or in part."""
        return tuple(line for line in self.lines if line.verdict in POSSIBLE)

    def line_of(self, action: str, resource_type: str) -> Line | None:
        """The line that a cell is in; None where no policy of the identity allows anything there."""
        return self._lines.get((action, resource_type))

    def cell(self, action: str, resource_type: str) -> CellVerdict:
        """The verdict of a cell that was asked about; raises ``KeyError`` for another one."""
        return self._cells[action, resource_type]

    @cached_property
    def _cells(self) -> dict[tuple[str, str], CellVerdict]:
        pairs = zip(self.columns, self.letters, strict=True)
        return {(column.action, column.resource_type): CellVerdict(letter) for column, letter in pairs}

    @cached_property
    def _lines(self) -> dict[tuple[str, str], Line]:
        return {(column.action, column.resource_type): line for line in self.lines for column in line.cells}

    @cached_property
    def untold(self) -> int:
        """How many cells no line is about."""
        return len(self.columns) - sum(len(line.cells) for line in self.lines)


def _of_action(cells: Sequence[CellVerdict], incomplete: bool) -> CellVerdict:
    """All allowed, possible at all, undecided, or never: by the letters of ``A``, ``C``, ``U`` and ``I``."""
    if incomplete:
        return CellVerdict.IMPLICIT_DENY
    if set(cells) == {CellVerdict.ALLOWED}:
        return CellVerdict.ALLOWED
    if not POSSIBLE.isdisjoint(cells):
        return CellVerdict.CONDITIONAL
    return CellVerdict.UNDECIDED if CellVerdict.UNDECIDED in cells else CellVerdict.IMPLICIT_DENY


def what_can(account: Account, question: Question) -> Summary:
    """The summary of the one identity that a question is about; raises ``UnknownIdentity``.

    Of the columns' filters the resource types count: a line's patterns speak of all actions on its types.
    """
    return summary_of(*read_one(account, question), question)


def read_one(account: Account, question: Question) -> tuple[SubjectReader, Subject]:
    """The one identity that a question is about, with all that applies to it; raises ``UnknownIdentity``."""
    [arn] = question.identities.arns
    reader = subject_reader(account, question)
    found = bearers(reader.source, IdentityFilter(arns=(arn,)))
    if not found:
        raise UnknownIdentity(arn)
    return reader, reader.subjects(found)[0]


def summary_of(reader: SubjectReader, subject: Subject, question: Question) -> Summary:
    """The summary of an identity that was read already."""
    compiled, lock = compiled_matrix(reader.account, question)
    picked, _ = columns_of(question.columns)
    with lock:
        prepared = compiled.prepare([subject.row])[0]
        summary = summarize(compiled, prepared, picked, subject.bearer, level_names(reader.organization))
    return replace(summary, problems=tuple(problems_of(reader)))


def level_names(organization: OrganizationView) -> tuple[str, ...]:
    """The names of the organization's levels, root first."""
    return tuple(level.name for level in organization.tree or ())


def summarize(
    compiled: Matrix, prepared: PreparedRow, picked: Sequence[int], bearer: Bearer, levels: Sequence[str] = ()
) -> Summary:
    """The summary of one row over the columns of these indexes. Use it under the matrix's lock."""
    space = compiled.space
    columns = tuple(space.columns[index] for index in picked)
    several = _with_several_types(columns)
    needed = {space.index_of[action, name] for action, types in several.items() for name in types}
    whole = len(picked) == len(space.columns)
    letters = compiled.letters(prepared, only=None if whole else frozenset({*picked, *needed}))
    incomplete = []
    for action, types in several.items():
        cells = {name: CellVerdict(letters[space.index_of[action, name]]) for name in types}
        if weakest(list(cells.values())) in NEVER and not POSSIBLE.isdisjoint(cells.values()):
            incomplete.append(Incomplete(action, cells))
    lines = _Lines(compiled, prepared, levels).of(picked, letters, columns)
    return Summary(bearer, columns, "".join(letters[index] for index in picked), tuple(lines), tuple(incomplete))


def _with_several_types(columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    """The actions that require several types, with all of these, whether they are asked about or not."""
    required = {column.action: required_types(catalog().action(column.action)) for column in columns if column.required}
    return {action: types for action, types in required.items() if len(types) > 1}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a line says of its cells, but for the resources of their types."""

    verdict: CellVerdict
    content: frozenset[tuple[object, ...]] = frozenset()
    blames: tuple[Blame, ...] = ()
    undecided: str = ""


class _Lines:
    """Puts the cells of one row together of which the same can be said."""

    def __init__(self, compiled: Matrix, prepared: PreparedRow, levels: Sequence[str]) -> None:
        self.compiled, self.prepared = compiled, prepared
        self.residues = Residues(compiled, prepared)
        self.policies = {place: [named for named, _ in policies] for place, policies in self.residues.placed}
        self.levels = levels
        self._plain: dict[tuple[Residue, ...], tuple[frozenset[tuple[object, ...]], tuple[Residue, ...]]] = {}
        row = prepared.row
        self.unreadable = bool(row.unreadable_identity or row.unreadable_around)

    def of(self, picked: Sequence[int], letters: str, columns: Sequence[Column]) -> list[Line]:
        """The lines, the most important first."""
        groups: dict[_Said, list[tuple[Column, tuple[Residue, ...]]]] = {}
        for index in picked:
            said, residue = self.said(index, CellVerdict(letters[index]))
            if said is not None:
                groups.setdefault(said, []).append((self.compiled.space.columns[index], residue))
        lines = []
        for said, found in groups.items():
            blocks = tuple(blocks_of((column for column, _ in found), columns))
            residue = joined(dict.fromkeys(residue for _, residue in found))
            lines.append(Line(said.verdict, blocks, residue, said.blames, said.undecided))
        return sorted(lines, key=_importance)

    def said(self, index: int, verdict: CellVerdict) -> tuple[_Said | None, tuple[Residue, ...]]:
        """What is said of a cell; None for an implicit deny where no policy of the identity allows anything."""
        match verdict:
            case CellVerdict.ALLOWED:
                return _Said(verdict), ()
            case CellVerdict.UNDECIDED:
                return _Said(verdict, undecided=self.compiled.cell(self.prepared, index).undecided), ()
            case CellVerdict.SOME | CellVerdict.CONDITIONAL:
                return self.mixed(verdict, self.residues.of(index))
        if self.unreadable:
            return None, ()
        blames = self.blames(index, verdict)
        return (_Said(verdict, blames=blames) if blames else None), ()

    def mixed(self, verdict: CellVerdict, found: tuple[Residue, ...]) -> tuple[_Said, tuple[Residue, ...]]:
        """What is said of a cell that is allowed in part; many cells have the very same residue."""
        known = self._plain.get(found)
        if known is None:
            residue = plain(found)
            contents = frozenset((item.layer, item.level, item.effect, *content(item)) for item in residue)
            known = self._plain[found] = contents, residue
        contents, residue = known
        return _Said(verdict, contents), residue

    # --- What stands in the way of a cell that is never allowed ------------------------------------------------------

    def blames(self, index: int, verdict: CellVerdict) -> tuple[Blame, ...]:
        """The layers that stand in the way of what the identity's own policies allow."""
        residue = self.residues.of(index)
        if verdict is CellVerdict.EXPLICIT_DENY:
            return tuple(self.denying(residue))
        granting = {Place(item.layer, item.level) for item in residue if item.effect is Effect.ALLOW}
        own, *around = self.policies
        if own not in granting and not self.prepared.row.unrestricted:
            return ()
        lacking = [place for place in around if place not in granting]
        return tuple(self.blame(place) for place in lacking or self.meeting(index, residue))

    def denying(self, residue: Sequence[Residue]) -> Iterator[Blame]:
        """The Deny statements that keep all of a cell away, else all those that do so together."""
        denies = [item for item in residue if item.effect is Effect.DENY]
        denies = [item for item in denies if item.everywhere] or denies
        layers: dict[Place, dict[str, None]] = {}
        for item in denies:
            layers.setdefault(Place(item.layer, item.level), {})[item.policy] = None
        for place, policies in layers.items():
            yield Blame(place.layer, self.name(place), tuple(policies), True)

    def meeting(self, index: int, residue: Sequence[Residue]) -> list[Place]:
        """The layers without one of which the cell would be possible; else all that allow only a part of it."""
        narrow = [Place(items[0].layer, items[0].level) for items in narrow_layers(residue)]
        outer = [place for place in list(self.policies)[1:] if place in narrow]
        alone = [place for place in outer if self.without(place, index) is not CellVerdict.IMPLICIT_DENY]
        return alone or outer

    def without(self, place: Place, index: int) -> CellVerdict:
        """The cell if a layer were not there."""
        number = list(self.policies).index(place)
        layers = self.prepared.layers[:number] + self.prepared.layers[number + 1 :]
        return self.compiled.cell(PreparedRow(self.prepared.row, layers), index).verdict

    def blame(self, place: Place) -> Blame:
        """A layer that does not allow."""
        policies = tuple(dict.fromkeys(named.name for named in self.policies[place]))
        return Blame(place.layer, self.name(place), policies, False)

    def name(self, place: Place) -> str:
        """What a layer is called."""
        if place.level is not None:
            return self.levels[place.level] if place.level < len(self.levels) else f"level {place.level + 1}"
        return _NAMES.get(place.layer, str(place.layer))


def _importance(line: Line) -> tuple[int, bool, int]:
    """What is allowed first, what changes something before what only looks, many cells before few."""
    looks = line.levels.keys() <= _QUIET_LEVELS
    return SHOWN.index(line.verdict), looks, -len(line.cells)
