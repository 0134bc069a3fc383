"""`manage.py scenario`: what it prints, and its exit status."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests import factories as make
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db

ANA = "arn:aws:iam::111122223333:user/ana"
ROLE = "arn:aws:iam::111122223333:role/train"


@pytest.fixture(autouse=True)
def account() -> None:
    found = make.make_account("111122223333", "research")
    ana = make.make_identity(found, "user", "ana")
    make.make_inline_policy(ana, allow(["sagemaker:CreateTrainingJob", "iam:PassRole"]), "own")
    only_dev = allow("sagemaker:CreateModel", "arn:aws:sagemaker:*:*:model/dev-*")
    make.make_inline_policy(ana, only_dev, "models")
    make.make_identity(found, "role", "train")
    make.make_identity(found, "group", "team")


def run(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("scenario", "research", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_yes_is_status_0() -> None:
    said, status = run("CreateTrainingJob", "--identity", ANA, "--role", ROLE, "--without", "tags")
    assert status == 0
    first, *rest = said.splitlines()
    assert first == (
        "user/ana can run CreateTrainingJob with role train, but not when a KMS key of your own encrypts its storage."
    )
    assert any("iam:PassRole" in line and ROLE in line and "allowed" in line for line in rest)
    assert "sagemaker.amazonaws.com may assume the role: it asks for no conditions." in rest
    assert any("will belong to account 111122223333" in line for line in rest)


def test_no_is_status_1() -> None:
    said, status = run("CreateEndpoint", "--identity", ANA)
    assert status == 1
    assert said.startswith("user/ana cannot run CreateEndpoint: ")


def test_depends_is_status_3() -> None:
    said, status = run("CreateModel", "--identity", ANA, "--role", ROLE, "--without", "tags")
    assert status == 3
    assert "(sagemaker:CreateModel is allowed on model/dev-*)" in said
    said, status = run(
        "CreateModel", "--identity", ANA, "--role", ROLE, "--without", "tags",
        "--resource", "model=arn:aws:sagemaker:eu-west-1:111122223333:model/dev-1",
    )  # fmt: skip
    assert status == 0


def test_without_a_role_those_that_work_are_listed() -> None:
    said, status = run("CreateTrainingJob", "--identity", ANA, "--without", "tags", "--without", "volume-key")
    assert status == 0
    assert said.startswith("user/ana can run CreateTrainingJob with role train.")
    assert f"✓ {ROLE}  iam:PassRole allowed, trusts sagemaker.amazonaws.com: yes" in said


def test_json_is_what_rest_answers() -> None:
    said, status = run("CreateTrainingJob", "--identity", ANA, "--role", ROLE, "--format", "json", "--without", "tags")
    answer = json.loads(said)
    assert status == 0
    assert answer["answer"] == "yes"
    assert [(step["action"], step["needed"], step["verdict"]) for step in answer["steps"]] == [
        ("sagemaker:CreateTrainingJob", "yes", "allowed"),
        ("kms:CreateGrant", "when", "implicitDeny"),
        ("iam:PassRole", "yes", "allowed"),
    ]
    assert answer["trust"]["trusted"] == "yes"
    assert answer["trust"]["allowed"]["context"]["aws:SourceAccount"] == ["111122223333"]
    assert answer["owner"]["account"] == "111122223333"
    assert {one["purpose"] for one in answer["execution_role"]} >= {"read the input", "write logs", "reach the VPC"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["CreateModle", "--identity", ANA], "did you mean CreateModel"),
        (["CreateModel", "--identity", "ana"], "--identity: `ana`"),
        (["CreateModel", "--identity", f"{ANA}x"], "no user, group, role or root user"),
        (["CreateModel", "--identity", "arn:aws:iam::111122223333:group/team"], "ask about one of its members"),
        (["CreateModel", "--identity", ANA, "--with", "wings"], "--with: `wings`"),
        (["CreateModel", "--identity", ANA, "--add", "arn:aws:iam::aws:policy/Nope"], "no managed policy"),
    ],
)
def test_what_cannot_be_asked_is_status_2(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("scenario", "research", *arguments)
    assert message in str(caught.value)
    assert caught.value.returncode == 2


def test_an_unknown_account_is_named() -> None:
    with pytest.raises(CommandError, match="no account `elsewhere`") as caught:
        call_command("scenario", "elsewhere", "CreateModel", "--identity", ANA)
    assert caught.value.returncode == 2
