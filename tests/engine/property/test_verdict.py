"""Two ways to the verdict of a cell, by enumeration and by search, agree wherever both decide."""

import os
import random
from dataclasses import dataclass, field

import pytest

from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.exact import verdict
from policystudio.engine.exact.cell import Cell, CellVerdict, Question, enumerated
from policystudio.engine.matrix import rows
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from tests.engine.property import random_stacks as make

STACKS = int(os.environ.get("PROPERTY_PAIRS", "20000")) // 100
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CELLS_A_STACK = 12
BATCHES = 4


@dataclass
class Both:
    """Decides each question both ways and compares."""

    compared: int = 0
    undecided: int = 0
    place: str = ""
    differences: list[str] = field(default_factory=list)

    def decide(self, question: Question) -> Cell:
        one = enumerated(question)
        assert question.sampler is not None
        other = verdict._Searched(question.sampler).cell()
        if other is None or CellVerdict.UNDECIDED in (one.verdict, other.verdict):
            self.undecided += 1
            return one
        self.compared += 1
        shown = [(cell.verdict, cell.by_resource, cell.by_context) for cell in (one, other)]
        told = one.by_resource if other.by_resource is None else other.by_resource
        compared = [(cell.verdict, told if cell.by_resource is None else cell.by_resource) for cell in (one, other)]
        if compared[0] != compared[1] or one.by_context != other.by_context:
            self.differences.append(f"{self.place}: enumerated {shown[0]}, searched {shown[1]}")
        return one


@pytest.mark.parametrize("batch", range(BATCHES))
def test_enumeration_and_search_agree(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    both = Both()
    monkeypatch.setattr(rows, "decide", both.decide)
    catalog, keys = load_sagemaker(), load_condition_keys()
    for number in range(STACKS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        dice = random.Random(seed)
        stack = make.stack(dice)
        _, facts = make.user(dice)
        matrix = Matrix(Space(catalog, "aws", make.ACCOUNT), keys)
        prepared = matrix.prepare([RowInput(stack, facts)])[0]
        for index in dice.sample(range(len(matrix.space.columns)), CELLS_A_STACK):
            both.place = f"seed {seed}, {matrix.space.columns[index]}"
            matrix.cell(prepared, index)
    assert not both.differences
    assert both.compared > both.undecided * 10
