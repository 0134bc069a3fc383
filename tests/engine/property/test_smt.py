"""cvc5, a solver that knows nothing of the engine, agrees with what the engine says of cells and of changes."""

from collections import Counter

import pytest

from tests.engine.property.proof import Count, cells_by_smt, pairs_by_smt
from tests.engine.property.test_matrix import SEED

ROUNDS = 15


@pytest.mark.parametrize("round_of", [cells_by_smt, pairs_by_smt])
def test_the_solver_agrees(round_of: object) -> None:
    assert callable(round_of)
    count: Count = Counter()
    for number in range(ROUNDS):
        round_of(SEED * 1_000_003 + number, count)
    answered = sum(times for name, times in count.items() if name.startswith("smt ") and "unknown" not in name)
    assert answered >= ROUNDS, f"seed {SEED}: the solver answers too seldom: {count}"
