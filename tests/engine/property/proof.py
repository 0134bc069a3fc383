"""Rounds of the proof: each makes random questions from a seed, and raises `Contradiction` where a claim is belied.

The test suite runs a few rounds of each kind, `make prove` as many as there is time for.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping

from policystudio.engine.analyse.comparison import Effective, effective_for
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.request import Context, PolicyStack
from tests.engine.property import brute, edits
from tests.engine.property import random_stacks as make
from tests.engine.property.claims import Claim
from tests.engine.property.pairs import ANYBODY, Pair
from tests.engine.property.smt_cells import check_with_smt

#: Verdicts that take more than a glance.
HARD = frozenset({CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.EXPLICIT_DENY, CellVerdict.UNDECIDED})
#: What a round counts: cells by verdict, answers of cvc5, …
Count = Counter[str]


def claims_of(seed: int, dice: random.Random, easy: int, hard: int) -> list[Claim]:
    """Cells of one random row: some of all of them, and some of those that take the exact path."""
    principal, facts, unrestricted = make.row(dice)
    stack = make.stack_of(dice, principal)
    region = dice.choice(("", "", "us-east-1"))
    matrix = Matrix(Space(load_sagemaker(), "aws", make.ACCOUNT, region), load_condition_keys())
    prepared = matrix.prepare([RowInput(stack, facts, unrestricted)])[0]
    letters = matrix.letters(prepared)
    found = [index for index, letter in enumerate(letters) if letter in HARD]
    indexes = [*dice.sample(range(len(letters)), easy), *dice.sample(found, min(hard, len(found)))]
    claims = [Claim(matrix, prepared, principal, index, seed) for index in indexes]
    for claim in claims:
        if claim.cell.verdict.value != letters[claim.index]:
            raise claim.contradict(f"the row's letter is {letters[claim.index]}")
    return claims


def cells(seed: int, count: Count) -> None:
    """Twenty cells of a random row against sampled requests."""
    dice = random.Random(seed)
    for claim in claims_of(seed, dice, 8, 12):
        count[f"cell {claim.cell.verdict.name}"] += 1
        claim.check(dice)


def cells_by_smt(seed: int, count: Count) -> None:
    """A few cells of a random row against cvc5."""
    for claim in claims_of(seed, random.Random(seed), 1, 3):
        check_with_smt(claim, count)


def small_claim(seed: int) -> Claim:
    """The cell of a random small stack."""
    dice = random.Random(seed)
    matrix = Matrix(Space(load_sagemaker(), "aws", brute.ACCOUNT, brute.REGION), load_condition_keys())
    row = RowInput(brute.stack(dice, linked=dice.random() < 0.5), brute.facts())
    index = matrix.space.index_of[brute.ACTION, brute.RESOURCE_TYPE]
    return Claim(matrix, matrix.prepare([row])[0], brute.PRINCIPAL, index, seed)


def small_cells(seed: int, count: Count) -> None:
    """The cell of a random small stack against every small request."""
    claim = small_claim(seed)
    count[f"small cell {claim.cell.verdict.name}"] += 1
    claim.check_examples()
    if not claim.cell.undecided:
        dice = random.Random(seed)
        claim.check_grid(brute.resources(3), list(brute.contexts(sorted(claim.borders.conditions), dice)))


def _sides(dice: random.Random) -> tuple[PolicyStack, Callable[[PolicyStack], Effective]]:
    """A random stack, and how it is asked about: as a bare document, or as a user's."""
    if dice.random() < 0.4:
        policies = tuple(make.policy(dice, f"p{number}") for number in range(dice.choice((1, 1, 2))))
        return PolicyStack(policies), lambda stack: Effective(PolicyStack(stack.identity_policies), Facts({}))
    principal, facts = make.user(dice)
    known = {key: values for key, values in facts.known.items() if key.startswith("aws:principaltag/")}
    return make.stack(dice), lambda stack: effective_for(stack, principal, Context(known))


def _columns(pair: Pair, dice: random.Random) -> list[Column]:
    every = load_sagemaker().columns()
    changed = [column for column in every if pair.names(column, new=True) or pair.names(column, new=False)]
    return [*dice.sample(every, 3), *dice.sample(changed, min(4, len(changed)))]


def _pair(seed: int, dice: random.Random, count: Count) -> Pair:
    """A pair of stacks: of one an edit that allows nothing new, or the same in other words, or any other stack."""
    before, effective = _sides(dice)
    kind = dice.choice(("narrowed", "narrowed", "rewritten", "another"))
    names = kind
    if kind == "narrowed":
        after, names = edits.narrowed(before, dice)
    elif kind == "rewritten":
        after = edits.rewritten(before, dice)
    else:
        after = make.stack(dice)
    pair = Pair(effective(before), effective(after), seed)
    found = pair.comparison
    count[f"pair {kind}, new access: {_said(found.no_new_access)}, lost: {_said(found.no_lost_access)}"] += 1
    if kind != "another" and found.no_new_access is False:
        raise pair.contradict(f"this edit allows nothing new: {names}", found.newly_allowed)
    if kind == "rewritten" and found.no_lost_access is False:
        raise pair.contradict("these are the same statements in other words", found.newly_denied)
    return pair


def _said(claim: bool | None) -> str:
    return "undecided" if claim is None else "no" if claim else "yes"


def pairs(seed: int, count: Count) -> None:
    """A pair of stacks of which something is known, against sampled requests."""
    dice = random.Random(seed)
    pair = _pair(seed, dice, count)
    pair.check(dice, _columns(pair, dice))


def pairs_by_smt(seed: int, count: Count) -> None:
    """A pair of stacks against cvc5, in a few columns."""
    dice = random.Random(seed)
    pair = _pair(seed, dice, count)
    pair.check_with_smt(_columns(pair, dice)[1:5], count)


def small_pairs(seed: int, count: Count) -> None:
    """Two small stacks, or one and an edit of it, against every small request."""
    dice = random.Random(seed)
    linked, bare = dice.random() < 0.5, dice.random() < 0.5
    before = brute.stack(dice, linked=linked)
    after = brute.stack(dice, linked=linked) if dice.random() < 0.6 else edits.narrowed(before, dice)[0]
    if bare:
        sides = [Effective(PolicyStack(stack.identity_policies), Facts({})) for stack in (before, after)]
    else:
        sides = [effective_for(stack, ANYBODY, Context()) for stack in (before, after)]
    pair = Pair(sides[0], sides[1], seed)
    column = next(
        item
        for item in load_sagemaker().columns()
        if (item.action, item.resource_type) == (brute.ACTION, brute.RESOURCE_TYPE)
    )
    borders = pair.borders(column)
    keys = [key for key in borders.conditions if key in brute.UNIVERSE]
    found = pair.comparison
    count[f"small pair, new access: {_said(found.no_new_access)}, lost: {_said(found.no_lost_access)}"] += 1
    pair.check_claims()
    for context in brute.contexts(keys, dice):
        for resource in brute.resources(3):
            pair.check_request(column, resource, {**borders.absent, **context})


#: Every kind of round by name.
ROUNDS: Mapping[str, Callable[[int, Count], None]] = {
    "cells": cells,
    "small cells": small_cells,
    "cells by cvc5": cells_by_smt,
    "pairs": pairs,
    "small pairs": small_pairs,
    "pairs by cvc5": pairs_by_smt,
}
