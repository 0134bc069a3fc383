"""`manage.py redundant` and `manage.py minify`: what they find and print, their places, their exit statuses."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.simulator.redundancy import as_json, of_identity, of_policy
from policystudio.simulator.redundancy_answers import headline, redundancy_as_text
from tests import factories as make

ACCOUNT = "111122223333"


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


TWICE = policy(allow("sagemaker:*Model"), allow("sagemaker:CreateModel", Sid="Again"))
FINE = policy(allow("sagemaker:*Model"))


def run(command: str, *arguments: str, given: Any = None) -> tuple[str, str, int]:
    """What a command prints on both streams, and its exit status."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    text = given if isinstance(given, str) else json.dumps(given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        try:
            call_command(command, *arguments, stdout=out, stderr=err)
        except SystemExit as ended:
            status = int(str(ended.code))
    return out.getvalue(), err.getvalue(), status


def test_a_file_is_looked_through(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(TWICE, indent=1))
    printed, _, status = run("redundant", "--file", str(file))
    assert printed.splitlines() == [
        "One thing has no effect.",
        "  statement 2 (`Again`, lines 9-14) adds nothing: statement 1 (lines 4-8) allows all of it",
    ]
    assert status == 1


def test_a_value_is_told_with_its_condition() -> None:
    condition = {
        "StringNotLike": {"aws:RequestTag/team": ["ml", "dev"]},
        "StringLike": {"aws:ResourceTag/team": ["ml", "m*"]},
    }
    out, _, _ = run("redundant", "--file", "-", "--format", "json", given=policy(allow("s3:*", Condition=condition)))
    (found,) = json.loads(out)["redundant"]
    assert (found["element"], found["text"], found["condition"]) == ("value", "ml", "StringLike aws:ResourceTag/team")
    assert "the value `ml` of the condition `StringLike aws:ResourceTag/team` of statement 1" in found["message"]


def test_nothing_is_found_where_nothing_is() -> None:
    assert run("redundant", "--file", "-", given=FINE) == ("Everything in it has an effect.\n", "", 0)


def test_a_stack_is_looked_through_as_one() -> None:
    given = {
        "principal": f"arn:aws:iam::{ACCOUNT}:user/dana",
        "identity_policies": [{"name": "a", "document": FINE}, {"name": "b", "document": TWICE}],
        "permissions_boundary": policy(allow("sagemaker:*")),
    }
    printed, _, status = run("redundant", "--file", "-", "--format", "json", given=given)
    found = json.loads(printed)["redundant"]
    assert [(one["policy"], one["element"], one["statement"]) for one in found] == [("b", "policy", None)]
    assert "statement 1 of a (line 1) allows all of it" in found[0]["message"]
    assert status == 1


def test_lines_are_answered_in_order() -> None:
    lines = "\n".join(json.dumps(one) for one in ({"id": 1, "policy": TWICE}, {"id": 2, "policy": FINE}, {"id": 3}))
    printed, _, status = run("redundant", "--lines", "-", given=lines)
    found = [json.loads(line) for line in printed.splitlines()]
    assert [(one["id"], len(one["redundant"])) for one in found[:2]] == [(1, 1), (2, 0)]
    assert "error" in found[2]
    assert status == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name an ACCOUNT"),
        ((ACCOUNT,), "name an ACCOUNT"),
        ((ACCOUNT, "--policy", "x", "--identity", "y"), "name an ACCOUNT"),
        ((ACCOUNT, "--file", "-"), "--file stands alone"),
        (("--file", "missing.json"), "cannot be read"),
    ],
)
def test_what_is_not_understood_is_refused(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        run("redundant", *arguments, given=FINE)
    assert refused.value.returncode == 2


def test_what_is_wrong_in_a_document_is_told_with_its_place() -> None:
    with pytest.raises(CommandError, match="line 1, column") as refused:
        run("redundant", "--file", "-", given={"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]})
    assert refused.value.returncode == 2
    with pytest.raises(CommandError, match="line 1, column"):
        run("minify", "-", given={"Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]})


def test_a_document_is_minified() -> None:
    printed, said, status = run("minify", "-", given=TWICE)
    text = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sagemaker:*Model","Resource":"*"}}'
    assert (printed, status) == (f"{text}\n", 0)
    assert "Proved by comparison" in said
    assert f"{len(text)} after" in said


def test_minified_as_data() -> None:
    lines = "\n".join(json.dumps({"id": kind, "policy": FINE, "kind": kind}) for kind in ("scp", "house"))
    printed, _, status = run("minify", "--lines", "-", given=lines)
    first, second = (json.loads(line) for line in printed.splitlines())
    assert (first["id"], first["quotas"]) == ("scp", {"service control policy": 10240})
    assert "must be one of" in str(second["error"])
    assert status == 2


@pytest.mark.django_db
class TestStored:
    """What an account has."""

    def test_a_managed_policy(self) -> None:
        account = make.make_account(ACCOUNT)
        stored = make.make_managed_policy(account, "twice", TWICE)
        found = as_json(of_policy(account, stored.arn))
        assert [(one["statement"], one["reason"]) for one in found["redundant"]] == [(2, "covered")]
        assert run("redundant", ACCOUNT, "--policy", stored.arn)[2] == 1

    def test_all_that_an_identity_has(self) -> None:
        account = make.make_account(ACCOUNT)
        ana, team = make.make_identity(account, "user", "ana"), make.make_identity(account, "group", "team")
        make.join(ana, team)
        make.attach(team, make.make_managed_policy(account, "wide", policy(allow("sagemaker:*"))))
        make.make_inline_policy(ana, FINE, "models")
        found = as_json(of_identity(account, ana.arn))
        [one] = found["redundant"]
        assert (one["policy"], one["element"], one["through"]) == ("inline:ana/models", "policy", None)
        assert [other["through"] for other in one["by"]] == [team.arn]
        assert "policy models adds nothing: statement 1 of wide" in one["message"]
        assert run("redundant", ACCOUNT, "--identity", ana.arn)[2] == 1

    def test_with_a_policy_that_cannot_be_read_only_what_is_sure_is_found(self) -> None:
        account = make.make_account(ACCOUNT)
        ana = make.make_identity(account, "user", "ana")
        deny = {**allow("s3:*"), "Effect": "Deny"}
        make.make_inline_policy(ana, policy(allow("sagemaker:*"), allow("sagemaker:ListModels"), deny), "own")
        make.attach(ana, make.make_managed_policy(account, "lost", None))
        found = of_identity(account, ana.arn)
        assert found.unreadable == ("lost",)
        assert [one["statement"] for one in as_json(found)["redundant"]] == [2]
        assert "lost" in list(redundancy_as_text(found))[1]
        assert headline(found) == "One thing has no effect."

    def test_what_is_not_there_is_said(self) -> None:
        make.make_account(ACCOUNT)
        for option in ("--policy", "--identity"):
            with pytest.raises(CommandError, match="no "):
                run("redundant", ACCOUNT, option, f"arn:aws:iam::{ACCOUNT}:user/nobody")
