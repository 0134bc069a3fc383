"""The examples of docs/aws.md run as they stand, by the AWS CLI and boto3, on the demonstration."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.clients import services

PAGE = (Path(__file__).parents[2] / "docs" / "aws.md").read_text()
STUDIO = "https://studio.example.com/aws/"
EXAMPLE = re.compile(r"```(sh|python)\n([^`]*)```\n\n```text\n([^`]*)```")


@pytest.fixture
def environment(transactional_db: None, live_server: Any, tmp_path: Path) -> dict[str, str]:
    call_command("load_demo")
    account = Account.objects.get(number="111122223333")
    now = timezone.now()
    client = services.client_create(by=None, account=account, name="reader", role=Role.VIEWER, now=now)
    key, secret = services.access_key_issue(by=None, client=client, now=now)
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "NO_PROXY": "*",
        "AWS_ENDPOINT_URL": f"{live_server.url}/aws/",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": key.key_id,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }


def test_the_examples_answer_what_they_say(environment: dict[str, str], tmp_path: Path) -> None:
    examples = EXAMPLE.findall(PAGE)
    assert {kind for kind, _, _ in examples} == {"sh", "python"}
    for kind, written, wanted in examples:
        program = ["sh", "-ec"] if kind == "sh" else [sys.executable, "-c"]
        text = written.replace(STUDIO, environment["AWS_ENDPOINT_URL"])
        done = subprocess.run(
            [*program, text], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode, done.stderr, done.stdout) == (0, "", wanted)
