"""`manage.py simulate`: the matrix, or one resource, on the terminal."""

import csv
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from tests import factories

ENDPOINT = "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn"


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


@pytest.fixture
def account(db: None) -> Account:
    account = factories.make_account("111122223333", "Research")
    user = factories.make_identity(account, "user", "dana", tags={"team": "ml"})
    factories.make_inline_policy(user, allow("sagemaker:DescribeEndpoint"), "read")
    factories.make_inline_policy(user, allow("sagemaker:CreateEndpoint", f"{ENDPOINT}*"), "create")
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    factories.make_inline_policy(user, allow("sagemaker:DeleteEndpoint", Condition=mfa), "delete")
    factories.make_identity(account, "role", "execution")
    return account


DANA = "arn:aws:iam::111122223333:user/dana"


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate", *arguments, stdout=out)
    return out.getvalue()


def verdicts(*arguments: str) -> dict[str, str]:
    """The cells of dana by action."""
    answer = json.loads(run(*arguments, "--identity", DANA, "--format", "json"))
    [row] = answer["rows"]
    return dict(zip((column["action"].partition(":")[2] for column in answer["columns"]), row["verdicts"], strict=True))


ENDPOINTS = ("--type", "endpoint", "--action", "*teEndpoint")


@pytest.mark.parametrize("written", ["111122223333", "Research", "research"])
def test_the_account_goes_by_number_or_name(account: Account, written: str) -> None:
    answer = json.loads(run(written, "--format", "json"))
    assert set(answer) == {"columns", "rows"}
    assert len(answer["columns"]) > 600
    assert [(row["arn"], row["kind"]) for row in answer["rows"]] == [
        (DANA, "user"),
        ("arn:aws:iam::111122223333:role/execution", "role"),
        ("arn:aws:iam::111122223333:root", "root"),
    ]
    assert all(len(row["verdicts"]) == len(answer["columns"]) for row in answer["rows"])
    assert set(answer["columns"][0]) == {"action", "resource_type", "access_level"}


def test_a_letter_says_each_verdict(account: Account) -> None:
    assert verdicts("research", *ENDPOINTS) == {"CreateEndpoint": "S", "DeleteEndpoint": "C", "UpdateEndpoint": "I"}


def test_context_region_and_what_ifs_count(account: Account) -> None:
    assert verdicts("research", *ENDPOINTS, "--context", "aws:MultiFactorAuthPresent=true")["DeleteEndpoint"] == "A"
    assert verdicts("research", *ENDPOINTS, "--context", "!aws:MultiFactorAuthPresent")["DeleteEndpoint"] == "I"
    assert verdicts("research", *ENDPOINTS, "--exclude", "inline:dana/create")["CreateEndpoint"] == "I"
    assert verdicts("research", *ENDPOINTS, "--add", json.dumps(allow("*")))["UpdateEndpoint"] == "A"


def test_one_resource_is_asked_about_as_it_is(account: Account) -> None:
    found = verdicts("research", "--resource", ENDPOINT, "--action", "*Endpoint")
    assert found["DescribeEndpoint"] == "A"
    assert found["CreateEndpoint"] == "A"
    assert found["DeleteEndpoint"] == "I"
    elsewhere = verdicts("research", "--resource", ENDPOINT.replace("churn", "other"), "--action", "*Endpoint")
    assert elsewhere["CreateEndpoint"] == "I"
    mfa = ("--context", "aws:MultiFactorAuthPresent=true")
    assert verdicts("research", "--resource", ENDPOINT, "--action", "*Endpoint", *mfa)["DeleteEndpoint"] == "A"


def test_one_resource_leaves_the_actions_of_its_type(account: Account) -> None:
    answer = json.loads(run("research", "--resource", ENDPOINT, "--format", "json"))
    assert {column["resource_type"] for column in answer["columns"]} == {"endpoint"}
    answer = json.loads(run("research", "--resource", "*", "--format", "json"))
    assert {column["resource_type"] for column in answer["columns"]} == {"*"}


