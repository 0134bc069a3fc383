"""`manage.py evaluate`: one JSON line for each request, errors with their place, an exit status that tells."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.simulator import evaluation, evaluation_policies
from policystudio.simulator.answers import decision_as_json
from policystudio.simulator.evaluation import Evaluator, evaluate_stream
from policystudio.simulator.evaluation_input import decode_evaluation

DANA = "arn:aws:iam::111122223333:user/dana"
MODEL = "arn:aws:sagemaker:eu-west-1:111122223333:model/churn"
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
DENY_ABROAD = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "Abroad",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
    },
}


def asked(**more: Any) -> dict[str, Any]:
    """One evaluation, which is allowed."""
    action = {} if "requests" in more else {"action": "sagemaker:CreateModel", "resource": MODEL}
    return {"principal": DANA, "identity_policies": [ALLOW], **action, **more}


def answers(text: str | bytes) -> list[dict[str, Any]]:
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return [json.loads(line) for line, _ in evaluate_stream(stream)]


def as_lines(*objects: Any) -> str:
    return "".join(f"{json.dumps(one)}\n" for one in objects)


def run(path: Path) -> tuple[list[dict[str, Any]], int]:
    """What the command prints for a file, and its exit status."""
    out = io.StringIO()
    status: Any = 0
    try:
        call_command("evaluate", str(path), stdout=out)
    except SystemExit as ended:
        status = ended.code
    return [json.loads(line) for line in out.getvalue().splitlines()], status


def test_each_request_has_a_line_with_what_was_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "requests.jsonl"
    file.write_text(as_lines(asked(id="one"), asked(id=2, service_control_policies=[[ALLOW, DENY_ABROAD]])))
    (first, second), status = run(file)
    assert status == 0
    assert (first["id"], first["decision"], first["reason"]) == ("one", "allowed", "allowed_by_identity_policies")
    assert (second["id"], second["decision"]) == (2, "explicitDeny")
    assert second["reason"] == "explicit_deny_in_service_control_policies"
    assert second["layers"]["service_control_policies"] == "explicitDeny"
    assert second["missing_context_keys"] == ["aws:RequestedRegion"]
    denied = next(one for one in second["matched_statements"] if one["effect"] == "Deny")
    assert (denied["policy"], denied["sid"], denied["index"]) == ("service_control_policies[0][1]", "Abroad", 0)


def test_a_pretty_printed_object_and_an_array_are_read_as_well() -> None:
    requests = [{"id": name, "action": "sagemaker:CreateModel", "resource": MODEL} for name in "ab"]
    pretty = json.dumps(asked(requests=requests), indent=2)
    assert [answer["id"] for answer in answers(pretty)] == ["a", "b"]
    assert [answer["id"] for answer in answers(json.dumps([asked(id=1), asked(id=2)], indent=1))] == [1, 2]
    assert answers(as_lines(asked()))[0]["id"] is None


def test_a_bad_line_is_answered_with_its_place_and_the_others_go_on(tmp_path: Path) -> None:
    broken = json.dumps(asked(id="c"))[:-1]
    file = tmp_path / "requests.jsonl"
    file.write_text(
        as_lines(asked(id="a"), asked(id="b", action="sagemaker:*")) + broken + "\n" + as_lines(asked(id="d"))
    )
    found, status = run(file)
    assert status == 1
    assert [answer.get("id") for answer in found] == ["a", "b", None, "d"]
    assert "decision" in found[0]
    assert "decision" in found[3]
    assert found[1]["line"] == 2
    assert found[1]["error"]["problems"][0]["place"] == "action"
    assert "wildcard" in found[1]["error"]["message"]
    assert found[2]["line"] == 3
    assert found[2]["error"]["problems"][0]["line"] == 3
    assert found[2]["error"]["problems"][0]["column"] == len(broken) + 1


def test_places_count_in_the_file_not_in_the_object() -> None:
    text = as_lines(asked()) + '{\n  "id": 1,\n  "principal" 2\n}\n'
    problem = answers(text)[1]["error"]["problems"][0]
    assert (problem["line"], problem["column"]) == (4, 15)
    problem = answers('[{"id": 1}, {"id" 2}]')[1]["error"]["problems"][0]
    assert (problem["line"], problem["column"]) == (1, 19)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"nonsense", "expecting value"),
        (b'{"id": 1, "id": 2}', "twice"),
        (b'{"id": NaN}', "NaN"),
        (b'{"id": "\xff"}', "UTF-8"),
        (b'\xef\xbb\xbf{"id": 1}', "byte order mark"),
        (json.dumps(asked()).encode("utf-16"), "UTF-8"),
        (b'{"a": ' * 300 + b"1" + b"}" * 300, "nested"),
        (b"[" * 100_000, ""),
        (b'{"id": "\\ud800"}', "surrogate"),
        (b'{"id": "a\x00b"}', ""),
        (b"[[]]", "must be an object"),
        (b"[1]", "must be an object"),
        (as_lines(asked(identity_policies=['{"Statement": 1}'])).encode(), "Statement"),
    ],
)
def test_no_line_stops_the_others(line: bytes, words: str) -> None:
    found = answers(
        as_lines(asked(id="before")).encode() + line.rstrip() + b"\n" + as_lines(asked(id="after")).encode()
    )
    assert found[0]["id"] == "before"
    assert found[-1]["id"] == "after"
    assert len(found) >= 3
    assert all(words in json.dumps(answer["error"]) and answer["line"] == 2 for answer in found[1:-1])


def test_what_is_compiled_and_what_is_not_gives_the_same_answers() -> None:
    """The evaluator compiles a stack when it comes back; the plain decision is the truth."""
    evaluator = Evaluator()
    actions = ["sagemaker:CreateModel", "sagemaker:ListModels", "s3:GetObject"]
    for regions in (["eu-west-1"], ["us-east-1"], []):
        for count in (1, 2, 6):
            requests = [
                {"id": number, "action": actions[number % 3], "context": {"aws:RequestedRegion": regions}}
                for number in range(count)
            ]
            given = decode_evaluation(asked(requests=requests, service_control_policies=[[ALLOW], [DENY_ABROAD]]))
            plain = [
                {"id": one.id, **decision_as_json(authorize(given.stack, one.request, load_condition_keys()))}
                for one in given.requests
            ]
            assert [json.loads(line) for line in evaluator.results(given)] == plain


def test_a_stack_that_comes_back_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []

    def count(*given: Any) -> Any:
        compiled.append(given)
        return evaluation.CompiledStack(*given)

    monkeypatch.setattr(evaluation, "compile_stack", count)
    assert len(answers(as_lines(*[asked(id=number) for number in range(20)]))) == 20
    assert len(compiled) == 1


def test_documents_that_come_back_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []

    def count(text: str, kind: Any) -> Any:
        parsed.append(text)
        return parse(text, kind)

    parse = evaluation_policies.parse_policy
    monkeypatch.setattr(evaluation_policies, "parse_policy", count)
    lines = [asked(permissions_boundary=ALLOW, identity_policies=[ALLOW] * (1 + number)) for number in range(5)]
    assert all(answer["decision"] == "allowed" for answer in answers(as_lines(*lines)))
    assert len(parsed) == 1


def test_it_answers_before_the_input_ends() -> None:
    """Line by line: what was read is answered before the next line is asked for."""

    class Pipe(io.RawIOBase):
        asked_for = 0

        def readline(self, _limit: int | None = -1, /) -> bytes:
            self.asked_for += 1
            return as_lines(asked(id=self.asked_for)).encode()

    pipe = Pipe()
    found = evaluate_stream(pipe)  # type: ignore[arg-type]  # as much of a stream as is read
    for number in range(1, 4):
        assert json.loads(next(found)[0])["id"] == number
        assert pipe.asked_for <= number + 1


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("evaluate", str(tmp_path))


def test_as_a_process_it_reads_standard_input_and_needs_no_database(tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": "sqlite:////nowhere/none.sqlite3", "VAR_DIR": str(tmp_path)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "manage.py", "evaluate", "-"]
    text = as_lines(asked(id="é"), 1)
    ended = subprocess.run(command, input=text, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 1, ended.stderr
    assert [json.loads(line).get("id") for line in ended.stdout.splitlines()] == ["é", None]
    assert ended.stderr == ""
