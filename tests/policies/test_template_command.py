"""`manage.py template`: the list, what a template takes, what it makes, and what is told of wrong parameters."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from policystudio.policies.templates.library import TEMPLATES
from tests.policies.templates.examples import ACCOUNT

GIVEN = ("--parameter", f"account={ACCOUNT}", "--parameter", "buckets=churn-data", "--parameter", "buckets=churn-out")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("template", *arguments, stdout=out)
    return out.getvalue()


def test_it_lists_all_of_them() -> None:
    for arguments in ((), ("--list",)):
        assert [line.split()[0] for line in run(*arguments).splitlines()] == list(TEMPLATES)
    assert [one["id"] for one in json.loads(run("--list", "--format", "json"))] == list(TEMPLATES)


def test_it_says_what_a_template_takes() -> None:
    said = run("data-scientist")
    assert said.startswith("Data scientist, version ")
    assert "  roles (needed): The roles that may be passed to SageMaker." in said
    assert "One of name-prefix and tag is needed." in said
    assert json.loads(run("data-scientist", "--format", "json"))["sagemaker"]


def test_it_prints_the_documents() -> None:
    decoder = json.JSONDecoder()
    text = run("execution-training", *GIVEN)
    trust, end = decoder.raw_decode(text)
    document, _ = decoder.raw_decode(text[end:].lstrip())
    assert trust["Statement"][0]["Action"] == "sts:AssumeRole"
    assert document["Statement"][0]["Resource"] == ["arn:aws:s3:::churn-data", "arn:aws:s3:::churn-out"]
    made = json.loads(run("execution-training", *GIVEN, "--format", "json"))
    assert made["documents"][0]["text"] in text
    assert made["trust_policy"] in text
    assert all(promise["kept"] for promise in made["promises"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("data-scientst",), "no template `data-scientst`: did you mean data-scientist?"),
        (("data-scientist", "--parameter", "account=1"), "--parameter account: `1` is no account"),
        (("data-scientist", "--parameter", "account"), "--parameter account: must be KEY=VALUE"),
        (("data-scientist", "--parameter", "colour=red"), "--parameter colour: is no parameter of this template"),
        (
            ("access-buckets", "--parameter", f"account={ACCOUNT}", "--parameter", f"account={ACCOUNT[::-1]}"),
            "one value",
        ),
    ],
)
def test_what_is_wrong_is_told(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError) as raised:
        run(*arguments)
    assert said in str(raised.value)
    assert raised.value.returncode == 2
