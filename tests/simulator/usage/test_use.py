"""What a principal uses against what it has: in words, as data, from the command line, and as a law."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.simulator.usage.answers import sentence_of, use_as_json, use_as_text
from policystudio.simulator.usage.events import Records, UsageError, read_text
from policystudio.simulator.usage.use import Use, use_of
from tests import factories as make
from tests.simulator.usage.records import ANA, NUMBER, SAGEMAKER, TRAIN, record, session, training_job
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account() -> Account:
    found = make.make_account(NUMBER, "research")
    ana = make.make_identity(found, "user", "ana")
    make.make_inline_policy(ana, allow(["sagemaker:DescribeModel", "sagemaker:DeleteModel"], f"{SAGEMAKER}:model/*"))
    role = make.make_identity(found, "role", "train", path="/service/")
    make.make_inline_policy(role, allow("sagemaker:DescribeModel", f"{SAGEMAKER}:model/churn"))
    return found


def records(*some: dict[str, Any]) -> Records:
    return read_text(json.dumps(list(some)))


def described(**fields: Any) -> dict[str, Any]:
    return record("DescribeModel", {"modelName": "churn"}, **fields)


def beyond(use: Use) -> set[tuple[str, str]]:
    return {(one["action"], one["example"]["resource"]) for one in use_as_json(use)["beyond"]}


def test_what_is_granted_beyond_the_use_is_told_with_a_request_each(account: Account) -> None:
    use = use_of(account, records(described()))
    answer = use_as_json(use)
    assert {one["action"] for one in answer["beyond"]} == {"sagemaker:DescribeModel", "sagemaker:DeleteModel"}
    assert answer["missing"] == []
    assert (f"{SAGEMAKER}:model/churn") not in {resource for _, resource in beyond(use) if "Describe" in _}
    assert sentence_of(use).endswith("Beyond that, its present policies grant 2 actions.")


def test_a_session_stands_for_its_role_with_or_without_its_path(account: Account) -> None:
    short = {"type": "AssumedRole", "arn": f"arn:aws:sts::{NUMBER}:assumed-role/train/x", "accountId": NUMBER}
    for identity in (session(), short):
        use = use_of(account, records(described(userIdentity=identity)))
        assert use.stored is not None
        assert sentence_of(use).endswith("Its present policies grant nothing beyond that.")


def test_who_called_most_is_looked_at_unless_another_one_is_named(account: Account) -> None:
    some = records(described(), described(userIdentity=session()), described(userIdentity=session()))
    assert use_of(account, some).principal == TRAIN
    assert use_of(account, some, principal=ANA).calls == 1
    with pytest.raises(UsageError, match="made no call of SageMaker in these events"):
        use_of(account, some, principal=f"{ANA}-2")


def test_refused_calls_are_left_out_unless_asked_for(account: Account) -> None:
    some = records(described(), record("DeleteModel", {"modelName": "churn"}, errorCode="AccessDeniedException"))
    use = use_of(account, some)
    assert use.refused == {"sagemaker:DeleteModel": 1}
    assert use.proposal is not None
    assert "DeleteModel" not in use.proposal.text
    both = use_of(account, some, with_refused=True)
    assert both.proposal is not None
    assert "DeleteModel" in both.proposal.text


def test_what_is_left_out_is_told(account: Account) -> None:
    some = records(described(), record("FlyToTheMoon"), record("GetObject", {}, eventSource="s3.amazonaws.com"))
    text = "\n".join(use_as_text(use_of(account, some)))
    assert "Left out, because the action is not known: FlyToTheMoon." in text
    assert "Left out, because they are about other services: 1 call." in text


def test_a_principal_that_is_not_stored_gets_a_policy_and_no_comparison(account: Account) -> None:
    use = use_of(account, records(described(userIdentity=session(f"arn:aws:iam::{NUMBER}:role/new"))))
    assert use.proposal is not None
    assert use_as_json(use)["beyond"] is None
    assert "present policies are not known" in sentence_of(use)


def test_an_identity_with_a_policy_that_cannot_be_read_is_undecided(account: Account) -> None:
    make.make_inline_policy(account.identities.get(name="ana"), "{")
    use = use_of(account, records(described()))
    assert "undecided" in sentence_of(use)
    assert use_as_json(use)["undecided"]


def test_callers_of_other_accounts_are_no_principals_of_this_one(account: Account) -> None:
    other = "arn:aws:iam::444455556666:user/ana"
    with pytest.raises(UsageError, match="no call of SageMaker by a user or role of account 111122223333"):
        use_of(account, records(described(userIdentity={"type": "IAMUser", "arn": other})))


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("least_policy", "research", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_text_data_or_the_policy(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(json.dumps([training_job("churn-1")]))
    policy = json.loads(run(str(file), "--format", "policy"))
    assert policy["Version"] == "2012-10-17"
    assert json.loads(json.loads(run(str(file), "--format", "json"))["policy"]) == policy
    text = run(str(file))
    assert text.startswith("user/ana made 1 call that counts")
    assert " of 6,144 characters." in text


def test_the_command_names_the_file_that_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    with pytest.raises(CommandError, match=r"events\.json: cannot be read"):
        run(str(file))
    file.write_text('{"Records": [')
    with pytest.raises(CommandError, match=r"events\.json: line 1, column 14"):
        run(str(file))
