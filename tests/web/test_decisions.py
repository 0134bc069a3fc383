"""What a change would decide differently: on the page of the change, over REST, and on the command line."""

import json
import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from policystudio.accounts.models import Account
from policystudio.changes.models import Change, Edit
from policystudio.changes.services import change_approve, change_begin, change_propose, change_publish
from tests.web.conftest import Lab, allow, words_of

ROLE = "arn:aws:iam::111122223333:role/trainer"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
LOOK = "arn:aws:iam::111122223333:policy/look"
FRAGMENT = "/accounts/111122223333/changes/1/decisions/"
REST = "/api/v1/accounts/111122223333/changes/1/decisions"


@pytest.fixture
def change(lab: Lab) -> Change:
    """`look` comes to allow deleting models as well."""
    more = allow(["sagemaker:List*", "sagemaker:Describe*"])
    more["Statement"] += allow("sagemaker:DeleteApp")["Statement"]
    return begin(lab, kind="managed-policy", target=LOOK, text=json.dumps(more))


def begin(lab: Lab, change: Change | None = None, **edit: Any) -> Change:
    values = {"name": "", "other": "", "text": "", "data": {}} | edit
    made: Edit = change_begin(account=lab.account, by=None, title="Try", change=change, **values)
    return made.change


def test_the_page_says_in_one_sentence_what_changes_and_for_whom(vic: Client, lab: Lab, change: Change) -> None:
    response = vic.get(FRAGMENT)
    words = words_of(response)
    assert "Gives 2 of 4 identities new access: 1 cell; takes nothing away." in words
    assert "2 identities gain 1 cell." in words
    assert "user/ana , group/scientists" in words
    page = response.content.decode()
    assert f"/accounts/111122223333/identities/{lab.ana.pk}/" in page
    assert "why_action=sagemaker%3ADeleteApp&amp;change=1" in page


def test_the_page_says_who_can_assume_a_role_and_what_cannot_be_applied(vic: Client, lab: Lab, change: Change) -> None:
    begin(lab, change, kind="trust-policy", target=ROLE, text=json.dumps(TRUST))
    begin(lab, change, kind="detach", target=ROLE, other=LOOK)
    words = words_of(vic.get(FRAGMENT))
    assert "More can assume trainer." in words
    assert "is not attached" in words


def published(change: Change) -> None:
    proposed = change_propose(change=Change.objects.get(pk=change.pk), by=None)
    change_publish(change=change_approve(change=proposed, by=None), by=None)


def test_a_published_change_says_what_it_changed(vic: Client, lab: Lab, change: Change) -> None:
    published(change)
    page = words_of(vic.get("/accounts/111122223333/changes/1/"))
    assert "Who can do what since then" in page
    assert "Quotas" not in page
    response = vic.get(FRAGMENT)
    assert "Gives 2 of 4 identities new access: 1 cell; takes nothing away." in words_of(response)
    before, after = re.findall(r'href="([^"]*why_action=sagemaker%3ADeleteApp[^"]*)"', response.content.decode())
    assert ("change=" in after, "at=" in before, "at=" in after) == (False, True, True)
    answers = [words_of(vic.get(unescape(address))) for address in (before, after)]
    assert ["Why can user/ana not call DeleteApp on app?" in one for one in answers] == [True, False]


def test_a_published_change_of_which_nothing_was_known_before_says_so(vic: Client, lab: Lab, change: Change) -> None:
    Account.objects.filter(pk=lab.account.pk).update(read_at=None)
    published(change)
    said = words_of(vic.get(FRAGMENT))
    assert said.startswith("What it changed is not known. Nothing is known of research at")
    assert vic.get(REST).json()["complete"] is False


def test_a_change_that_is_not_there_is_not_found(vic: Client, lab: Lab) -> None:
    assert vic.get(FRAGMENT).status_code == 404
    assert vic.get(REST).status_code == 404


def test_rest_tells_the_same(vic: Client, change: Change) -> None:
    told = vic.get(REST).json()
    assert told["answer"] == "Gives 2 of 4 identities new access: 1 cell; takes nothing away."
    assert told["identities"] | {"not_compared": 0} == {
        "total": 4,
        "touched": 2,
        "gaining": 2,
        "losing": 0,
        "undecided": 0,
        "same": 0,
        "not_compared": 0,
    }
    (group,) = told["groups"]
    assert [cell["action"] for cell in group["cells"]] == ["sagemaker:DeleteApp"]


def run(*arguments: str) -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("decision_diff", *arguments, stdout=output)
    except SystemExit as status:
        return output.getvalue(), int(status.code or 0)
    return output.getvalue(), 0


def test_the_command_ends_with_a_status_for_pipelines(lab: Lab, change: Change) -> None:
    text, status = run("research", "1")
    assert status == 1
    assert text.startswith("Gives 2 of 4 identities new access: 1 cell; takes nothing away.\n")
    told, status = run("research", "1", "--format", "json")
    assert (json.loads(told)["complete"], status) == (True, 1)
    begin(lab, kind="managed-policy", target=LOOK, text="{")
    assert run("research", "2")[1] == 2
    begin(lab, kind="managed-policy", target=LOOK, text=json.dumps(allow("sagemaker:ListApps")))
    assert run("research", "3")[1] == 0
