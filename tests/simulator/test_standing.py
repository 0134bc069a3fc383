"""Everybody's own cells, by what bears on them together, against each row's cell by its whole stack."""

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from policystudio.accounts.models import Account
from policystudio.awssync.services import demo_load
from policystudio.engine.exact.cell import Cell
from policystudio.engine.matrix.asked import AskedSpace
from policystudio.engine.matrix.rows import Matrix
from policystudio.engine.matrix.shared import SharedCells
from policystudio.simulator.holdings import Holdings
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.standing import Standing

pytestmark = pytest.mark.django_db

QUESTIONS = (
    ("sagemaker:DeleteEndpoint", "arn:aws:sagemaker:eu-west-1:{}:endpoint/churn-prod"),
    ("sagemaker:DescribeEndpoint", "arn:aws:sagemaker:*:{}:endpoint/churn-*"),
    ("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:*:{}:training-job/*"),
    ("sagemaker:UpdateDomain", "arn:aws:sagemaker:eu-west-1:{}:domain/*"),
    ("sagemaker:ListModels", "*"),
    ("s3:GetObject", "arn:aws:s3:::*/churn/*"),
    ("iam:PassRole", "arn:aws:iam::{}:role/*"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:{}:key/1"),
)


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    demo_load(now=timezone.now())


def comparable(cell: Cell) -> tuple[object, ...]:
    """A cell without its examples, of which any is as good."""
    return cell.verdict, cell.by_resource, cell.by_context, cell.undecided


def different(account: Account, action: str, resource: str, context: dict[str, tuple[str, ...]]) -> list[str]:
    """The rows of an account whose cell is not that of their stack."""
    space = AskedSpace(action, [resource], "aws", account.number, lambda _key: True)
    holdings = Holdings(account, [action], context)
    resource_policies = action.startswith(("s3:", "kms:"))
    standing = Standing(holdings, SharedCells(space, condition_keys()), resource_policies=resource_policies)
    together = [comparable(cell) for _, cell in standing.cells_of(0)]
    matrix = Matrix(space, condition_keys())
    inputs = [holdings.row_input(row, resource_policies=resource_policies) for row in holdings.rows]
    alone = [comparable(matrix.cell(row, 0)) for row in matrix.prepare(inputs)]
    rows = zip(holdings.rows, together, alone, strict=True)
    return [f"{action} {resource}: {row.arn}: {one} {other}" for row, one, other in rows if one != other]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("context", [{}, {"aws:MultiFactorAuthPresent": ("true",)}, {"aws:PrincipalTag/team": ()}])
def test_the_cells_of_a_whole_account_are_those_of_its_rows(context: dict[str, tuple[str, ...]]) -> None:
    accounts = Account.objects.select_related("unit__organization")
    found = [
        line
        for account in accounts
        for action, pattern in QUESTIONS
        for line in different(account, action, pattern.format(account.number), context)
    ]
    assert found == []
