"""Chains of roles in made-up graphs, and all of them against every chain that there is in small random ones."""

import random
from collections.abc import Callable, Iterator, Sequence

import pytest

from policystudio.engine.analyse import reach
from policystudio.engine.analyse.reach import AssumeGraph, Edge, Reach, best, explore, joined
from policystudio.engine.exact.cell import CellVerdict

A, C, S, U = CellVerdict.ALLOWED, CellVerdict.CONDITIONAL, CellVerdict.SOME, CellVerdict.UNDECIDED
I = CellVerdict.IMPLICIT_DENY  # noqa: E741 -- the letter of the verdict

#: Who can assume what, as `caller>role` with the step's verdict.
Steps = dict[str, CellVerdict]


class World:
    """Gives the steps to roles when they are asked for, as accounts do."""

    def __init__(self, steps: Steps, groups: dict[str, Sequence[str]] | None = None) -> None:
        self.steps, self.groups = steps, groups or {}
        self.graph = AssumeGraph()
        self.asked: list[str] = []

    def add_callers(self, wanted: Sequence[str]) -> set[str]:
        self.asked += wanted
        for step, verdict in self.steps.items():
            caller, _, role = step.partition(">")
            if role in wanted and caller in self.groups:
                self.graph.add_to_group(caller, self.groups[caller], Edge(role, verdict))
            elif role in wanted:
                self.graph.add(caller, Edge(role, verdict))
        return {step.partition(">")[2] for step in self.steps} | set("PQRST")

    def explore(self, targets: Steps, hops: int) -> Reach:
        return explore(self.graph, targets, self.add_callers, hops)


def chains(found: Reach, principal: str, most: int = 100) -> list[str]:
    return [">".join(edge.role for edge in chain) for chain in found.chains(principal, most)[0]]


def test_who_can_assume_a_target_gets_there() -> None:
    found = World({"ana>T": A, "bo>X": A}).explore({"T": A}, 3)
    verdict_of = found.verdicts()
    assert (verdict_of("ana"), verdict_of("bo"), verdict_of("nobody")) == (A, None, None)
    assert found.distances == {"T": 0, "ana": 1}
    assert chains(found, "ana") == ["T"]
    assert chains(found, "bo") == []


def test_a_chain_is_as_good_as_its_weakest_step() -> None:
    found = World({"ana>R": C, "R>T": A, "bo>T": A, "cy>Q": A, "Q>R": U}).explore({"T": S}, 3)
    verdict_of = found.verdicts()
    assert (verdict_of("ana"), verdict_of("bo"), verdict_of("R"), verdict_of("cy")) == (C, S, S, U)
    assert chains(found, "cy") == ["Q>R>T"]


def test_the_best_way_counts_and_comes_first() -> None:
    found = World({"ana>T": C, "ana>R": A, "R>T": A}).explore({"T": A}, 2)
    assert found.verdicts()("ana") is A
    assert found.distances["ana"] == 1
    assert chains(found, "ana") == ["R>T", "T"]
    assert World({"ana>T": C, "ana>R": A, "R>T": A}).explore({"T": A}, 1).verdicts()("ana") is C


def test_hops_bound_chains_and_tell_what_they_cut_off() -> None:
    steps = {"ana>R": A, "R>Q": A, "Q>T": A}
    for hops, ana, cut in ((0, None, True), (1, None, True), (2, None, True), (3, A, False), (4, A, False)):
        found = World(steps).explore({"T": A}, hops)
        assert (found.verdicts()("ana"), found.cut) == (ana, cut), hops
    assert chains(World(steps).explore({"T": A}, 3), "ana") == ["R>Q>T"]


def test_each_role_is_asked_about_once() -> None:
    world = World({"ana>R": A, "R>T": A, "T>R": A, "ana>T": A})
    world.explore({"T": A}, 3)
    assert sorted(world.asked) == ["R", "T"]


def test_nothing_is_asked_without_targets() -> None:
    world = World({"ana>R": A})
    assert not world.explore({}, 3).cut
    assert world.asked == []


def test_a_target_gets_to_others_but_not_to_itself() -> None:
    found = World({"T>R": A, "R>T": A}).explore({"T": C}, 3)
    assert found.verdicts()("T") is None
    assert chains(found, "T") == []
    found = World({"T>S": A}).explore({"T": C, "S": A}, 3)
    assert found.verdicts()("T") is A
    assert chains(found, "T") == ["S"]


def test_a_role_never_assumes_itself() -> None:
    found = World({"T>T": A}).explore({"T": A}, 3)
    assert found.verdicts()("T") is None
    found = World({"g>T": A}, {"g": ["ana", "T"]}).explore({"T": A}, 3)
    assert (found.verdicts()("ana"), found.verdicts()("T")) == (A, None)


def test_a_chain_does_not_go_on_from_a_target_that_does_as_well() -> None:
    assert chains(World({"ana>T": A, "T>S": A}).explore({"T": A, "S": A}, 3), "ana") == ["T"]
    assert chains(World({"ana>T": A, "T>S": A}).explore({"T": C, "S": A}, 3), "ana") == ["T>S", "T"]
    assert chains(World({"ana>T": A, "T>S": A}).explore({"T": S, "S": C}, 3), "ana") == ["T"]
    assert chains(World({"ana>T": A, "T>S": A}).explore({"T": C, "S": S}, 3), "ana") == ["T>S", "T"]


