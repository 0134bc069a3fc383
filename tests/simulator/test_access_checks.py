"""`manage.py check_access` and `manage.py check_public`: claims with a request, errors with places, honest statuses."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.engine.analyse.comparison import Granted
from policystudio.engine.analyse.public import Public
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Verdict
from policystudio.engine.document import PolicyKind
from policystudio.engine.globs import matches, parse
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from policystudio.simulator import access_checks

DANA = "arn:aws:iam::111122223333:user/dana"
TEAM = {"StringEquals": {"aws:ResourceTag/team": "ml"}}
DELETE = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::scratch/*", "Condition": TEAM},
    ],
}
OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
CLOSED = {"Version": "2012-10-17", "Statement": [{**OPEN["Statement"][0], "Principal": {"AWS": "111122223333"}}]}


def run(*arguments: str, given: Any = None) -> tuple[str, int]:
    """What a command prints, and its exit status."""
    out, status = io.StringIO(), 0
    text = given if isinstance(given, str) else json.dumps(given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        try:
            call_command(*arguments, stdout=out)
        except SystemExit as ended:
            status = int(str(ended.code))
    return out.getvalue(), status


def granted(policy: Any, *arguments: str) -> tuple[dict[str, Any], int]:
    printed, status = run("check_access", "-", *arguments, "--format", "json", given=policy)
    return json.loads(printed), status


def test_what_is_granted_comes_with_a_request() -> None:
    answer, status = granted(DELETE, "--action", "s3:Delete*", "--resource", "arn:aws:s3:::scratch/*")
    assert (answer["granted"], answer["undecided"], status) == (True, None, 1)
    witness = answer["witness"]
    assert witness["action"].startswith("s3:Delete")
    assert matches(parse("arn:aws:s3:::scratch/*"), witness["resource"])
    stack = PolicyStack((NamedPolicy("p", parse_policy(json.dumps(DELETE), PolicyKind.IDENTITY)),))
    request = Request(Principal.parse(DANA), witness["action"], witness["resource"], "", Context(witness["context"]))
    assert authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED


@pytest.mark.parametrize(
    "asked",
    [
        ("--action", "s3:Delete*", "--resource", "arn:aws:s3:::production/*"),
        ("--action", "sagemaker:*"),
        ("--action", "iam:PassRole", "--action", "iam:CreateUser"),
        ("--resource", "arn:aws:dynamodb:*:*:table/*", "--action", "s3:Put*"),
    ],
)
def test_what_is_not_granted_is_fine(asked: tuple[str, ...]) -> None:
    answer, status = granted(DELETE, *asked)
    assert (answer["granted"], answer["witness"], status) == (False, None, 0)


def test_one_of_several_actions_is_enough() -> None:
    answer, status = granted(DELETE, "--action", "iam:PassRole", "--action", "s3:GetObject")
    assert (answer["witness"]["action"], status) == ("s3:GetObject", 1)


def test_resources_alone_mean_every_action() -> None:
    answer, status = granted(DELETE, "--resource", "arn:aws:s3:::production/*")
    assert status == 1
    assert answer["witness"]["action"].split(":")[0] == "s3"


def test_a_stack_is_asked_with_its_boundary() -> None:
    boundary = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
    stack = {"principal": DANA, "identity_policies": [DELETE], "permissions_boundary": boundary}
    assert granted(stack, "--action", "s3:Delete*")[1] == 0
    assert granted(stack, "--action", "s3:GetObject")[1] == 1


def test_text_is_for_people() -> None:
    printed, status = run("check_access", "-", "--action", "s3:PutObject", given=DELETE)
    assert printed.startswith("Granted. For example:\n  s3:PutObject on arn:aws:s3:::scratch/")
    assert "    aws:ResourceTag/team = ml\n" in printed
    assert status == 1
    assert run("check_access", "-", "--action", "iam:*", given=DELETE) == (
        "Not granted, on no such resource and in no context.\n",
        0,
    )


def test_a_slip_of_the_pen_is_not_taken_for_something_that_nobody_may() -> None:
    printed, status = run("check_access", "-", "--action", "s3:DeleteObjekt", "--format", "json", given=DELETE)
    problem = json.loads(printed)["error"]["problems"][0]
    assert problem["place"] == "actions[0]"
    assert "did you mean `s3:DeleteObject`" in problem["message"]
    assert status == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("check_access", "-"),
        ("check_access",),
        ("check_access", "-", "--action", "delete everything"),
        ("check_access", "-", "--action", "s3:*", "--resource", "bucket"),
        ("check_access", "--lines", "-", "--action", "s3:*"),
        ("check_public",),
        ("check_public", "-"),
        ("check_public", "--lines", "-", "--account", "111122223333"),
    ],
)
def test_what_is_not_asked_well_is_status_2(arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*arguments, given=DELETE)
    assert caught.value.returncode == 2


def test_a_file_that_is_no_policy_is_told_by_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"Version": "2012-10-17",\n"Statement": {"Effect": "allow", "Action": "*", "Resource": "*"}}')
    with pytest.raises(CommandError, match=r"policy.json: `Statement.Effect`: line 2, column 25: "):
        run("check_access", str(file), "--action", "*")
    file.write_text("{,}")
    with pytest.raises(CommandError, match=r"policy.json: line 1, column 2: "):
        run("check_public", str(file))


def test_a_trust_policy_is_public_or_not() -> None:
    printed, status = run("check_public", "-", "--format", "json", "--account", "444455556666", given=OPEN)
    assert json.loads(printed) == {
        "id": None,
        "public": True,
        "undecided": None,
        "witness": {
            "principal": "arn:aws:iam::999999999999:role/outsider",
            "action": "sts:AssumeRole",
            "resource": "arn:aws:iam::444455556666:role/example",
            "context": {},
        },
    }
    assert status == 1
    assert run("check_public", "-", given=CLOSED) == ("Not public: nobody gets in whom the policy does not name.\n", 0)
    printed, status = run("check_public", "-", given=OPEN)
    assert printed.splitlines()[1:] == [
        "  arn:aws:iam::999999999999:role/outsider",
        "  sts:AssumeRole on arn:aws:iam::111122223333:role/example",
    ]


def test_lines_are_answered_in_order() -> None:
    lines = [
        {"id": 1, "policy": DELETE, "actions": ["s3:GetObject"]},
        {"id": 2, "policy": DELETE, "actions": "iam:*", "resources": []},
        {"id": 3, "policy": DELETE, "action": ["s3:GetObject"]},
        {"id": 4, "policy": json.dumps(DELETE), "actions": ["s3:Put*"], "resources": ["arn:aws:s3:::production/*"]},
    ]
    printed, status = run("check_access", "--lines", "-", given="\n".join(map(json.dumps, lines)))
    found = [json.loads(line) for line in printed.splitlines()]
    assert [one["id"] for one in found] == [1, 2, 3, 4]
    assert [one.get("granted") for one in found] == [True, False, None, False]
    assert found[2]["error"]["problems"][0]["place"] == "action"
    assert status == 1
    lines = [{"id": 1, "policy": CLOSED}, {"id": 2, "policy": OPEN, "account": 12}]
    printed, status = run("check_public", "--lines", "-", given="\n".join(map(json.dumps, lines)))
    assert [json.loads(line).get("public") for line in printed.splitlines()] == [False, None]
    assert status == 2


def test_undecided_never_passes_for_fine(monkeypatch) -> None:
    monkeypatch.setattr(access_checks, "access_not_granted", lambda *_: Granted(None, undecided="too much"))
    monkeypatch.setattr(access_checks, "no_public_access", lambda *_: Public(None, undecided="too much"))
    assert run("check_access", "-", "--action", "s3:*", given=DELETE) == ("Not decided: too much.\n", 2)
    assert run("check_public", "-", given=OPEN) == ("Not decided: too much.\n", 2)
    answer, status = granted(DELETE, "--action", "s3:*")
    assert (answer["granted"], answer["undecided"], status) == (None, "too much", 2)


def test_what_is_granted_without_identity_policies_is_granted() -> None:
    root = {"principal": "arn:aws:iam::111122223333:root", "identity_policies": []}
    assert granted(root, "--action", "s3:*")[1] == 1
    assert granted({**root, "service_control_policies": [[DELETE]]}, "--action", "iam:*")[1] == 0
    bucket = {"Effect": "Allow", "Principal": {"AWS": DANA}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    own = {"principal": DANA, "resource_policy": {"Version": "2012-10-17", "Statement": [bucket]}}
    assert granted(own, "--action", "s3:GetObject")[1] == 1
    assert granted(own, "--action", "s3:PutObject")[1] == 0
