"""The demonstration through the importer: nothing is left over, and the grid says what docs/demo.md says."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from policystudio.accounts.models import Account
from policystudio.awssync.services import demo_load
from policystudio.awssync.snapshot import Report
from policystudio.identities.models import Identity
from policystudio.policies.models import Document, ManagedPolicy
from policystudio.resources.models import Resource
from policystudio.simulator.question import ColumnFilter, IdentityFilter, Question
from policystudio.simulator.selectors import matrix
from tests.support.demo_files import ACCOUNTS, read

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "demo.md"
CELL = re.compile(r"^\| `([^`]+)` \| `(\w+)` \| `([^`]+)` \| (any|`[a-z0-9-]+`) \| `(\w+)` \|$", re.MULTILINE)
LETTERS = {"allowed": "A", "some": "S", "conditional": "C", "explicitDeny": "E", "implicitDeny": "I"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> list[Report]:
    settings.VAR_DIR = tmp_path
    return demo_load(now=timezone.now())


def counted(reports: list[Report]) -> Counter[str]:
    """How many things were added, updated, removed or left unchanged."""
    total: Counter[str] = Counter()
    for report in reports:
        for changes in report.accounts:
            for counts in changes.counts.values():
                total.update({outcome: number for outcome, number in counts.items() if number})
    return total


def test_nothing_of_the_files_is_left_over_or_complained_of(demo: list[Report]) -> None:
    assert [str(finding) for report in demo for finding in report.findings] == []
    assert set(counted(demo)) == {"added"}


def test_loading_it_again_changes_nothing(demo: list[Report]) -> None:
    again = demo_load(now=timezone.now())
    assert counted(again) == {"unchanged": counted(demo)["added"]}


@pytest.mark.usefixtures("demo")
def test_everything_is_imported() -> None:
    assert set(Account.objects.values_list("number", flat=True)) == set(ACCOUNTS.values()) | {"999988887777"}
    assert Counter(Identity.objects.values_list("kind", flat=True)) == {"user": 15, "group": 8, "role": 21}
    assert Resource.objects.count() == len(read("resources")["ResourceTagMappingList"])
    made = sum("CreatedBy" in item for item in read("resources")["ResourceTagMappingList"])
    assert Resource.objects.exclude(creator=None).count() == made
    assert ManagedPolicy.objects.count() == sum(len(read(account)["Policies"]) for account in ACCOUNTS)
    assert not ManagedPolicy.objects.filter(versions=None).exists()


@pytest.mark.usefixtures("demo")
def test_every_document_is_understood() -> None:
    assert [(item.text, item.problems) for item in Document.objects.exclude(problems=None)] == []


@pytest.mark.usefixtures("demo")
def test_the_grid_says_what_the_documentation_says() -> None:
    cells = CELL.findall(DOCUMENTATION.read_text(encoding="utf-8"))
    assert len(cells) >= 15
    assert {verdict for *_, verdict in cells} == set(LETTERS)
    answers = [(*cell[:4], _letter(*cell[:4])) for cell in cells]
    assert answers == [(*cell[:4], LETTERS[cell[4]]) for cell in cells]


def _letter(identity: str, action: str, resource_type: str, region: str) -> str:
    account_name, _, path = identity.partition(" ")
    account = Account.objects.get(number=ACCOUNTS[account_name])
    page = matrix(
        account,
        Question(
            identities=IdentityFilter(arns=(f"arn:aws:iam::{account.number}:{path}",)),
            columns=ColumnFilter(action=f"sagemaker:{action}", types=(resource_type,)),
            region="" if region == "any" else region.strip("`"),
        ),
    )
    assert len(page.rows) == len(page.columns) == 1, f"{identity} {action} {resource_type}"
    return page.rows[0].verdicts
