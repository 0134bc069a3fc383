"""What the simulator shows as files."""

import csv
import io

import pytest
from django.test import Client

from policystudio.engine.catalog.types import Column
from policystudio.simulator.selectors import MatrixPage, Row
from policystudio.web import exports
from tests import factories
from tests.web.conftest import Lab

COLUMN = Column("sagemaker:CreateModel", "model", "Write", True)


def page(name: str) -> MatrixPage:
    row = Row(f"arn:aws:iam::111122223333:user/{name}", "user", name, "/", {}, "", "A", 1)
    return MatrixPage((COLUMN,), (row,), 1, 0, 100)


def test_csv_has_a_row_for_each_identity_and_words_for_verdicts() -> None:
    rows = list(csv.reader(io.StringIO(exports.as_csv(page("ana")))))
    assert rows == [
        ["arn", "kind", "name", "sagemaker:CreateModel on model"],
        ["arn:aws:iam::111122223333:user/ana", "user", "ana", "allowed"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    rows = list(csv.reader(io.StringIO(exports.as_csv(page(f"{start}1+1")), newline="")))
    assert rows[1][2] == f"'{start}1+1"


def test_json_has_columns_once_and_letters_in_rows() -> None:
    assert exports.as_json(page("ana")) == {
        "columns": [{"action": "sagemaker:CreateModel", "resource_type": "model", "access_level": "Write"}],
        "rows": [{"arn": "arn:aws:iam::111122223333:user/ana", "kind": "user", "name": "ana", "verdicts": "A"}],
    }


def test_the_export_is_what_the_page_shows(vic: Client, lab: Lab) -> None:
    factories.make_identity(lab.account, "user", "-dash")
    answer = vic.get(f"/accounts/{lab.account.number}/simulator/export.csv?kind=user&type=model&action=CreateModel")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="111122223333-simulator.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert [row[2:] for row in rows] == [
        ["name", "sagemaker:CreateModel on model"],
        ["'-dash", "implicit deny"],
        ["ana", "some resources"],
    ]
    told = vic.get(f"/accounts/{lab.account.number}/simulator/export.json?kind=user&type=model&action=CreateModel")
    assert [row["verdicts"] for row in told.json()["rows"]] == ["I", "S"]


def test_there_are_no_other_forms(vic: Client, lab: Lab) -> None:
    assert vic.get(f"/accounts/{lab.account.number}/simulator/export.xls").status_code == 404
