"""All requests of a small universe agree with what the engine says of small policies, and of changes to them."""

from collections import Counter

import pytest

from tests.engine.property.proof import Count, small_cells, small_pairs
from tests.engine.property.test_matrix import SEED

ROUNDS = 40


@pytest.mark.parametrize("batch", range(2))
def test_small_cells_agree_with_every_small_request(batch: int) -> None:
    count: Count = Counter()
    for number in range(ROUNDS):
        small_cells(SEED * 1_000_003 + batch * 100_003 + number, count)
    assert count["small cell CONDITIONAL"] > 0
    assert count["small cell UNDECIDED"] <= ROUNDS // 10


@pytest.mark.parametrize("batch", range(2))
def test_small_changes_agree_with_every_small_request(batch: int) -> None:
    count: Count = Counter()
    for number in range(ROUNDS):
        small_pairs(SEED * 1_000_003 + batch * 100_003 + number, count)
    told = Counter({name: times for name, times in count.items() if "undecided" not in name})
    assert told.total() >= ROUNDS * 0.9
    assert len(told) > 1, "every pair gave the same answer"
