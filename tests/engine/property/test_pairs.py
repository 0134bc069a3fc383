"""What a comparison says of random pairs of stacks agrees with what is known of them, and with concrete requests."""

from collections import Counter

import pytest

from tests.engine.property.proof import Count, pairs
from tests.engine.property.test_matrix import SEED

ROUNDS = 12


@pytest.mark.parametrize("batch", range(2))
def test_a_comparison_holds_for_every_sampled_request(batch: int) -> None:
    count: Count = Counter()
    for number in range(ROUNDS):
        pairs(SEED * 1_000_003 + batch * 100_003 + number, count)
    assert count.total() == ROUNDS
