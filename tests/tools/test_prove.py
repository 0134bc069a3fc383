"""The prover: it prints its seed, asks the same again, tells what it finds, and finds what is wrong."""

from collections import Counter
from copy import copy
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from policystudio.engine.exact.cell import CellVerdict
from tests.engine.property import proof
from tests.engine.property.claims import Claim, Contradiction
from tests.engine.property.smt_cells import check_with_smt
from tools.prove import main

#: What a wrong engine might say instead, and what then belies it.
WRONG = {
    CellVerdict.ALLOWED: CellVerdict.IMPLICIT_DENY,
    CellVerdict.IMPLICIT_DENY: CellVerdict.ALLOWED,
    CellVerdict.CONDITIONAL: CellVerdict.ALLOWED,
}


def test_the_seed_is_printed_and_asks_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for _ in range(2):
        assert main(["--minutes", "0", "--seed", "7", "--only", "small cells"]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert said[0].startswith("seed 7: small cells, for 0 minutes")
    assert "1 rounds of each kind, 0 findings" in said[0]


@pytest.mark.parametrize("error", [Contradiction("the verdict is uniform"), RecursionError("too deep")])
def test_a_finding_is_told_with_its_seed(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def belied(_seed: int, _count: Counter[str]) -> None:
        raise error

    monkeypatch.setitem(proof.ROUNDS, "cells", belied)
    assert main(["--minutes", "0", "--seed", "7", "--only", "cells"]) == 1
    said = capsys.readouterr().out
    assert "FINDING in cells, round seed 7000021" in said
    assert str(error) in said


@cache
def small_claims() -> dict[CellVerdict, list[Claim]]:
    """A few small cells of each verdict."""
    found: dict[CellVerdict, list[Claim]] = {}
    for seed in range(80):
        claim = proof.small_claim(seed)
        found.setdefault(claim.cell.verdict, []).append(claim)
    return found


def wrong(verdict: CellVerdict) -> list[Claim]:
    """Cells of a verdict that claim another one."""
    claims = [copy(claim) for claim in small_claims()[verdict][:6]]
    for claim in claims:
        claim.cell = replace(claim.cell, verdict=WRONG[verdict], allowed=None, denied=None)
    return claims


@pytest.mark.parametrize("verdict", WRONG)
def test_a_wrong_verdict_is_belied_by_requests(verdict: CellVerdict) -> None:
    for claim in wrong(verdict):
        with pytest.raises(Contradiction):
            claim.check(Random(1), 12, 40)


@pytest.mark.parametrize("verdict", WRONG)
def test_a_wrong_verdict_is_belied_by_the_solver(verdict: CellVerdict) -> None:
    """It cannot put every cell into a formula, or may not answer in time; most it can."""
    belied = 0
    for claim in wrong(verdict):
        try:
            check_with_smt(claim, Counter())
        except Contradiction:
            belied += 1
    assert belied >= len(wrong(verdict)) / 2


def test_a_witness_on_the_wrong_side_is_belied() -> None:
    claim = copy(small_claims()[CellVerdict.CONDITIONAL][0])
    claim.cell = replace(claim.cell, allowed=claim.cell.denied)
    with pytest.raises(Contradiction, match="the witness is"):
        claim.check_examples()
