"""A cell's verdict agrees with concrete requests, decided plainly; the compiled form with the plain one."""

import os
import random
from dataclasses import replace

import pytest

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.compile import compile_stack
from policystudio.engine.decision import Verdict
from policystudio.engine.document import Effect, Policy
from policystudio.engine.exact.cell import CellVerdict, Example
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, PreparedRow, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from tests.engine.property import random_stacks as make

#: How many (stack, cell) pairs a run tries, and from which seed; a failure names the seed of its stack.
PAIRS = int(os.environ.get("PROPERTY_PAIRS", "20000"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CELLS_A_STACK = 20
BATCHES = 8


def without_denies(stack: PolicyStack) -> PolicyStack:
    """The stack with every Deny statement removed."""

    def stripped(named: NamedPolicy) -> NamedPolicy:
        policy = named.policy
        allows = tuple(item for item in policy.statements if item.effect is Effect.ALLOW)
        return NamedPolicy(named.name, Policy(policy.text, policy.kind, policy.version, allows))

    levels = stack.service_control_policies
    return PolicyStack(
        tuple(map(stripped, stack.identity_policies)),
        stripped(stack.permissions_boundary) if stack.permissions_boundary else None,
        service_control_policies=None if levels is None else tuple(tuple(map(stripped, level)) for level in levels),
    )


def example_request(example: Example, action: str, principal: Principal, facts: Facts) -> Request:
    """The concrete request that a cell shows."""
    known = {key: values for key, values in facts.known.items() if values}
    return Request(principal, action, example.resource, make.ACCOUNT, Context({**known, **example.context}))


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_verdict_holds_for_every_sampled_request(batch: int) -> None:
    undecided = total = 0
    for number in range(PAIRS // CELLS_A_STACK // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        some, every = check_stack(seed)
        undecided, total = undecided + some, total + every
    assert total == PAIRS // CELLS_A_STACK // BATCHES * CELLS_A_STACK
    assert undecided < total * 0.05, "the exact path gives up too often"


def check_stack(seed: int) -> tuple[int, int]:
    """Check random cells of one random stack; returns how many were undecided, and how many there were."""
    dice = random.Random(seed)
    catalog, keys = load_sagemaker(), load_condition_keys()
    stack = make.stack(dice)
    principal, facts = make.user(dice)
    matrix = Matrix(Space(catalog, "aws", make.ACCOUNT), keys)
    row = RowInput(stack, facts)
    prepared = matrix.prepare([row])[0]
    fast, letters = matrix.letters(prepared, exact=False), matrix.letters(prepared)
    indexes = dice.sample(range(len(letters)), CELLS_A_STACK)
    for index in indexes:
        check_cell(
            dice, matrix, prepared, principal, index, letters[index], f"seed {seed}, {matrix.space.columns[index]}"
        )
        exact = matrix.cell(prepared, index).verdict
        assert fast[index] in ("?", exact), f"seed {seed}, column {index}: lanes say {fast[index]}, exactly {exact}"
    return sum(letters[index] == "U" for index in indexes), len(indexes)


def check_cell(
    dice: random.Random,
    matrix: Matrix,
    prepared: PreparedRow,
    principal: Principal,
    index: int,
    letter: str,
    where: str,
) -> None:
    row = prepared.row
    catalog, column, keys = matrix.space.catalog, matrix.space.columns[index], matrix.keys
    if letter == CellVerdict.UNDECIDED:
        return
    compiled = compile_stack(row.stack, keys)
    by_resource: dict[str, set[Verdict]] = {}
    for _ in range(3):
        first = make.request(dice, catalog, column, principal, row.facts)
        contexts = (first.context, make.context(dice, catalog, column, row.facts))
        for context in contexts:
            request = Request(principal, column.action, first.resource, make.ACCOUNT, context)
            decision = authorize(row.stack, request, keys)
            answer = compiled.decide(request)
            assert answer.verdict == decision.verdict, f"{where}: compiled {answer}, plainly {decision}"
            assert (answer.reason, answer.layers) == (decision.reason, decision.layers), f"{where}: {request}"
            assert answer.missing_context_keys == decision.missing_context_keys, f"{where}: {request}"
            assert answer.matched == decision.matched, f"{where}: {request}"
            by_resource.setdefault(first.resource, set()).add(decision.verdict)
            if letter == CellVerdict.ALLOWED:
                assert decision.verdict is Verdict.ALLOWED, f"{where}: {request}"
            if letter in (CellVerdict.IMPLICIT_DENY, CellVerdict.EXPLICIT_DENY):
                assert decision.verdict is not Verdict.ALLOWED, f"{where}: {request}"
            if letter == CellVerdict.IMPLICIT_DENY:
                bare = authorize(without_denies(row.stack), request, keys)
                assert bare.verdict is not Verdict.ALLOWED, f"{where}: {request}"
    if letter == CellVerdict.SOME:
        assert all(len({item is Verdict.ALLOWED for item in found}) == 1 for found in by_resource.values()), where
    check_examples(matrix, prepared, principal, index, letter, where)


def check_examples(
    matrix: Matrix, prepared: PreparedRow, principal: Principal, index: int, letter: str, where: str
) -> None:
    """The requests that the cell shows on each side are what it says they are."""
    row = prepared.row
    cell, action = matrix.cell(prepared, index), matrix.space.columns[index].action
    sides = {True: cell.allowed, False: cell.denied}
    for wanted, example in sides.items():
        if example is not None:
            decision = authorize(row.stack, example_request(example, action, principal, row.facts), matrix.keys)
            assert (decision.verdict is Verdict.ALLOWED) is wanted, f"{where}: {example} {decision.verdict}"
    if letter in (CellVerdict.SOME, CellVerdict.CONDITIONAL):
        assert cell.allowed is not None, where
        assert cell.denied is not None, where
    if letter == CellVerdict.EXPLICIT_DENY:
        assert cell.denied is not None, where
        request = example_request(cell.denied, action, principal, row.facts)
        assert authorize(row.stack, request, matrix.keys).verdict is Verdict.EXPLICIT_DENY, where
        assert authorize(without_denies(row.stack), request, matrix.keys).verdict is Verdict.ALLOWED, where


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
