"""The smallest change does what it is for, and nothing else: on random stacks, requests and cells."""

import os
import random
from dataclasses import replace

import pytest

from policystudio.engine.analyse.asked import asked_resource, asked_type
from policystudio.engine.analyse.fix import Fix, smallest_change
from policystudio.engine.analyse.obstacles import CellJudge, RequestJudge
from policystudio.engine.analyse.proof import prove
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.match import resource_matches
from policystudio.engine.matrix.single import column_catalog, single_cell
from policystudio.engine.request import Context, PolicyStack, Principal, Request
from tests.engine.property import random_stacks as make

#: How many stacks a run tries, and from which seed; a failure names the seed of its stack.
STACKS = int(os.environ.get("PROPERTY_FIXES", "96"))
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
BATCHES = 4
CELLS, OTHERS = 3, 40
CATALOG, KEYS = load_sagemaker(), load_condition_keys()


def verdict(stack: PolicyStack, request: Request) -> Verdict:
    return authorize(stack, request, KEYS).verdict


def is_asked(fix: Fix, request: Request) -> bool:
    """Whether a request is inside what was asked, apart from its context."""
    same = request.action.lower() == fix.asked.action.lower()
    return same and resource_matches(fix.asked.resource, request.resource, Context(), variables_enabled=True)


def near(dice: random.Random, column: Column, principal: Principal, facts: Facts) -> Request:
    """A request near what was asked: of the same column, of another action on the type, or of any column."""
    columns = CATALOG.columns()
    alike = [one for one in columns if one.resource_type == column.resource_type or one.action == column.action]
    chosen = dice.choice((column, dice.choice(alike), dice.choice(columns)))
    return make.request(dice, CATALOG, chosen, principal, facts)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_change_for_a_request_allows_it_and_nothing_else(batch: int) -> None:
    tried = 0
    for number in range(STACKS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        dice = random.Random(seed)
        stack = make.stack(dice)
        principal, facts = make.user(dice)
        for _ in range(CELLS):
            column = dice.choice(CATALOG.columns())
            asked = make.request(dice, CATALOG, column, principal, facts)
            if verdict(stack, asked) is Verdict.ALLOWED:
                continue
            tried += 1
            wish = asked_resource(CATALOG, column.action, asked.resource, partition="aws", account=make.ACCOUNT)
            given = dice.random() < 0.4 and {key: asked.context[key] for key in list(asked.context)[-2:]}
            wish = replace(wish, principal=principal, context=given or {})
            judge = RequestJudge(asked, KEYS)
            fix = smallest_change(stack, wish, judge, asked.context)
            assert fix.works, f"seed {seed}: {asked} {fix.impossible}"
            assert verdict(fix.stack, asked) is Verdict.ALLOWED, f"seed {seed}: {asked}"
            told = f"seed {seed}: {asked.action} {asked.resource}"
            check_others(dice, stack, fix, column, principal, facts, told)
            check_proof(stack, fix, facts, told)
    assert tried


def check_others(
    dice: random.Random,
    stack: PolicyStack,
    fix: Fix,
    column: Column,
    principal: Principal,
    facts: Facts,
    told: str,
) -> None:
    for _ in range(OTHERS):
        other = near(dice, column, principal, facts)
        before, after = verdict(stack, other), verdict(fix.stack, other)
        if before is Verdict.ALLOWED:
            assert after is Verdict.ALLOWED, f"{told} lost {other}"
        elif after is Verdict.ALLOWED and fix.exact:
            assert is_asked(fix, other), f"{told} gained {other}\n{[one.after_json for one in fix.edits]}"
            given = {key.lower(): values for key, values in fix.asked.context.items()}
            actual = {key: other.context.values_of(key) for key in given}
            assert all(set(actual[key]) <= set(given[key]) for key in given), f"{told} gained {other}"


def check_proof(stack: PolicyStack, fix: Fix, facts: Facts, told: str) -> None:
    """What is exact by construction is so by comparison; what is wider has a request that says so."""
    proof = prove(stack, fix, facts)
    assert proof.lost is None, f"{told} lost {proof.lost}"
    if fix.exact:
        assert proof.wider is None, f"{told} gained {proof.wider}\n{[one.after_json for one in fix.edits]}"


@pytest.mark.parametrize("batch", range(BATCHES))
def test_a_change_for_a_cell_allows_it_and_nothing_else(batch: int) -> None:
    tried = 0
    for number in range(STACKS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        dice = random.Random(seed)
        stack = make.stack(dice)
        principal, facts = make.user(dice)
        for _ in range(CELLS):
            column = dice.choice(CATALOG.columns())
            alone = column_catalog(CATALOG, column.action, column.resource_type)
            cell_of = single_cell(alone, "aws", make.ACCOUNT, "", facts, KEYS)
            if cell_of(stack, False).verdict is CellVerdict.ALLOWED:
                continue
            wish = asked_type(CATALOG, column.action, column.resource_type, partition="aws", account=make.ACCOUNT)
            wish = replace(wish, principal=principal)
            fix = smallest_change(stack, wish, CellJudge(wish, cell_of), facts.context)
            if fix.before == "undecided" and not fix.works:
                continue
            tried += 1
            assert fix.works, f"seed {seed}: {column} {fix.before} {fix.impossible}"
            for _ in range(10):
                inside = make.request(dice, CATALOG, column, principal, facts)
                assert verdict(fix.stack, inside) is Verdict.ALLOWED, f"seed {seed}: {inside}"
            check_others(dice, stack, fix, column, principal, facts, f"seed {seed}: {column}")
            check_proof(stack, fix, facts, f"seed {seed}: {column}")
    assert tried
