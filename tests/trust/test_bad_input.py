"""It refuses bad input with a clear error: each kind of it at each door, with its place where there is text."""

import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.awssync import services as awssync
from policystudio.awssync.models import ImportJob
from policystudio.changes.models import Edit
from policystudio.changes.services import change_begin
from policystudio.identities.models import Identity
from tests import factories

pytestmark = pytest.mark.django_db

STATEMENT = '{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}'
GOOD = '{"Version": "2012-10-17",\n "Statement": [' + STATEMENT + "]}"


def policy(value: str) -> str:
    """A policy with a value in the place of a text."""
    return GOOD.replace('"*"}', value + "}")


def nested(levels: int) -> str:
    return policy("[" * levels + '"*"' + "]" * levels)


#: Texts of policies that are no policies; each would be taken, or would break something, in a JSON reader that is lax.
TEXTS = {
    "a key that stands twice": GOOD.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"'),
    "NaN": policy("NaN"),
    "Infinity": policy("-Infinity"),
    "1e400": policy("1e400"),
    "an integer beyond reason": policy("1" * 5000),
    "a NUL as an escape": policy('"a\\u0000b"'),
    "a NUL as it is": policy('"a\0b"'),
    "a lone surrogate": policy('"\\ud800"'),
    "101 levels": nested(101),
    "1,001 levels": nested(1001),
    "100,000 levels": nested(100_000),
}
BYTES = {
    **{name: text.encode() for name, text in TEXTS.items()},
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 without a mark": GOOD.encode("utf-16-le"),
    "a byte order mark": GOOD.encode("utf-8-sig"),
    "no UTF-8": GOOD.encode().replace(b"sagemaker", b"sagem\xffker"),
}
MANY_STATEMENTS = '{"Version": "2012-10-17", "Statement": [' + ",".join([STATEMENT] * 1_000_000) + "]}"


class Ground:
    """An account, a draft in it, and an administrator."""

    def __init__(self) -> None:
        self.account: Account = factories.make_account("111122223333", "research", read_at=timezone.now())
        self.ada: SignIn = factories.make_sign_in("ada")
        factories.make_membership(self.ada, self.account, Role.ADMINISTRATOR)
        self.ana: Identity = factories.make_identity(self.account, "user", "ana")
        row = factories.make_managed_policy(self.account, "models", json.loads(GOOD))
        factories.attach(self.ana, row)
        fields: dict[str, Any] = {"kind": "managed-policy", "target": row.arn, "text": GOOD.replace("sage", "s")}
        self.edit: Edit = change_begin(account=self.account, by=self.ada, title="Narrow", **fields)
        self.client = Client()
        self.client.force_login(self.ada)

    @property
    def base(self) -> str:
        return f"accounts/{self.account.number}"

    @property
    def draft(self) -> str:
        return f"/{self.base}/changes/{self.edit.change.number}/edits/{self.edit.pk}"


@pytest.fixture
def ground() -> Ground:
    return Ground()


def refused(response: Any, *statuses: int) -> dict[str, Any]:
    """It is a refusal with a message, and no failure."""
    assert response.status_code in (statuses or (400, 413)), response.content[:300]
    problem: dict[str, Any] = response.json()
    return problem


def assert_has_place(fault: dict[str, Any]) -> None:
    assert fault["line"] >= 1
    assert fault["column"] >= 1
    assert fault["message"]


# --- Policies over REST -----------------------------------------------------------------------------------------------

ASKED = '"principal": "arn:aws:iam::111122223333:user/ana", "action": "sagemaker:ListModels"'
#: A body with a policy at `%s`, by the endpoint that reads it.
BODIES = {
    "evaluate": "{" + ASKED + ', "identity_policies": [%s]}',
    "compare": '{"before": %s, "after": ' + GOOD + "}",
    "redundant": '{"policy": %s}',
    "minify": '{"policy": %s}',
    "validate": '{"policy": %s}',
    "check-access": '{"policy": %s, "actions": ["s3:*"]}',
    "check-public": '{"policy": %s}',
}


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("address", BODIES)
def test_a_policy_in_a_body(ground: Ground, address: str, name: str) -> None:
    body = BODIES[address].encode().replace(b"%s", BYTES[name])
    problem = refused(ground.client.post(f"/api/v1/{address}", body, content_type="application/json"))
    assert problem["errors"]
    assert_has_place(problem["errors"][0])


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("address", BODIES)
def test_a_policy_as_a_text_in_a_body(ground: Ground, address: str, name: str) -> None:
    body = BODIES[address] % json.dumps(TEXTS[name])
    response = ground.client.post(f"/api/v1/{address}", body, content_type="application/json")
    if address == "validate" and response.status_code == 200:
        # It is what validate is for: the fault is told as a finding, with its place.
        (finding, *_) = response.json()["findings"]
        assert finding["type"] == "ERROR"
        assert finding["start"]["line"] >= 1
        return
    problem = refused(response)
    assert_has_place(problem["errors"][0])


