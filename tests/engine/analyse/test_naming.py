"""Sets of cells by few patterns: no other set of patterns is smaller, and none names anything else."""

import itertools
import random
import re

import pytest

from policystudio.engine.analyse.naming import Names, blocks_of, names_of
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import Column

CATALOG = load_sagemaker()
ACTIONS = [f"sagemaker:{action.name}" for action in CATALOG.actions]


def named(*actions: str, known: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = names_of(
        [f"sagemaker:{action}" for action in actions], [f"sagemaker:{action}" for action in (*actions, *known)]
    )
    return tuple(text.partition(":")[2] for text in found.include), tuple(
        text.partition(":")[2] for text in found.exclude
    )


@pytest.mark.parametrize(
    ("actions", "others", "include", "exclude"),
    [
        (("CreateModel", "CreateApp"), ("DeleteModel",), ("Create*",), ()),
        (("CreateModel", "CreateApp"), (), ("Create*",), ()),
        (("CreateModel",), ("DeleteModel",), ("CreateModel",), ()),
        (("CreateModel", "CreateModelPackage"), ("CreateApp",), ("CreateModel*",), ()),
        (("CreateModel",), ("CreateModelPackage",), ("CreateModel",), ()),
        # A word ends where the next one begins: no pattern is cut off within one.
        (("DeleteApp", "DescribeApp"), ("CreateApp",), ("DeleteApp", "DescribeApp"), ()),
        (("GetRecord", "GetAIJob"), ("GetawayJob",), ("GetAIJob", "GetRecord"), ()),
        (("CreateApp", "CreateHub", "CreateModel"), ("CreateTrial",), ("Create*",), ("CreateTrial",)),
        (("CreateApp", "CreateModel"), ("CreateTrial",), ("CreateApp", "CreateModel"), ()),
        (("CreateApp", "DeleteApp", "StopJob"), (), ("*",), ()),
        ((), ("CreateApp",), (), ()),
    ],
)
def test_names_are_as_a_person_would_write_them(
    actions: tuple[str, ...], others: tuple[str, ...], include: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    assert named(*actions, known=others) == (include, exclude)


def test_letter_case_does_not_tell_actions_apart() -> None:
    found = names_of(["s:GetModel", "s:GetApp"], ["s:GETAWAY"])
    assert not any(text.endswith("Get*") for text in found.include)
    assert [found.match(name) for name in ("s:getmodel", "S:GETAPP", "s:getaway")] == [True, True, False]


def patterns(known: list[str]) -> list[str]:
    """Every name, and every beginning of names that ends with a word."""
    heads = {f"{name[: match.end()]}*" for name in known for match in re.finditer(r"[A-Z]?[a-z:]+", name)}
    return [*known, *sorted(heads)]


def smallest(chosen: frozenset[str], known: list[str]) -> int:
    """By trying: the number of patterns of the smallest names for some actions."""
    every = patterns(known)
    for size in range(len(known) + 1):
        for texts in itertools.combinations(every, size):
            for cut in range(size + 1):
                found = Names(texts[:cut], texts[cut:]), Names(texts[cut:], texts[:cut])
                if any({name for name in known if names.match(name)} == chosen for names in found):
                    return size
    raise AssertionError


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_names_exist(seed: int) -> None:
    dice = random.Random(seed)
    words = ("Create", "Delete", "Model", "App")
    every = sorted({"s:" + "".join(dice.choices(words, k=dice.choice((1, 2, 2, 3)))) for _ in range(6)})
    chosen = frozenset(dice.sample(every, dice.randrange(len(every) + 1)))
    found = names_of(chosen, every)
    assert {name for name in every if found.match(name)} == chosen
    assert len(found.include) + len(found.exclude) == smallest(chosen, every), found


@pytest.mark.parametrize("seed", range(60))
def test_blocks_cover_their_cells_and_no_other(seed: int) -> None:
    dice = random.Random(seed)
    types = dice.sample([item.name for item in CATALOG.resource_types], dice.choice((2, 5, 20)))
    columns = [column for column in CATALOG.columns() if seed % 3 == 0 or column.resource_type in types]
    heads = dice.sample(ACTIONS, 4)
    cells = {column for column in columns if _likely(dice, column, heads)}
    blocks = blocks_of(cells, columns)
    found = [column for column in columns for block in blocks if block.covers(column)]
    assert len(found) == len(set(found)), "no cell is covered twice"
    assert set(found) == cells == {column for block in blocks for column in block.cells}


def _likely(dice: random.Random, column: Column, heads: list[str]) -> bool:
    alike = any(column.action.startswith(head[:17]) for head in heads)
    return dice.random() < (0.95 if alike else 0.1)


def test_actions_on_all_their_types_need_none() -> None:
    columns = CATALOG.columns()
    tagging = {column for column in columns if column.action in ("sagemaker:AddTags", "sagemaker:CreateModel")}
    endpoint = next(column for column in tagging if column.resource_type == "endpoint")
    whole, partly = blocks_of(tagging - {endpoint}, columns)
    assert (whole.names.include, whole.types) == (("sagemaker:CreateModel",), ())
    assert partly.names.include == ("sagemaker:AddTags",)
    assert "endpoint" not in partly.types
    assert len(partly.types) == len([column for column in tagging if column.action == "sagemaker:AddTags"]) - 1
    [every] = blocks_of(columns, columns)
    assert (every.names, every.types) == (Names(("sagemaker:*",)), ())
    assert blocks_of([], columns) == []