def test_an_explicit_deny_is_told_apart(account: Account) -> None:
    denied = {"Statement": {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"}}
    found = verdicts("research", "--resource", ENDPOINT, "--action", "DeleteEndpoint", "--add", json.dumps(denied))
    assert found == {"DeleteEndpoint": "E"}


def test_tags_and_region_of_a_known_resource_count(account: Account) -> None:
    condition = {"StringEquals": {"sagemaker:ResourceTag/stage": "dev", "aws:RequestedRegion": "eu-west-1"}}
    tagged = allow("sagemaker:UpdateEndpoint", Condition=condition)
    factories.make_inline_policy(factories.Identity.objects.get(name="dana"), tagged)
    asked = ("research", "--resource", ENDPOINT, "--action", "UpdateEndpoint")
    assert verdicts(*asked) == {"UpdateEndpoint": "I"}
    factories.make_resource(account, "endpoint", "churn", region="eu-west-1", tags={"stage": "dev"})
    assert verdicts(*asked) == {"UpdateEndpoint": "A"}
    assert verdicts(*asked, "--context", "sagemaker:resourcetag/Stage=prod") == {"UpdateEndpoint": "I"}
    assert verdicts(*asked, "--context", "!aws:RequestedRegion") == {"UpdateEndpoint": "I"}


def test_an_identity_whose_policies_cannot_be_read_is_undecided(account: Account) -> None:
    factories.make_inline_policy(factories.Identity.objects.get(name="dana"), '{"Statement": 1}')
    assert set(verdicts("research", "--resource", ENDPOINT).values()) == {"U"}


def test_verdicts_choose_rows(account: Account) -> None:
    for more in ((), ("--resource", ENDPOINT)):
        answer = run("research", "--action", "DescribeEndpoint", "--verdict", "I", "--format", "json", *more)
        assert [row["kind"] for row in json.loads(answer)["rows"]] == ["role"]


def test_csv_has_a_column_for_each_action_and_no_formulas(account: Account) -> None:
    factories.make_identity(account, "user", "=cmd")
    rows = list(csv.reader(io.StringIO(run("research", *ENDPOINTS, "--kind", "user", "--format", "csv"))))
    assert rows[0] == [
        "arn",
        "kind",
        "name",
        "sagemaker:CreateEndpoint on endpoint",
        "sagemaker:DeleteEndpoint on endpoint",
        "sagemaker:UpdateEndpoint on endpoint",
    ]
    assert rows[1][2:] == ["'=cmd", "I", "I", "I"]
    assert rows[2] == [DANA, "user", "dana", "S", "C", "I"]


def test_the_table_names_what_is_possible_and_counts_the_rest(account: Account) -> None:
    lines = run("research", *ENDPOINTS, "--identity", DANA).splitlines()
    assert lines == [
        f"{DANA} (user)",
        "  sagemaker:CreateEndpoint  endpoint  allowed on some resources",
        "  sagemaker:DeleteEndpoint  endpoint  depends on conditions",
        "  implicit deny: 1 of 3 columns",
    ]
    assert run("research", "--action", "UpdateEndpoint", "--type", "endpoint", "--kind", "role").splitlines() == [
        "arn:aws:iam::111122223333:role/execution (role)",
        "  sagemaker:UpdateEndpoint  endpoint  implicit deny",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "no account `nowhere`: there are Research"),
        (["research", "--type", "endpont"], "--type: `endpont` is not a SageMaker resource type"),
        (["research", "--context", "mfa"], "--context: `mfa` is not key=value"),
        (["research", "--identity", "dana"], "--identity: `dana` is not an ARN"),
        (["research", "--identity", f"{DANA}x"], "no such identity: "),
        (["research", "--action", "Fly*"], "no action fits"),
        (["research", "--resource", "endpoint"], "--resource: `endpoint` is not an ARN"),
        (["research", "--resource", "arn:aws:s3:::bucket"], "--resource: no SageMaker resource type"),
        (["research", "--resource", ENDPOINT, "--type", "model"], "no action fits"),
        (["research", "--add", "{"], "--add: policy 1"),
        (["research", "--add", "arn:aws:iam::1:policy/none"], "no managed policy"),
        (["research", "--resource", ENDPOINT, "--add", "arn:aws:iam::1:policy/none"], "no managed policy"),
    ],
)
def test_what_is_not_understood_is_told_in_a_sentence(account: Account, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError, match=words.replace("*", r"\*")):
        run(*arguments)


def test_a_name_that_several_accounts_have_is_refused(account: Account) -> None:
    factories.make_account("444455556666", "research")
    with pytest.raises(CommandError, match="2 accounts are called `research`: write the number"):
        run("research")


def test_before_the_first_import_it_says_what_to_do(db: None) -> None:
    with pytest.raises(CommandError, match=r"manage\.py import_account"):
        run("research")