@pytest.mark.parametrize("address", BODIES)
def test_a_million_statements_are_too_many_before_they_are_read(ground: Ground, address: str) -> None:
    body = BODIES[address] % MANY_STATEMENTS
    refused(ground.client.post(f"/api/v1/{address}", body, content_type="application/json"), 413)


@pytest.mark.parametrize("address", BODIES)
def test_too_many_statements_within_the_limit_of_a_body(ground: Ground, address: str) -> None:
    body = BODIES[address] % ('{"Statement": [' + ",".join([STATEMENT] * 50_000) + "]}")
    assert len(body) < 5_000_000
    response = ground.client.post(f"/api/v1/{address}", body, content_type="application/json")
    if address == "validate":
        assert "262,144" in response.json()["findings"][0]["message"]
    else:
        assert "262,144" in refused(response)["errors"][0]["message"]


#: Endpoints below an account whose bodies are read as JSON.
OF_ACCOUNT = {
    "simulate": '{"requests": [{' + ASKED + ', "context": {"aws:x": %s}}]}',
    "smallest-change": "{" + ASKED + ', "context": {"aws:x": %s}}',
    "expectations": '{"demand": "must", "identity": %s, "action": "sagemaker:*"}',
    "changes": '{"title": "t", "edit": {"kind": "managed-policy", "text": "", "target": %s}}',
    "least-policy": '{"Records": [{"eventSource": %s}]}',
    "waivers": '{"code": %s}',
}
VALUES = {
    "a key that stands twice": '{"a": 1, "a": 2}',
    "NaN": "NaN",
    "1e400": "1e400",
    "an integer beyond reason": "1" * 5000,
    "a NUL": '"a\\u0000b"',
    "a lone surrogate": '"\\udfff"',
    "101 levels": "[" * 101 + "]" * 101,
    "100,000 levels": "[" * 100_000 + "]" * 100_000,
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("address", OF_ACCOUNT)
def test_a_body_about_an_account(ground: Ground, address: str, name: str) -> None:
    body = OF_ACCOUNT[address] % VALUES[name]
    response = ground.client.post(f"/api/v1/{ground.base}/{address}", body, content_type="application/json")
    assert refused(response)["errors"]


@pytest.mark.parametrize("name", ["UTF-16", "a byte order mark", "no UTF-8"])
@pytest.mark.parametrize("address", OF_ACCOUNT)
def test_the_bytes_of_a_body_about_an_account(ground: Ground, address: str, name: str) -> None:
    response = ground.client.post(f"/api/v1/{ground.base}/{address}", BYTES[name], content_type="application/json")
    assert refused(response)["errors"]


# --- The editor and other pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("help_", ["save", "findings", "grants", "shorter"])
def test_the_editor_says_what_is_wrong_and_goes_on(ground: Ground, name: str, help_: str) -> None:
    body = json.dumps({"text": TEXTS[name], "version": ground.edit.version})
    response = ground.client.post(f"{ground.draft}/{help_}", body, content_type="application/json")
    assert response.status_code in (200, 400, 422), response.content[:300]
    if help_ in ("grants", "shorter") and response.headers["Content-Type"] == "application/json":
        assert_has_place(response.json())
    if help_ == "findings" and response.status_code == 200:
        assert response.json()["findings"][0]["type"] == "ERROR"
    for page in (f"{ground.draft}/", f"/{ground.base}/changes/{ground.edit.change.number}/"):
        assert ground.client.get(page).status_code == 200
    for page in ("decisions", "findings", "expectations"):
        assert ground.client.get(f"/{ground.base}/changes/{ground.edit.change.number}/{page}/").status_code == 200


@pytest.mark.parametrize("name", TEXTS)
def test_a_policy_to_try_in_the_simulator(ground: Ground, name: str) -> None:
    response = ground.client.get(f"/{ground.base}/simulator/", {"add": TEXTS[name][:5000]})
    assert response.status_code in (200, 400), response.content[:300]
    response = ground.client.get(f"/api/v1/{ground.base}/matrix", {"add": TEXTS[name][:5000]})
    assert response.status_code == 400, response.content[:300]


@pytest.mark.parametrize("name", TEXTS)
def test_two_texts_to_compare(ground: Ground, name: str) -> None:
    response = ground.client.post(f"/{ground.base}/compare/", {"before": TEXTS[name], "after": GOOD})
    assert response.status_code == 422, response.content[:300]
    assert b"line" in response.content


# --- Imports ----------------------------------------------------------------------------------------------------------

EXPORTS = {
    "account": b'{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": [%s]}',
    "organization": b'{"Organization": {}, "Policies": [%s]}',
}


def imported(ground: Ground, content: bytes, **more: Any) -> ImportJob:
    """What becomes of a file: the job, done."""
    file = SimpleUploadedFile("a.json", content)
    job = awssync.import_create(user=ground.ada, file=file, now=timezone.now(), **more)
    awssync.import_run(job_id=job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("name", BYTES)
def test_an_export(ground: Ground, name: str) -> None:
    before = Identity.objects.count()
    job = imported(ground, EXPORTS["account"].replace(b"%s", BYTES[name]))
    assert job.state == "failed"
    assert job.error
    assert re.search("line|UTF-8", job.error)
    assert Identity.objects.count() == before


def test_a_zip_bomb(ground: Ground, settings: Any) -> None:
    settings.IMPORT_LIMIT = 1_000_000
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed:
        packed.write(b'{"UserDetailList": [' + b" " * 50_000_000)
    job = imported(ground, out.getvalue())
    assert job.state == "failed"
    assert "too much to read" in job.error
    assert job.attempts == 1


def test_an_upload_over_the_limit_is_refused_before_it_is_read(ground: Ground, settings: Any) -> None:
    length = str(settings.UPLOAD_LIMIT + 1)
    sent = ground.client.post("/api/v1/imports", b"{}", content_type="application/json", CONTENT_LENGTH=length)
    refused(sent, 413)
    assert not ImportJob.objects.exists()


# --- CloudTrail, Terraform, CloudFormation ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", BYTES)
def test_events_of_cloudtrail(ground: Ground, name: str) -> None:
    body = b'{"Records": [%s]}'.replace(b"%s", BYTES[name])
    response = ground.client.post(f"/api/v1/{ground.base}/least-policy", body, content_type="application/json")
    assert refused(response)["errors"]
    file = SimpleUploadedFile("events.json", body)
    page = ground.client.post(f"/{ground.base}/least-policy/", {"file": file})
    assert page.status_code in (200, 400, 422)


def test_events_that_unpack_to_too_much(ground: Ground) -> None:
    packed = gzip.compress(b'{"Records": [' + b" " * (65 << 20))
    page = ground.client.post(f"/{ground.base}/least-policy/", {"file": SimpleUploadedFile("a.json.gz", packed)})
    assert page.status_code in (400, 413, 422)


CLOUDFORMATION = (
    b'{"Resources": {"R": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": %s, "Path": "/"}}}}'
)
TERRAFORM_JSON = b'{"resource": {"aws_iam_policy": {"p": {"name": "p", "policy": %s}}}}'


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("file", [CLOUDFORMATION, TERRAFORM_JSON], ids=["cloudformation", "terraform"])
def test_files_of_other_tools(ground: Ground, file: bytes, name: str) -> None:
    address = f"/api/v1/{ground.base}/changes/import"
    content = file.replace(b"%s", BYTES[name])
    refused(ground.client.post(address, content, content_type="text/plain"))
    page = ground.client.post(f"/{ground.base}/changes/import/", {"file": SimpleUploadedFile("a.json", content)})
    assert page.status_code in (400, 413, 422)


@pytest.mark.parametrize("name", ["UTF-16", "a byte order mark", "no UTF-8"])
def test_terraform_in_its_own_syntax(ground: Ground, name: str) -> None:
    address = f"/api/v1/{ground.base}/changes/import?filename=a.tf"
    refused(ground.client.post(address, BYTES[name], content_type="text/plain"))


# --- Commands ---------------------------------------------------------------------------------------------------------

COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "validate": lambda file: [file],
    "minify": lambda file: [file],
    "redundant": lambda file: [file],
    "compare": lambda file: [file, file],
    "check_access": lambda file: [file, "--action", "s3:*"],
    "check_public": lambda file: [file],
    "evaluate": lambda file: [file],
    "import_account": lambda file: [file, "--name", "x"],
    "import_organization": lambda file: [file],
    "import_resources": lambda file: [file, "--account", "research"],
    "import_policies": lambda file: [file, "--account", "research", "--title", "x"],
    "least_policy": lambda file: ["research", file],
}


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_is_wrong(ground: Ground, tmp_path: Path, command: str, name: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(BYTES[name])
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises((CommandError, SystemExit)) as left:
        call_command(command, *COMMANDS[command](str(file)), stdout=out, stderr=err)
    said = f"{left.value}{out.getvalue()}{err.getvalue()}"
    assert len(said) > 10, "it says what is wrong"
    if isinstance(left.value, SystemExit):
        assert left.value.code not in (0, None)
