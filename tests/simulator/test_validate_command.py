"""`manage.py validate`: a line for each file, and the status that a pipeline goes by."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

GOOD = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"}]}'
)
BAD = GOOD.replace("ListModels", "ListModelz")


def run(*arguments: str) -> tuple[int, list[str], list[str]]:
    """The status, and the lines of standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("validate", *arguments, stdout=out, stderr=err)
    except SystemExit as leaving:
        status = int(str(leaving.code))
    return status, out.getvalue().splitlines(), err.getvalue().splitlines()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a file into the working folder and gives its name."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, text: str | bytes) -> str:
        Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
        return name

    return write


def test_a_line_for_each_file_in_their_order(file: Any) -> None:
    status, lines, _ = run(file("good.json", GOOD), file("bad.json", BAD))
    good, bad = map(json.loads, lines)
    assert status == 1
    assert good == {"file": "good.json", "findings": []}
    assert bad["file"] == "bad.json"
    assert [finding["code"] for finding in bad["findings"]] == ["INVALID_ACTION"]
    assert bad["findings"][0]["path"] == [{"value": "Statement"}, {"index": 0}, {"value": "Action"}]
    assert BAD[bad["findings"][0]["start"]["offset"] : bad["findings"][0]["end"]["offset"]] == '"sagemaker:ListModelz"'


def test_warnings_and_suggestions_are_no_errors(file: Any) -> None:
    status, lines, _ = run(file("a.json", GOOD.replace('"Version": "2012-10-17", ', "")))
    assert [finding["type"] for finding in json.loads(lines[0])["findings"]] == ["WARNING"]
    assert status == 0


def test_a_file_that_cannot_be_read_does_not_keep_the_others_from_it(file: Any) -> None:
    status, lines, _ = run("none.json", file("latin.json", b"\xe9"), file("bad.json", BAD))
    assert status == 2
    assert [list(json.loads(line)) for line in lines] == [["file", "error"], ["file", "error"], ["file", "findings"]]


def test_text_is_for_people(file: Any) -> None:
    status, lines, errors = run("--format", "text", file("bad.json", BAD), file("good.json", GOOD), "none.json")
    assert status == 2
    assert lines[0].startswith("bad.json:1:71: ERROR INVALID_ACTION: ")
    assert lines[1:] == ["good.json: no findings"]
    assert len(errors) == 1


def test_the_type_decides_what_is_asked_for(file: Any) -> None:
    status, lines, _ = run("--type", "trust", file("good.json", GOOD))
    codes = {finding["code"] for finding in json.loads(lines[0])["findings"] if finding["source"] == "aws"}
    assert codes == {
        "MISSING_PRINCIPAL",
        "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
        "UNSUPPORTED_ACTION_IN_POLICY",
    }
    assert status == 1


def test_what_is_not_json_is_a_finding(file: Any) -> None:
    status, lines, _ = run(file("broken.json", "{"))
    assert status == 1
    assert [finding["code"] for finding in json.loads(lines[0])["findings"]] == ["JSON_SYNTAX_ERROR"]