def test_members_of_a_group_share_its_steps() -> None:
    world = World({"g>T": A, "h>Q": A, "Q>T": C, "bo>T": C}, {"g": ["ana", "Q"], "h": ["bo", "cy"]})
    verdict_of = world.explore({"T": A}, 3).verdicts()
    assert [verdict_of(name) for name in ("ana", "bo", "cy", "Q")] == [A, A, A, A]


def test_of_many_chains_the_first_are_told_and_that_there_are_more() -> None:
    world = World({f"ana>R{number}": A for number in range(8)} | {f"R{number}>T": A for number in range(8)})
    found = world.explore({"T": A}, 2)
    few, more = found.chains("ana", 5)
    assert ([len(chain) for chain in few], more) == ([2] * 5, True)
    assert len(found.chains("ana", 8)[0]) == 8
    assert not found.chains("ana", 8)[1]


def test_a_search_for_chains_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among roles that all assume each other: what is left out is told."""
    monkeypatch.setattr(reach, "_LOOKED_AT", 500)
    names = [f"R{number}" for number in range(30)]
    steps = {f"{one}>{other}": A for one in names for other in names if one != other}
    found, more = World({**steps, "ana>R0": A, "R1>T": C}).explore({"T": A}, 5).chains("ana", 100)
    assert more
    assert len(found) < 100


def test_a_crowd_whose_roles_all_assume_each_other_is_told_soon() -> None:
    """Steps of a group are looked at once, however many members it has: each alone would take minutes."""
    names = [f"R{number}" for number in range(1_500)]
    world = World({f"g>{name}": A for name in names}, {"g": names})
    found = world.explore(dict.fromkeys(names, C) | {names[7]: A}, 5)
    verdict_of = found.verdicts()
    assert {name: verdict_of(name) for name in names} == dict.fromkeys(names, A) | {names[7]: C}


@pytest.mark.parametrize(
    ("verdicts", "expected"), [((A, A), A), ((A, S), S), ((S, C), C), ((C, U), U), ((A,), A), ((), A)]
)
def test_joined(verdicts: tuple[CellVerdict, ...], expected: CellVerdict) -> None:
    assert joined(verdicts) is expected
    assert joined(reversed(verdicts)) is expected


@pytest.mark.parametrize(
    ("verdicts", "expected"), [((U, A), A), ((S, C), S), ((C, U), C), ((S, U), S), ((U,), U), ((I,), None), ((), None)]
)
def test_best(verdicts: tuple[CellVerdict, ...], expected: CellVerdict | None) -> None:
    assert best(verdicts) is expected
    assert best(reversed(verdicts)) is expected


# --- Against every chain that there is -------------------------------------------------------------------------------


def every_chain(steps: Callable[[str], Iterator[tuple[str, CellVerdict]]], principal: str, hops: int) -> Iterator[
    tuple[list[str], list[CellVerdict]]
]:  # fmt: skip
    """All chains of at most so many roles, none of which comes twice nor is where it began."""

    def walk(been: list[str], verdicts: list[CellVerdict]) -> Iterator[tuple[list[str], list[CellVerdict]]]:
        if verdicts:
            yield been[1:], verdicts
        if len(verdicts) < hops:
            for role, verdict in steps(been[-1]):
                if role not in been:
                    yield from walk([*been, role], [*verdicts, verdict])

    yield from walk([principal], [])


@pytest.mark.parametrize("seed", range(300))
def test_verdicts_distances_and_cuts_are_those_of_every_chain(seed: int) -> None:
    chance = random.Random(seed)
    roles, users = ["P", "Q", "R", "S", "T"][: chance.randint(2, 5)], ["ana", "bo", "cy"]
    groups = {"g": chance.sample([*roles, *users], 3), "h": chance.sample([*roles, *users], 2)}
    callers = [*roles, *users, *groups]
    steps = {f"{chance.choice(callers)}>{chance.choice(roles)}": chance.choice([A, A, S, C, U]) for _ in range(8)}
    targets = {role: chance.choice([A, S, C, U]) for role in chance.sample(roles, chance.randint(1, 2))}
    hops = chance.randint(0, 4)

    def of(principal: str) -> Iterator[tuple[str, CellVerdict]]:
        for step, verdict in steps.items():
            caller, _, role = step.partition(">")
            if principal == caller or principal in groups.get(caller, ()):
                yield role, verdict

    found = World(steps, groups).explore(targets, hops)
    verdict_of = found.verdicts()
    longer = False
    for principal in (*roles, *users):
        ways: dict[str, CellVerdict] = {}
        for been, verdicts in every_chain(of, principal, hops):
            if been[-1] in targets:
                verdict = joined((*verdicts, targets[been[-1]]))
                ways[">".join(been)] = best(filter(None, (verdict, ways.get(">".join(been))))) or verdict
        assert verdict_of(principal) is best(ways.values()), (principal, ways)
        full = found.chains(principal, 100)[0]
        told = chains(found, principal)
        assert set(told) <= set(ways)
        assert bool(told) is bool(ways)
        if told:
            known = [joined((targets[one[-1].role], *(edge.verdict for edge in one))) for one in full]
            assert known == sorted(known, key=[A, S, C, U].index)
            assert known[0] is best(ways.values())
            assert principal in targets or found.distances[principal] == min(way.count(">") + 1 for way in ways)
        beyond = any(been[-1] in targets for been, _ in every_chain(of, principal, hops + 1))
        longer = longer or (beyond and not ways and principal not in targets)
    assert found.cut is longer
