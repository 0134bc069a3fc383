"""The simulator's grid as HTML."""

import re

import pytest

from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import GUIDE_TYPES, Column
from policystudio.web import grid

COLUMNS = (
    Column("sagemaker:ListTags", "model", "List", True),
    Column("sagemaker:DescribeModel", "model", "Read", True),
    Column("sagemaker:CreateModel", "model", "Write", True),
    Column("sagemaker:DeleteModel", "model", "Write", True),
    Column("sagemaker:ListModels", "*", "List", False),
)


def test_the_types_of_the_guide_come_first_and_actions_without_type_last() -> None:
    types = [group.name for group in grid.types_of(load_sagemaker().columns())]
    assert tuple(types[:8]) == GUIDE_TYPES
    assert types[-1] == "*"
    assert len(types) == len(set(types))


def test_every_column_has_its_place() -> None:
    types = grid.types_of(COLUMNS)
    assert [(group.name, group.start, group.stop) for group in types] == [("model", 0, 4), ("*", 4, 5)]
    assert types[0].squares == ((0,), (1,), (2, 3), ())


@pytest.mark.parametrize(
    ("letters", "letter"),
    [
        ("A", "A"),
        ("AA", "A"),
        ("II", "I"),
        ("AI", "M"),
        ("CI", "P"),
        ("EI", "N"),
        ("CE", "P"),
        ("UI", "M"),
        ("SA", "M"),
    ],
)
def test_a_square_says_what_its_actions_have_in_common(letters: str, letter: str) -> None:
    assert grid.common(letters) == letter


def test_a_closed_type_is_one_cell_with_a_word_for_each_square() -> None:
    cells = grid.row_cells(grid.types_of(COLUMNS), (), "ASCAI")
    assert cells.count("<td") == 2
    assert 'class="q lA rS wM"' in cells
    assert 'aria-label="List allowed, Read some resources, Write mixed"' in cells
    assert 'aria-label="all implicit deny"' in cells


def test_an_open_type_has_a_cell_for_each_action_with_sign_and_word() -> None:
    cells = grid.row_cells(grid.types_of(COLUMNS), {"model"}, "ASCEI")
    found = re.findall(r'<td class="w[^"]*" aria-label="([^"]+)"><span class="v (\w)">(.?)</span>', cells)
    assert found == [
        ("allowed", "A", "✓"),
        ("some resources", "S", "◐"),
        ("depends on conditions", "C", "?"),
        ("explicit deny", "E", "✕"),
    ]


def test_the_heads_span_as_many_columns_as_the_cells() -> None:
    types = grid.types_of(load_sagemaker().columns())
    opened = {"model", "*"}
    first, second = grid.heads(types, opened)
    spans = [int(span) for span in re.findall(r'colspan="(\d+)"', first)]
    closed = first.count('rowspan="2"')
    cells = grid.row_cells(types, opened, "A" * len(load_sagemaker().columns()))
    assert sum(spans) + closed == cells.count("<td")
    assert second.count("<th") == sum(spans)
    assert 'scope="colgroup"' in first
    assert 'scope="col"' in second


def test_names_are_escaped() -> None:
    column = Column("sagemaker:<b>", "<i>", "Write", True)
    first, second = grid.heads(grid.types_of([column]), {"<i>"})
    assert "<b>" not in second
    assert "<i>" not in first
