"""What does a what-if change, for each identity that it is tried on?"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from policystudio.accounts.models import Account
from policystudio.engine.analyse.comparison import Change, Comparison, Effective
from policystudio.engine.analyse.settled import compare_known
from policystudio.engine.matrix.rows import RowInput
from policystudio.simulator.question import ColumnFilter, Question, WhatIf
from policystudio.simulator.selectors import compiled_matrix, condition_keys, problems_of, subject_reader
from policystudio.simulator.stacks import Bearer, Subject, SubjectReader, bearers

#: So many identities are compared at once at most, and no new one is begun after so many seconds.
MOST_IDENTITIES = 25
SECONDS = 4.0
#: What no cell is about changes nothing: no resource of SageMaker's is such a one.
_OWN = "sagemaker:"


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell of SageMaker that changes, with its letters before and after."""

    change: Change
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """What changes for one identity: SageMaker's cells, and actions of other services."""

    bearer: Bearer
    comparison: Comparison
    cells: tuple[CellChange, ...] = ()
    others: tuple[Change, ...] = ()

    @property
    def undecided(self) -> bool:
        """Whether there may be a change that was not found."""
        return None in (self.comparison.no_new_access, self.comparison.no_lost_access)

    @property
    def gains(self) -> bool:
        """Whether there is new access."""
        return any(item.newly_allowed for item in self.changes)

    @property
    def loses(self) -> bool:
        """Whether access is lost."""
        return any(item.newly_denied for item in self.changes)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of them, SageMaker's first."""
        return (*(item.change for item in self.cells), *self.others)


@dataclass(frozen=True, slots=True)
class WhatIfChanges:
    """What a what-if changes. ``total`` identities were asked about; ``left`` of them were not compared.

    ``single`` is the identity where only one was asked about.
    """

    total: int
    found: tuple[IdentityChange, ...]
    left: int
    problems: tuple[str, ...]
    single: Bearer | None = None


def what_if_changes(account: Account, question: Question, clock: Callable[[], float] = monotonic) -> WhatIfChanges:
    """Compare each identity of the question before and after its what-if; columns and verdicts play no part.

    An identity whose policies stay as they are is not worth a look. Of the others at most ``MOST_IDENTITIES`` are
    compared, for about ``SECONDS``.
    """
    without = replace(question, columns=ColumnFilter(), verdicts=frozenset(), what_if=WhatIf())
    before, after = subject_reader(account, without), subject_reader(account, question)
    rows = bearers(after.source, question.identities)
    pairs = [
        (old, new)
        for old, new in zip(before.subjects(rows), after.subjects(rows), strict=True)
        if old.row.stack != new.row.stack or _unreadable(old.row) != _unreadable(new.row)
    ]
    started, compared = clock(), []
    for old, new in pairs[:MOST_IDENTITIES]:
        if clock() - started > SECONDS:
            break
        compared.append((old, new, _compare(after, old, new)))
    found = tuple(_with_letters(account, without, compared))
    single = rows[0] if len(rows) == 1 else None
    return WhatIfChanges(len(rows), found, len(pairs) - len(found), tuple(problems_of(after)), single)


def _compare(reader: SubjectReader, before: Subject, after: Subject) -> Comparison:
    """The comparison of one identity's stacks; undecided where a policy could not be read."""
    unreadable = dict.fromkeys((*_unreadable(before.row), *_unreadable(after.row)))
    if unreadable:
        return Comparison(None, None, undecided=f"policy documents that could not be read: {', '.join(unreadable)}")
    principal = reader.principal(after.bearer)
    first, second = (Effective(subject.row.stack, subject.row.facts, principal) for subject in (before, after))
    return compare_known(first, second, condition_keys())


def _unreadable(row: RowInput) -> tuple[str, ...]:
    return (*row.unreadable_identity, *row.unreadable_around)


def _with_letters(
    account: Account, question: Question, compared: Sequence[tuple[Subject, Subject, Comparison]]
) -> Iterable[IdentityChange]:
    """The changes with the letters of their cells; a Region that was chosen leaves out changes elsewhere."""
    matrix, lock = compiled_matrix(account, question)
    index_of = matrix.space.index_of
    with lock:
        prepared = matrix.prepare(subject.row for pair in compared for subject in pair[:2])
        for number, (old, _, comparison) in enumerate(compared):
            places = {(item.action, item.resource_type): item for item in comparison.changes}
            inside = {index_of[place]: item for place, item in places.items() if place in index_of}
            only = frozenset(inside)
            letters = [matrix.letters(row, only=only) for row in prepared[2 * number : 2 * number + 2]]
            cells = [CellChange(item, letters[0][index], letters[1][index]) for index, item in sorted(inside.items())]
            if question.region:
                cells = [cell for cell in cells if cell.before != cell.after or _within(question.region, cell.change)]
            others = tuple(item for item in comparison.changes if not item.action.startswith(_OWN))
            yield IdentityChange(old.bearer, comparison, tuple(cells), others)


def _within(region: str, change: Change) -> bool:
    """Whether a request of the change is about a resource of the Region, or of none."""
    found = (item for item in (change.newly_allowed, change.newly_denied) if item is not None)
    return any(item.resource.split(":")[3:4] in ([], [""], [region]) for item in found) or bool(change.undecided)
