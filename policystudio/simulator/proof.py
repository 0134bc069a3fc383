"""The rows of a matrix with evidence: every cell that is not uniform, and what actions with several types come to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from policystudio.accounts.models import Account
from policystudio.engine.catalog.types import Column
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.rows import Matrix, PreparedRow
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.selectors import MatrixPage, Row, catalog, compiled_matrix, subject_reader
from policystudio.simulator.stacks import Subject, SubjectReader, bearers
from policystudio.simulator.together import Together, required_types, together
from policystudio.simulator.witnesses import CellEvidence, RowWitness

#: The verdicts that leave something to show: not the same for every request, or not known.
MIXED = frozenset({CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.UNDECIDED})
#: Rows that are read and prepared at once.
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """One row with its evidence. ``principal`` is the ARN that makes its requests (a group's: of a member of it)."""

    row: Row
    principal: str
    cells: tuple[CellEvidence, ...]
    actions: tuple[Together, ...]


def mixed_cells(page: MatrixPage) -> int:
    """How many cells of the page have something to show."""
    return sum(letter in MIXED for row in page.rows for letter in row.verdicts)


def evidence(account: Account, question: Question, page: MatrixPage, *, every: bool = False) -> Iterator[RowEvidence]:
    """The page's rows, each with its mixed cells (with ``every``, all cells) proven, in order."""
    reader = subject_reader(account, question)
    compiled, lock = compiled_matrix(account, question)
    for start in range(0, len(page.rows), _CHUNK):
        rows = page.rows[start : start + _CHUNK]
        found = bearers(reader.source, IdentityFilter(arns=tuple(row.arn for row in rows)))
        subjects = {subject.bearer.arn: subject for subject in reader.subjects(found)}
        shown = [(row, subjects[row.arn]) for row in rows if row.arn in subjects]
        with lock:
            prepared = compiled.prepare(subject.row for _, subject in shown)
            made = [
                _row(reader, compiled, page.columns, row, subject, item, every)
                for (row, subject), item in zip(shown, prepared, strict=True)
            ]
        yield from made


def _row(
    reader: SubjectReader,
    compiled: Matrix,
    columns: Sequence[Column],
    row: Row,
    subject: Subject,
    prepared: PreparedRow,
    every: bool,
) -> RowEvidence:
    witness = RowWitness(reader, subject, compiled, prepared)
    indexes = [compiled.space.index_of[column.action, column.resource_type] for column in columns]
    pairs = zip(indexes, row.verdicts, strict=True)
    cells = tuple(witness.cell(index, letter) for index, letter in pairs if every or letter in MIXED)
    return RowEvidence(row, witness.principal.arn, cells, tuple(_actions(witness, columns)))


def _actions(witness: RowWitness, columns: Sequence[Column]) -> Iterator[Together]:
    """The shown actions that the reference lists several required types for."""
    compiled = witness.compiled
    names = dict.fromkeys(column.action for column in columns)
    required = {name: required_types(catalog().action(name)) for name in names}
    several = {name: types for name, types in required.items() if len(types) > 1}
    wanted = {(name, kind): compiled.space.index_of[name, kind] for name, types in several.items() for kind in types}
    if not wanted:
        return
    letters = compiled.letters(witness.prepared, only=frozenset(wanted.values()))
    for name, types in several.items():
        yield together(witness, name, {kind: letters[wanted[name, kind]] for kind in types})
