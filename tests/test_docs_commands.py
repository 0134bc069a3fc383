"""The management commands that README.md and pages of docs print, run as they stand on the demonstration's files."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command

from policystudio.accounts.models import Account
from tests import factories as make

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "policystudio" / "awssync" / "demo"
PAGES = ("README.md", "docs/import.md", "docs/people.md", "docs/clients.md")
#: A command in a block of its own line, or in backquotes within a table.
COMMAND = re.compile(r"^(?:\.venv/bin/python )?manage\.py (.+)$|`manage\.py ([a-z_]+ [^`]+)`", re.MULTILINE)
#: The files that the pages speak of, and what stands for them here.
FILES = {"account.json": "research.json", "resources.json": "resources.json", "organization.json": "organization.json"}


def commands(page: str) -> list[list[str]]:
    """The commands of a page, each as its arguments."""
    found = COMMAND.findall((ROOT / page).read_text())
    return [shlex.split(in_block or in_table) for in_block, in_table in found]


def test_the_pages_have_commands() -> None:
    names = {arguments[0] for page in PAGES for arguments in commands(page)}
    assert names >= {"import_account", "import_organization", "import_resources", "simulate"}


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_commands_run_as_they_stand(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, source in FILES.items():
        (tmp_path / name).write_text((DEMO / source).read_text())
    monkeypatch.chdir(tmp_path)
    make.make_sign_in("dana")
    make.make_organization(org_id="o-q7k2m9x4ra")
    # What a page assumes to be there: an account for resources and simulations.
    order = {"import_organization": 1, "import_account": 0}
    if page in ("docs/people.md", "docs/clients.md"):
        call_command("import_account", "account.json")
    for arguments in sorted(commands(page), key=lambda found: order.get(found[0], 2)):
        call_command(*arguments)
    assert Account.objects.filter(number="111122223333").exists()
