"""Random stacks: the lines of a summary give back every cell, and what they say of it agrees with concrete requests."""

import json
import os
import random
from collections import Counter

import pytest

from policystudio.engine import globs, variables
from policystudio.engine.authorize import authorize, with_facts
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.catalog.types import Column, ConditionKeys
from policystudio.engine.compile import compile_stack
from policystudio.engine.conditions import condition_holds
from policystudio.engine.decision import Decision, Layer, LayerVerdict, Verdict
from policystudio.engine.document import Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import NamedPolicy, PolicyStack, Request
from policystudio.simulator.residues import narrow_layers
from policystudio.simulator.sentences import Residue
from policystudio.simulator.stacks import Bearer
from policystudio.simulator.what_can import NEVER, Line, Summary, summarize
from tests.engine.parse.test_real_documents import managed_documents
from tests.engine.property import random_stacks as make
from tests.engine.property.claims import Claim, without_denies

#: About as many rows a run as there are cells asked about in the other properties, divided by those of a row.
ROWS = int(os.environ.get("PROPERTY_PAIRS", "20000")) // 400
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
BATCHES = 5
CELLS_A_ROW = 12
REQUESTS_A_CELL = 12
BEARER = Bearer(1, "user", "/", "ana", f"arn:aws:iam::{make.ACCOUNT}:user/ana", "AIDA", {})


@pytest.mark.parametrize("batch", range(BATCHES))
def test_lines_give_back_every_cell(batch: int) -> None:
    checked: Counter[CellVerdict] = Counter()
    for number in range(ROWS // BATCHES):
        seed = SEED * 1_000_003 + batch * 100_003 + number
        dice = random.Random(seed)
        principal, facts, unrestricted = make.row(dice)
        stack = make.stack_of(dice, principal)
        matrix = Matrix(Space(load_sagemaker(), "aws", make.ACCOUNT, dice.choice(("", "", "us-east-1"))), keys())
        prepared = matrix.prepare([RowInput(stack, facts, unrestricted)])[0]
        every = range(len(matrix.space.columns))
        summary = summarize(matrix, prepared, every, BEARER)
        letters = matrix.letters(prepared)
        assert expanded(summary) == letters, f"seed {seed}"
        told = [index for index in every if letters[index] in "SCE" or line_of(summary, matrix.space.columns[index])]
        for index in dice.sample(told, min(CELLS_A_ROW, len(told))):
            claim = Claim(matrix, prepared, principal, index, seed)
            line = line_of(summary, claim.column)
            assert line is not None
            hold(claim, line, dice)
            checked[line.verdict] += 1
    assert checked


def test_lines_give_back_every_cell_of_the_policies_that_aws_manages_for_sagemaker() -> None:
    documents = {name: found for name, found in managed_documents().items() if "SageMaker" in name}
    assert len(documents) > 30
    matrix = Matrix(Space(load_sagemaker(), "aws", make.ACCOUNT), keys())
    for name, document in documents.items():
        stack = PolicyStack((NamedPolicy(name, parse_policy(json.dumps(document))),))
        prepared = matrix.prepare([RowInput(stack, make.user(random.Random(0))[1])])[0]
        summary = summarize(matrix, prepared, range(len(matrix.space.columns)), BEARER)
        assert expanded(summary) == matrix.letters(prepared), name
        assert len(summary.lines) <= 10, "short enough to be read"


def keys() -> ConditionKeys:
    """The condition keys of the catalogue."""
    return load_condition_keys()


def line_of(summary: Summary, column: Column) -> Line | None:
    """The one line that covers a column."""
    [*found] = [line for line in summary.lines for block in line.blocks if block.covers(column)]
    assert len(found) < 2, f"{column} is in {found}"
    return found[0] if found else None


def expanded(summary: Summary) -> str:
    """The letters that the lines say, and implicit deny where there is none."""
    lines = (line_of(summary, column) for column in summary.columns)
    return "".join("I" if line is None else line.verdict.value for line in lines)


def hold(claim: Claim, line: Line, dice: random.Random) -> None:
    """Hold what the line says of a cell against requests of it."""
    if line.verdict is CellVerdict.UNDECIDED:
        assert line.undecided
        return
    for _ in range(REQUESTS_A_CELL):
        context = claim.borders.context(dice)
        request = claim.request(claim.borders.resource(dice, context), context)
        where = (request.resource, context)
        decision = authorize(claim.stack, request, claim.keys)
        if line.verdict in NEVER:
            if not blamed(claim, line, request, decision):
                raise claim.contradict(f"something else stands in the way: {line.blames}", where)
        elif said(line, request) is not (decision.verdict is Verdict.ALLOWED):
            raise claim.contradict(f"the line says otherwise: {line.residue}", where)


def blamed(claim: Claim, line: Line, request: Request, decision: Decision) -> bool:
    """Whether what a line blames stands in the way of a request, if the identity's own Allow statements match it."""
    bare = compile_stack(without_denies(claim.stack), claim.keys).decide(request)
    if line.verdict is CellVerdict.IMPLICIT_DENY:
        lacking = any(bare.layers.get(blame.layer) is not LayerVerdict.ALLOWED for blame in line.blames)
        own = bare.layers.get(Layer.IDENTITY, LayerVerdict.NOT_APPLICABLE)
        return lacking or own not in (LayerVerdict.ALLOWED, LayerVerdict.NOT_APPLICABLE)
    denying = {(trace.layer, trace.policy) for trace in decision.matched if trace.statement.effect is Effect.DENY}
    told = {(blame.layer, policy) for blame in line.blames for policy in blame.policies}
    return bare.verdict is not Verdict.ALLOWED or bool(denying & told)


def said(line: Line, request: Request) -> bool:
    """Whether a line allows a request of one of its cells."""
    full = with_facts(request)
    if any(matches(item, full) for item in line.residue if item.effect is Effect.DENY):
        return False
    return all(any(matches(item, full) for item in items) for items in narrow_layers(line.residue))


def matches(item: Residue, request: Request) -> bool:
    """Whether a statement as the line tells it matches."""
    if item.patterns:
        parts = (variables.expand_resource(text, request.context, enabled=True) for text in item.patterns)
        found = any(part is not None and globs.matches(part, request.resource) for part in parts)
        if found is item.excluded:
            return False
    return all(condition_holds(rule, request.context, keys(), True) for rule in item.rules)
