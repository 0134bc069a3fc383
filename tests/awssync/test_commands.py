"""`manage.py import_account` and its siblings: what they print and how they end."""

import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account, Membership
from policystudio.identities.models import Identity
from policystudio.resources.models import Resource
from tests.awssync.test_organization_import import ORGANIZATION
from tests.awssync.test_resources_import import page, resource
from tests.factories import make_sign_in
from tests.support.exports import NUMBER, REAL, export, role, user

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "export.json"
    file.write_text(json.dumps(export(user("ann"), user("bob"), role("job"))))
    return file


def run(command: str, *arguments: Any) -> str:
    output = io.StringIO()
    call_command(command, *map(str, arguments), stdout=output)
    return output.getvalue()


def test_the_real_export(capsys: pytest.CaptureFixture[str]) -> None:
    text = run("import_account", REAL, "--name", "sandbox")
    assert text.splitlines() == [
        "012345678901 (sandbox): new",
        "  policies: 32 added",
        "  users: 3 added",
        "  groups: 2 added",
        "  roles: 3 added",
    ]
    assert run("import_account", REAL).splitlines()[-1] == "nothing changed"
    assert capsys.readouterr().out == ""


def test_what_changed_and_what_was_odd_is_printed(file: Path) -> None:
    run("import_account", file)
    file.write_text(
        json.dumps(export(user("ann", Tags=[{"Key": "a", "Value": "b"}]), role("job", Extra=1), user("x y")))
    )
    odd_user = f"(UserDetailList[1].Arn): `arn:aws:iam::{NUMBER}:user/x y` is not the ARN of a user: it was left out"
    odd_key = "(RoleDetailList[0].Extra): key `Extra` is not known in RoleDetailList: it was passed over"
    lines = [re.sub(r"column [0-9]+", "column N", line) for line in run("import_account", file).splitlines()]
    assert lines == [
        NUMBER,
        "  users: 1 updated, 1 removed",
        "  roles: 1 unchanged",
        f"  removed arn:aws:iam::{NUMBER}:user/bob",
        f"  updated arn:aws:iam::{NUMBER}:user/ann (tags)",
        "",
        "1 error",
        f"  error: line 1, column N {odd_user}",
        "",
        "1 note",
        f"  note: line 1, column N {odd_key}",
    ]


def test_the_report_as_json(file: Path) -> None:
    report = json.loads(run("import_account", file, "--format", "json"))
    assert report["changed"] is True
    assert report["accounts"][0]["counts"]["user"] == {"added": 2, "updated": 0, "removed": 0, "unchanged": 0}
    assert report["findings"] == []


def test_standard_input_and_gzip(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(gzip.compress(file.read_bytes()))

    monkeypatch.setattr("sys.stdin", Input)
    run("import_account", "-")
    assert Identity.objects.count() == 3


def test_an_owner_and_an_organization(file: Path, tmp_path: Path) -> None:
    make_sign_in("dana")
    organization = tmp_path / "organization.json"
    organization.write_text(json.dumps(ORGANIZATION))
    assert "units: 3 added" in run("import_organization", organization, "--owner", "dana")
    run("import_account", file, "--owner", "dana", "--organization", "o-exampleorg1")
    account = Account.objects.get(number=NUMBER)
    assert account.organization is not None
    assert Membership.objects.filter(role="administrator").count() == 3


def test_resources(file: Path, tmp_path: Path) -> None:
    run("import_account", file)
    resources = tmp_path / "resources.json"
    resources.write_text(json.dumps(page(resource())))
    assert "resources: 1 added" in run("import_resources", resources)
    assert Resource.objects.count() == 1


@pytest.mark.parametrize("command", ["import_account", "import_organization", "import_resources"])
def test_a_refusal_is_one_sentence_and_an_exit_status(command: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"UserDetailList": [')
    with pytest.raises(CommandError, match="nothing was imported: line 1, column 21") as caught:
        run(command, broken)
    assert caught.value.returncode == 1
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(command, tmp_path / "missing.json")
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        run(command, tmp_path)


def test_an_owner_who_does_not_exist_is_named(file: Path) -> None:
    with pytest.raises(CommandError, match="nobody signs in as `dana`"):
        run("import_account", file, "--owner", "dana")
    assert not Account.objects.exists()
