"""What one document lets through of SageMaker by itself, by resource type and access level."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from policystudio.engine.catalog.types import Column
from policystudio.engine.document import Policy
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import NamedPolicy, PolicyStack
from policystudio.simulator.selectors import catalog, condition_keys

#: What views show; what is not of these levels counts as Write.
LEVELS = ("List", "Read", "Write", "Tagging")
_ANYBODY = Facts({})
_POSSIBLE = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL})


@dataclass(frozen=True, slots=True)
class LevelGrant:
    """The actions of one access level on one resource type: how many there are, allowed always, in part, undecided."""

    level: str
    total: int
    always: int
    partly: int
    undecided: int

    @property
    def possible(self) -> int:
        """How many are allowed, always or in part."""
        return self.always + self.partly

    @property
    def letter(self) -> str:
        """``A`` all, ``S`` some, ``U`` none that is certain, ``I`` none."""
        if self.total and self.always == self.total:
            return "A"
        if self.possible:
            return "S"
        return "U" if self.undecided else "I"


@dataclass(frozen=True, slots=True)
class TypeGrant:
    """One resource type (``*`` where an action takes none) with its access levels, in their order."""

    resource_type: str
    levels: tuple[LevelGrant, ...]

    @property
    def is_touched(self) -> bool:
        """Whether anything on the type is possible, or not certain."""
        return any(level.letter != "I" for level in self.levels)


@dataclass(frozen=True, slots=True)
class Grants:
    """Every resource type, and how many actions are possible on any of them, of how many."""

    types: tuple[TypeGrant, ...]
    possible: int
    total: int


def grants_of(policy: Policy, partition: str, account: str, facts: Facts = _ANYBODY) -> Grants:
    """What a policy lets through on resources of the account, whoever asks unless something is known of them."""
    matrix = Matrix(Space(catalog(), partition, account), condition_keys())
    row = RowInput(PolicyStack(identity_policies=(NamedPolicy("policy", policy),)), facts)
    letters = matrix.letters(matrix.prepare([row])[0])
    pairs = [(column, CellVerdict(letter)) for column, letter in zip(matrix.space.columns, letters, strict=True)]
    possible = {column.action for column, verdict in pairs if verdict in _POSSIBLE}
    return Grants(tuple(_types(pairs)), len(possible), len({column.action for column, _ in pairs}))


def _types(pairs: list[tuple[Column, CellVerdict]]) -> Iterator[TypeGrant]:
    for name, found in groupby(pairs, key=lambda pair: pair[0].resource_type):
        of_type = list(found)
        yield TypeGrant(name, tuple(_level(level, of_type) for level in LEVELS))


def _level(level: str, pairs: list[tuple[Column, CellVerdict]]) -> LevelGrant:
    verdicts = [verdict for column, verdict in pairs if _shown_level(column) == level]
    always = verdicts.count(CellVerdict.ALLOWED)
    partly = verdicts.count(CellVerdict.SOME) + verdicts.count(CellVerdict.CONDITIONAL)
    return LevelGrant(level, len(verdicts), always, partly, verdicts.count(CellVerdict.UNDECIDED))


def _shown_level(column: Column) -> str:
    return column.access_level if column.access_level in LEVELS else "Write"
