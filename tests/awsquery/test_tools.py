"""Other people's tools, unmodified, as processes of their own, signing with a key that the studio issued."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import WaiterError
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.clients import services
from tests.support import exports
from tests.support.account_details import modelled
from tests.support.account_rows import snapshot

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def account(transactional_db: None) -> Account:
    exports.run(exports.REAL.read_bytes())
    return Account.objects.get()


@pytest.fixture
def environment(account: Account, live_server: Any, tmp_path: Path) -> dict[str, str]:
    """All that a tool is told: where to ask, and as whom."""
    now = timezone.now()
    client = services.client_create(by=None, account=account, name="tools", role=Role.VIEWER, now=now)
    key, secret = services.access_key_issue(by=None, client=client, now=now)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "AWS_ENDPOINT_URL": f"{live_server.url}/aws/",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": key.key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def run_tool(name: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).parent / name), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )

    return run_tool


@pytest.fixture
def iam(environment: dict[str, str]) -> Any:
    client = boto3.client(
        "iam",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    yield client
    client.close()


def test_an_export_goes_in_and_comes_out_by_boto3(iam: Any) -> None:
    pages = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 9})
    assert modelled(pages.build_full_result()) == modelled(json.loads(exports.REAL.read_text()))


@pytest.mark.parametrize(
    ("waiter", "there", "gone"),
    [
        ("user_exists", {"UserName": "obama"}, {"UserName": "nobody"}),
        ("role_exists", {"RoleName": "MyRole"}, {"RoleName": "nobody"}),
        (
            "policy_exists",
            {"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            {"PolicyArn": "arn:aws:iam::aws:policy/Nothing"},
        ),
        (
            "instance_profile_exists",
            {"InstanceProfileName": "OverprivilegedEC2"},
            {"InstanceProfileName": "nobody"},
        ),
    ],
)
def test_waiters_wait_for_what_is_there(iam: Any, waiter: str, there: dict[str, str], gone: dict[str, str]) -> None:
    iam.get_waiter(waiter).wait(**there, WaiterConfig={"MaxAttempts": 1})
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        iam.get_waiter(waiter).wait(**gone, WaiterConfig={"MaxAttempts": 2, "Delay": 0})


def test_the_aws_cli_exports_an_account_that_can_be_imported(run: Run) -> None:
    before = snapshot()
    done = run("aws", "iam", "get-account-authorization-details", "--page-size", "9", "--output", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert modelled(json.loads(done.stdout)) == modelled(json.loads(exports.REAL.read_text()))
    report = exports.run(done.stdout)
    assert report.findings == []
    # The CLI writes documents anew, in its own white space; all else stays as it was.
    after = snapshot()
    for part in ("policies", "identities", "attachments", "groups"):
        assert after[part] == before[part]
    again = run("aws", "iam", "get-account-authorization-details", "--output", "json")
    assert not exports.run(again.stdout).is_changed


def test_the_aws_cli_reads_pages_fields_and_errors(run: Run) -> None:
    names = ["list-users", "--page-size", "1", "--query", "Users[].UserName", "--output", "text"]
    assert sorted(run("aws", "iam", *names).stdout.split()) == ["biden", "obama", "userwithlotsofpermissions"]
    some = json.loads(run("aws", "iam", "list-policies", "--max-items", "2", "--output", "json").stdout)
    assert len(some["Policies"]) == 2
    rest = run("aws", "iam", "list-policies", "--starting-token", some["NextToken"], "--output", "json")
    assert len(json.loads(rest.stdout)["Policies"]) == 30
    assert run("aws", "iam", "wait", "user-exists", "--user-name", "obama").returncode == 0
    missing = run("aws", "iam", "get-role", "--role-name", "nobody")
    assert missing.returncode == 255
    assert "(NoSuchEntity) when calling the GetRole operation: The role with name nobody cannot" in missing.stderr


def test_cloudsplaining_downloads_an_account_and_scans_it(run: Run, tmp_path: Path) -> None:
    done = run("cloudsplaining", "download", "--output", str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "default.json").read_text())
    real = json.loads(exports.REAL.read_text())
    # It leaves out the policies that AWS counts nowhere, and the versions that are not in force.
    real["Policies"] = [one for one in real["Policies"] if one["AttachmentCount"]]
    for one in real["Policies"]:
        one["PolicyVersionList"] = [version for version in one["PolicyVersionList"] if version["IsDefaultVersion"]]
    assert modelled(found) == modelled(real)
    (tmp_path / "real.json").write_text(json.dumps(real))
    direct, ours = (scan(run, tmp_path / f"{name}.json", tmp_path / name) for name in ("real", "default"))
    for part in ("users", "groups", "roles"):
        assert ours[part] == direct[part]
    for part in ("aws_managed_policies", "customer_managed_policies", "inline_policies"):
        assert ours[part] == {key: direct[part][key] for key in ours[part]} != {}


def test_the_commands_of_the_documentation_run_as_they_stand(environment: dict[str, str], tmp_path: Path) -> None:
    """But for the address in them, which is that of an example."""
    exports.run(exports.full(number="012345678901"))
    page = (Path(__file__).parents[2] / "docs" / "aws.md").read_text()
    block = page.partition("## Reading an account\n\n```sh\n")[2].partition("```")[0]
    address, *commands = block.replace("111122223333", "012345678901").splitlines()
    assert address.startswith("export AWS_ENDPOINT_URL=https://studio.example.com/aws/ ")
    path = f"{Path(sys.executable).parent}:{environment['PATH']}"
    script = "\n".join(["set -e", *commands])
    done = subprocess.run(
        ["bash", "-c", script],
        env=environment | {"PATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "account.json").read_text())["UserDetailList"]
    assert '"UserName": "ann"' in done.stdout
    assert (tmp_path / "iam-results-default.json").exists()


#: Of instance profiles the studio keeps nothing. Of inline policies that say the same the tool tells one of the names.
NOT_COMPARED = {"instance_profiles", "instances_count", "PolicyName", "AttachedTo"}


def scan(run: Run, file: Path, out: Path) -> dict[str, dict[str, Any]]:
    """The findings of cloudsplaining about an account."""
    out.mkdir()
    done = run("cloudsplaining", "scan", "--skip-open-report", "--input-file", str(file), "--output", str(out))
    assert done.returncode == 0, done.stderr
    (results,) = out.glob("iam-results-*.json")
    return {
        part: {key: {name: told for name, told in one.items() if name not in NOT_COMPARED} for key, one in told.items()}
        for part, told in json.loads(results.read_text()).items()
        if part not in ("links", "exclusions")
    }
