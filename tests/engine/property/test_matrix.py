"""A cell's claims agree with concrete requests, decided plainly; the compiled form with the plain one."""

import os
import random
from dataclasses import replace

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from tests.engine.property import random_stacks as make
from tests.engine.property.claims import Claim
from tests.engine.property.proof import claims_of

#: How many (stack, cell) pairs a run tries, and from which seed; a failure names the seed of its stack.
PAIRS = int(os.environ.get("PROPERTY_PAIRS", "20000"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CELLS_A_STACK = 20
BATCHES = 8


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_cell_holds_for_every_sampled_request(batch: int) -> None:
    undecided = total = number = 0
    while total < PAIRS // BATCHES:
        some, every = check_stack(SEED * 1_000_003 + batch * 100_003 + number)
        undecided, total, number = undecided + some, total + every, number + 1
    # A single stack may have a dozen such cells, so that few stacks make up the share of a batch.
    assert undecided < total * 0.03, "the exact path gives up too often"


def check_stack(seed: int) -> tuple[int, int]:
    """Check random cells of one random row; returns how many were undecided, and how many there were."""
    dice = random.Random(seed)
    claims = claims_of(seed, dice, CELLS_A_STACK - 12, 12)
    undecided = 0
    for claim in claims:
        claim.check(dice)
        check_compiled(dice, claim)
        fast = claim.matrix.letters(claim.prepared, exact=False)[claim.index]
        exact = claim.cell.verdict
        assert fast in ("?", exact), f"seed {seed}, column {claim.index}: lanes say {fast}, exactly {exact}"
        undecided += exact is CellVerdict.UNDECIDED
    return undecided, len(claims)


def check_compiled(dice: random.Random, claim: Claim) -> None:
    """The compiled form says of a few requests all that `authorize` says, and why."""
    for _ in range(2):
        context = claim.borders.context(dice)
        request = claim.request(claim.borders.resource(dice, context), context)
        decision = authorize(claim.stack, request, claim.keys)
        answer = claim.compiled.decide(request)
        assert answer.verdict == decision.verdict, f"seed {claim.seed}: compiled {answer}, plainly {decision}"
        assert (answer.reason, answer.layers) == (decision.reason, decision.layers), f"seed {claim.seed}: {request}"
        assert answer.missing_context_keys == decision.missing_context_keys, f"seed {claim.seed}: {request}"
        assert answer.matched == decision.matched, f"seed {claim.seed}: {request}"


def test_rows_in_one_matrix_say_what_each_says_alone() -> None:
    """Sharing compiled policies, and the quiet context of them all, changes no letter."""
    dice = random.Random(SEED)
    catalog, keys = load_sagemaker(), load_condition_keys()
    pool = [make.policy(dice, f"shared{number}") for number in range(12)]
    rows = []
    for _ in range(25):
        stack, (_, facts) = make.stack(dice), make.user(dice)
        shared = tuple(dice.sample(pool, dice.randint(0, 4)))
        rows.append(RowInput(replace(stack, identity_policies=(*stack.identity_policies, *shared)), facts))
    together = Matrix(Space(catalog, "aws", make.ACCOUNT), keys)
    for position, prepared in enumerate(together.prepare(rows)):
        alone = Matrix(Space(catalog, "aws", make.ACCOUNT), keys)
        expected = alone.letters(alone.prepare([prepared.row])[0])
        fast = together.letters(prepared, exact=False)
        assert together.letters(prepared) == expected, f"seed {SEED}, row {position}"
        assert all(one in ("?", other) for one, other in zip(fast, expected, strict=True)), f"seed {SEED}"
