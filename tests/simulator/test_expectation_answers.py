"""What a change makes of expectations, in words, as data, and as an exit status."""

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from policystudio.accounts.models import Account
from policystudio.accounts.selectors import every_account
from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.simulator.expectation_answers import run, run_as_json, run_change, sentence_of
from policystudio.simulator.expectations import Kept
from tests import factories as make
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db

NUMBER = "111122223333"
ANA = f"arn:aws:iam::{NUMBER}:user/ana"
DENY_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


@pytest.fixture(name="account")
def the_account() -> Account:
    found = make.make_account(NUMBER, "research")
    ana = make.make_identity(found, "user", "ana")
    make.make_inline_policy(ana, allow("sagemaker:ListModels"), "look")
    for demand, action in (("must", "sagemaker:ListModels"), ("never", "sagemaker:DeleteModel")):
        wanted = services.Wanted(demand=demand, identity=ANA, action=action, resource="*")
        services.expectation_create(account=found, by=None, wanted=wanted)
    return found


def change(account: Account, text: Any, **fields: Any) -> Change:
    values = {"kind": "inline-policy", "target": ANA, "name": "look", "title": "try", **fields}
    return services.change_begin(account=account, by=None, text=make.as_text(text), **values).change


def test_as_it_is_all_are_kept(account: Account) -> None:
    found = run(account)
    assert found.state is Kept.KEPT
    assert sentence_of(found) == "All 2 expectations are kept."


def test_a_change_that_breaks_one_shows_the_request(account: Account) -> None:
    found = run_change(change(account, allow("sagemaker:*")), every_account())
    assert sentence_of(found) == "Of 2 expectations 1 is broken, 1 of them by this change."
    answer = run_as_json(found)
    assert [(one["before"], one["state"]) for one in answer["expectations"]] == [("kept", "kept"), ("kept", "broken")]
    assert answer["expectations"][1]["breaches"][0]["example"]["action"] == "sagemaker:DeleteModel"


def test_a_change_that_mends_one_says_so(account: Account) -> None:
    account.identities.get(name="ana").inline_policies.all().delete()
    assert run(account).state is Kept.BROKEN
    found = run_change(change(account, allow("sagemaker:ListModels")), every_account())
    assert sentence_of(found) == "All 2 expectations are kept. 1 is mended by this change."


def test_an_edit_that_cannot_be_applied_leaves_it_undecided(account: Account) -> None:
    gone = change(account, allow("*"), target=f"{ANA}-2")
    found = run_change(gone, every_account())
    assert found.state is Kept.UNDECIDED
    assert found.problems


def test_organization_policies_reach_the_expectations_of_other_accounts(account: Account) -> None:
    organization = make.make_organization()
    root = organization.units.get()
    other = make.make_account("444455556666", "production", unit=root)
    scp = make.make_organization_policy(organization, targets=(root, account, other))
    Account.objects.filter(pk=account.pk).update(unit=root)
    account.refresh_from_db()
    ben = make.make_identity(other, "user", "ben")
    make.make_inline_policy(ben, allow("sagemaker:ListModels"))
    wanted = services.Wanted(demand="must", identity=ben.arn, action="sagemaker:ListModels", resource="*")
    services.expectation_create(account=other, by=None, wanted=wanted)
    made = change(
        account,
        DENY_ALL,
        kind="organization-policy",
        target=scp.policy_id,
        name="",
        data={"kind": "scp", "name": scp.name},
    )
    found = run_change(made, every_account())
    assert [(line.account.name, line.fate) for line in found.lines if line.now.state is Kept.BROKEN] == [
        ("research", "broken by this change"),
        ("production", "broken by this change"),
    ]
    hidden = run_change(made, every_account().filter(pk=account.pk))
    assert {line.account.name for line in hidden.lines} == {"research"}


def command(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("expectations", "research", *arguments, stdout=out)
    except SystemExit as error:
        return out.getvalue(), int(str(error.code))
    return out.getvalue(), 0


def test_the_command_ends_with_a_status_for_pipelines(account: Account) -> None:
    text, status = command()
    assert status == 0
    assert "kept: user/ana must be able to do sagemaker:ListModels on *" in text
    made = change(account, allow("sagemaker:*"))
    text, status = command("--change", str(made.number), "--format", "json")
    assert status == 1
    assert json.loads(text)["state"] == "broken"
    broken = change(account, "{")
    assert command("--change", str(broken.number))[1] == 2


def test_the_command_names_what_is_not_there(account: Account) -> None:
    with pytest.raises(CommandError, match="research has no change 9"):
        command("--change", "9")
