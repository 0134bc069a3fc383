"""`manage.py compare`: files and lines, JSON and text, and an exit status that a pipeline can trust."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.engine.analyse.comparison import Change, Comparison, Effective, Witness
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.decision import Verdict
from policystudio.engine.request import Context, Principal, Request
from policystudio.simulator import comparisons
from policystudio.simulator.comparing import read_pair
from policystudio.simulator.comparisons import Outcome, comparison_as_text, headline, worst
from policystudio.simulator.evaluation_input import PolicyCache

DANA = "arn:aws:iam::111122223333:user/dana"
MODELS = "arn:aws:sagemaker:*:*:model/*"


def policy(*statements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


LIST = policy(allow("sagemaker:ListModels"))
CREATE = policy(allow("sagemaker:ListModels"), allow("sagemaker:CreateModel", MODELS))
EVERYTHING = policy(allow("*"))
NOTHING = {"identity_policies": []}


def run(*arguments: str, standard_input: str = "") -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out, status = io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(standard_input.encode())))
        try:
            call_command("compare", *arguments, stdout=out)
        except SystemExit as ended:
            status = int(str(ended.code))
    return out.getvalue(), status


@pytest.fixture
def files(tmp_path: Path) -> Any:
    def write(*sides: Any) -> list[str]:
        paths = [tmp_path / f"{number}.json" for number in range(len(sides))]
        for path, side in zip(paths, sides, strict=True):
            path.write_text(side if isinstance(side, str) else json.dumps(side))
        return [str(path) for path in paths]

    return write


def answers(*pairs: Any) -> tuple[list[dict[str, Any]], int]:
    """The answers to lines, and the exit status."""
    lines = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in pairs)
    printed, status = run("--lines", "-", standard_input=lines)
    return [json.loads(line) for line in printed.splitlines()], status


def decision(side: Effective, witness: dict[str, Any]) -> Verdict:
    """What the plain evaluation says of a witness."""
    principal = side.principal or Principal.parse("arn:aws:iam::111122223333:user/somebody")
    account = "" if side.principal else witness["resource"].split(":")[4] if witness["resource"] != "*" else ""
    if side.principal is None and len(account) == 12:
        principal = Principal.parse(f"arn:aws:iam::{account}:user/somebody")
    context = Context({**side.facts.known, **witness["context"]})
    request = Request(principal, witness["action"], witness["resource"], principal.account, context)
    return authorize(side.stack, request, load_condition_keys()).verdict


def assert_witnesses_hold(asked: dict[str, Any], answer: dict[str, Any]) -> None:
    """Every request of an answer is allowed on one side and not on the other, as it says."""
    pair = read_pair(json.dumps({"before": asked["before"], "after": asked["after"]}), PolicyCache())
    sides = {"newly_allowed": (pair.after, pair.before), "newly_denied": (pair.before, pair.after)}
    found = [answer, *answer["changes"]]
    assert any(one[name] for one in found for name in sides)
    for one in found:
        for name, (allowing, other) in sides.items():
            if one[name] is not None:
                assert decision(allowing, one[name]) is Verdict.ALLOWED
                assert decision(other, one[name]) is not Verdict.ALLOWED


def test_no_change_is_fine(files) -> None:
    printed, status = run(*files(LIST, json.dumps(LIST, indent=4)))
    assert (printed, status) == ("No new access. No access is lost.\n", 0)


def test_new_access_is_status_1_and_less_access_is_fine(files) -> None:
    printed, status = run(*files(LIST, CREATE), "--format", "json")
    answer = json.loads(printed)
    assert status == 1
    assert (answer["id"], answer["no_new_access"], answer["no_lost_access"], answer["undecided"]) == (
        None,
        False,
        True,
        None,
    )
    assert answer["newly_denied"] is None
    assert answer["newly_allowed"]["action"] == "sagemaker:CreateModel"
    assert [(one["action"], one["resource_type"]) for one in answer["changes"]] == [("sagemaker:CreateModel", "model")]
    assert_witnesses_hold({"before": LIST, "after": CREATE}, answer)
    printed, status = run(*files(CREATE, LIST), "--format", "json")
    assert (json.loads(printed)["no_new_access"], json.loads(printed)["no_lost_access"], status) == (True, False, 0)


def test_text_says_what_changes(files) -> None:
    after = policy(allow("sagemaker:CreateModel", MODELS), allow("sagemaker:DeleteModel"))
    printed, status = run(*files(CREATE, after))
    lines = printed.splitlines()
    assert status == 1
    assert lines[0] == "New access: 1 action. Lost access: 1 action."
    assert "  sagemaker:DeleteModel on arn:aws:sagemaker:us-east-1:111122223333:model/example" in lines
    assert "  - sagemaker:ListModels" in lines
    assert "  + sagemaker:DeleteModel  model" in lines


def test_a_change_of_everything_can_be_read(files) -> None:
    printed, status = run(*files(NOTHING, EVERYTHING))
    lines = printed.splitlines()
    assert status == 1
    assert len(lines) < 40
    assert any(line.split() == ["+", "sagemaker", "all", "460", "actions"] for line in lines)
    assert lines[-1].endswith("--format json has them all")


def test_a_deny_takes_access_away_under_its_condition() -> None:
    abroad = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    deny = {"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*", "Condition": abroad}
    asked = {"id": 7, "before": CREATE, "after": policy(*CREATE["Statement"], deny)}
    found, status = answers(asked)
    assert status == 0
    assert (found[0]["id"], found[0]["no_new_access"], found[0]["no_lost_access"]) == (7, True, False)
    assert_witnesses_hold(asked, found[0])


def test_stacks_are_compared_with_every_layer() -> None:
    before = {"principal": DANA, "identity_policies": [EVERYTHING], "permissions_boundary": LIST}
    asked = {"id": "b", "before": before, "after": {**before, "permissions_boundary": CREATE}}
    found, status = answers(asked)
    assert status == 1
    assert {one["action"] for one in found[0]["changes"]} == {"sagemaker:CreateModel"}
    assert_witnesses_hold(asked, found[0])
    closed = {**before, "permissions_boundary": CREATE, "service_control_policies": [[LIST]]}
    assert answers({"before": before, "after": closed}) == (
        [
            {
                "id": None,
                "no_new_access": True,
                "no_lost_access": True,
                "undecided": None,
                "newly_allowed": None,
                "newly_denied": None,
                "changes": [],
            }
        ],
        0,
    )


def test_lines_are_answered_in_order_and_a_bad_one_spoils_no_other() -> None:
    pairs = [
        {"id": "same", "before": LIST, "after": LIST},
        {"id": "bad", "before": LIST, "after": {"Statement": [{"Effect": "allow"}]}},
        '{"id": "broken", ',
        {"id": "more", "before": LIST, "after": CREATE},
    ]
    found, status = answers(*pairs)
    assert [one.get("id") for one in found] == ["same", "bad", None, "more"]
    assert [("error" in one) for one in found] == [False, True, True, False]
    assert found[1]["line"] == 2
    assert any(one["place"].startswith("after.Statement[0]") for one in found[1]["error"]["problems"])
    assert found[2]["error"]["problems"][0]["line"] == 3
    assert status == 1
    assert answers(*pairs[:3])[1] == 2
    assert answers(pairs[0])[1] == 0


def test_what_found_new_access_counts_before_what_is_not_known() -> None:
    assert worst([Outcome.FINE, Outcome.UNKNOWN, Outcome.FOUND]) is Outcome.FOUND
    assert worst([Outcome.FINE, Outcome.UNKNOWN]) is Outcome.UNKNOWN
    assert worst([]) is Outcome.FINE


def test_undecided_never_passes_for_fine(files, monkeypatch) -> None:
    change = Change("s3:GetObject", "object", undecided="it depends on aws:SourceIdentity")
    undecided = Comparison(None, True, changes=(change,), undecided="it depends on aws:SourceIdentity")
    monkeypatch.setattr(comparisons, "compare", lambda *_: undecided)
    printed, status = run(*files(LIST, CREATE), "--format", "json")
    answer = json.loads(printed)
    assert (answer["no_new_access"], answer["undecided"], status) == (None, "it depends on aws:SourceIdentity", 2)
    printed, status = run(*files(LIST, CREATE))
    assert status == 2
    assert printed.splitlines()[0] == (
        "New access: not decided. No access is lost. Undecided: it depends on aws:SourceIdentity."
    )
    assert "  ? s3:GetObject  object (it depends on aws:SourceIdentity)" in printed.splitlines()


def test_files_that_are_not_understood_are_named_with_their_places(files) -> None:
    bad = '{"Version": "2012-10-17",\n "Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}'
    before, after = files(bad, '{"Version":')
    with pytest.raises(CommandError) as caught:
        call_command("compare", before, after, stdout=io.StringIO())
    assert caught.value.returncode == 2
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{before}: `Statement[0].Effect`: line 2, column 27: ")
    assert second.startswith(f"{after}: line 1, column 12: ")
    printed, status = run(before, after, "--format", "json")
    problems = json.loads(printed)["error"]["problems"]
    assert [one["place"] for one in problems] == ["before.Statement[0].Effect", "after, line 1, column 12"]
    assert status == 2


def test_one_side_can_be_standard_input(files) -> None:
    printed, status = run("-", *files(CREATE), standard_input=json.dumps(LIST))
    assert printed.startswith("New access: 1 action.")
    assert status == 1


@pytest.mark.parametrize("arguments", [["a.json"], [], ["-", "-"], ["--lines", "-", "a.json"], ["x.json", "y.json"]])
def test_what_is_not_asked_well_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("compare", *arguments, stdout=io.StringIO())
    assert caught.value.returncode == 2


def test_policies_that_name_principals_need_one() -> None:
    bucket = policy({**allow("s3:GetObject"), "Principal": {"AWS": DANA}})
    sides = {"before": {"resource_policy": bucket}, "after": LIST}
    found, status = answers(sides)
    assert "name a `principal`" in found[0]["error"]["message"]
    assert status == 2


def test_nothing_in_a_policy_steers_the_terminal(files) -> None:
    red = policy(allow("s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/x": "\x1b[31mred"}}))
    printed, _ = run(*files(NOTHING, red))
    assert "\x1b" not in printed
    assert "\\x1b[31mred" in printed


def test_both_directions_and_absent_keys_are_shown() -> None:
    witness = Witness("s3:GetObject", "arn:aws:s3:::a/b", {"aws:username": (), "aws:SourceIp": ("192.0.2.1",)})
    change = Change("s3:GetObject", "object", witness, witness)
    comparison = Comparison(False, False, witness, witness, (change,))
    lines = list(comparison_as_text(comparison))
    assert "    aws:username absent" in lines
    assert "    aws:SourceIp = 192.0.2.1" in lines
    assert "  ± s3:GetObject  object" in lines
    assert headline(comparison) == "New access: 1 action. Lost access: 1 action."


def test_trust_policies_are_compared_by_who_gets_in(files) -> None:
    def trust(principal: str) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    before, after = trust("111122223333"), trust("arn:aws:iam::444455556666:role/ci")
    printed, status = run(*files(before, after))
    lines = printed.splitlines()
    assert status == 1
    assert lines[0] == "New access: 1 action. Lost access: 1 action."
    assert lines[3:5] == [
        "  arn:aws:iam::444455556666:role/ci",
        "  sts:AssumeRole on arn:aws:iam::111122223333:role/example",
    ]
    found, _ = answers({"id": "t", "before": before, "after": json.dumps(after)})
    assert found[0]["newly_allowed"]["principal"] == "arn:aws:iam::444455556666:role/ci"
    assert [(one["action"], one["resource_type"]) for one in found[0]["changes"]] == [("sts:AssumeRole", "role")]
    found, status = answers({"before": before, "after": LIST})
    assert "compare two trust policies" in found[0]["error"]["message"]
    assert status == 2
