"""The commands that take policies and changes out and bring files in."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.changes.models import Change
from policystudio.changes.services import change_begin
from tests import factories

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
TEMPLATE = json.dumps(
    {
        "Resources": {
            "Fresh": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": []}}},
            "Lost": {"Type": "AWS::IAM::UserPolicy", "Properties": {"UserName": "nobody"}},
            "Queue": {"Type": "AWS::SQS::Queue"},
        }
    }
)


@pytest.fixture(autouse=True)
def account() -> Account:
    return factories.make_account(NUMBER, "research")


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_policies_are_printed(account: Account) -> None:
    policy = factories.make_managed_policy(account, "p")
    role = factories.make_identity(account, "role", "runner")
    factories.make_inline_policy(role, name="own")
    text = policy.versions.get().document.text
    for name in ("p", policy.arn):
        assert run("export_policy", "research", name, "--format", "policy.json", "--policy-version", "v1")[0] == text
    assert json.loads(run("export_policy", NUMBER, role.arn, "--inline", "own")[0])["edits"][0]["name"] == "own"
    assert json.loads(run("export_policy", NUMBER, role.arn, "--trust")[0])["edits"][0]["kind"] == "trust-policy"
    assert [edit["kind"] for edit in json.loads(run("export_policy", NUMBER, role.arn)[0])["edits"]] == [
        "trust-policy",
        "inline-policy",
    ]


def test_organization_policies_are_printed(account: Account) -> None:
    organization = factories.make_organization()
    account.unit = organization.units.get()
    account.save()
    policy = factories.make_organization_policy(organization, targets=(account.unit,))
    out, err = run("export_policy", NUMBER, policy.policy_id, "--format", "sh")
    assert "aws organizations update-policy" in out
    assert err.startswith("note: The commands of aws organizations need")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export_policy", "elsewhere", "p"), "no account `elsewhere`"),
        (("export_policy", NUMBER, "q"), "no policy is called `q`"),
        (("export_policy", NUMBER, "p", "--policy-version", "v7"), "no version `v7` of p"),
        (("export_policy", NUMBER, f"arn:aws:iam::{NUMBER}:user/x"), "no identity"),
        (("export_policy", NUMBER, f"arn:aws:iam::{NUMBER}:user/ann", "--inline", "x"), "no inline policy `x`"),
        (("export_policy", NUMBER, f"arn:aws:iam::{NUMBER}:user/ann", "--trust"), "has no trust policy"),
        (("export_policy", NUMBER, f"arn:aws:iam::{NUMBER}:user/ann", "--format", "policy.json"), "no single document"),
        (("export_change", NUMBER, "3"), "no change 3"),
        (("import_policies", NUMBER, "/nowhere.tf"), "/nowhere.tf: No such file"),
        (("import_policies", NUMBER, "x", "--value", "x"), "write NAME=VALUE"),
    ],
)
def test_what_is_not_there_is_told(arguments: tuple[str, ...], message: str, account: Account) -> None:
    factories.make_managed_policy(account, "p")
    factories.make_identity(account, "user", "ann")
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_changes_are_printed(account: Account) -> None:
    role = factories.make_identity(account, "role", "runner")
    change_begin(account=account, by=None, title="Tag", kind="tags", target=role.arn, data={"tags": {"a": "1"}})
    assert json.loads(run("export_change", NUMBER, "1")[0])["edits"][0]["data"] == {"tags": {"a": "1"}}
    assert '"aws_iam_role"' in run("export_change", NUMBER, "1", "--format", "tf.json")[0]
    with pytest.raises(CommandError, match="describes an existing identity as a whole"):
        run("export_change", NUMBER, "1", "--format", "cfn.yaml")


def test_a_file_becomes_a_draft_with_a_report(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(TEMPLATE)
    dry = run("import_policies", NUMBER, str(file), "--dry-run")[0].splitlines()
    assert dry == [
        f"   1  new      managed-policy arn:aws:iam::{NUMBER}:policy/Fresh",
        "      The file leaves the name to be made up: here it is `Fresh`.",
        "left out: Lost (line 1, column 123): there is no user `nobody` in the file or in the account",
        "passed over: AWS::SQS::Queue (1)",
    ]
    assert not Change.objects.exists()
    assert run("import_policies", NUMBER, str(file))[0].splitlines()[-1] == "draft: change 1, Import of a.json"
    report = json.loads(run("import_policies", NUMBER, str(file), "--format", "json", "--title", "T", "--item", "1")[0])
    assert (report["change"], report["items"][0]["effect"], report["title"]) == (2, "creates", "Import of a.json")
    assert Change.objects.get(number=2).title == "T"


def test_nothing_to_import_is_a_failure_that_prints_what_was_found(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}')
    with pytest.raises(CommandError, match="no draft was made: nothing is chosen"):
        run("import_policies", NUMBER, str(file))
    file.write_text('{"Resources": {"a": 1, "a": 2}}')
    with pytest.raises(CommandError, match=r"line 1, column 24: `Resources\.a`: the key stands twice"):
        run("import_policies", NUMBER, str(file))
