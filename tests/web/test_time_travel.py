"""The simulator asked of a day in the past, and of a change that is not published: pages, REST and commands."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from policystudio.accounts.services import content_changed
from policystudio.changes.services import change_begin
from policystudio.history import services as history
from tests import factories
from tests.web.conftest import Lab, allow, words_of

ACCOUNT = "/accounts/111122223333"
REST = "/api/v1/accounts/111122223333"
ANA = "arn:aws:iam::111122223333:user/people/ana"
WHY = f"why={ANA}&why_type=model&why_action=sagemaker:DeleteModel"


@pytest.fixture
def past(lab: Lab) -> Lab:
    """Three days ago ana could delete models with MFA; yesterday she got a role beside her and lost that policy."""
    lab.account.read_at = days_ago(5)
    lab.account.save()
    history.record(account=lab.account, at=days_ago(5))
    lab.ana.inline_policies.filter(name="delete-with-mfa").delete()
    gone = factories.make_identity(lab.account, "user", "gone")
    history.record(account=lab.account, at=days_ago(3))
    gone.delete()
    history.record(account=lab.account, at=days_ago(1))
    content_changed(lab.account)
    return lab


def days_ago(number: int) -> datetime:
    return (timezone.now() - timedelta(days=number)).astimezone(UTC).replace(hour=12)


def day(number: int) -> str:
    return f"{days_ago(number):%Y-%m-%d}"


def letters(client: Client, **query: Any) -> dict[str, str]:
    answer = client.get(f"{REST}/matrix", {"action": "DeleteModel", "type": "model", **query})
    assert answer.status_code == 200, answer.content
    return {row["name"]: row["verdicts"] for row in answer.json()["rows"]}


def test_the_matrix_is_asked_of_a_day(vic: Client, past: Lab) -> None:
    assert letters(vic)["ana"] == "I"
    assert letters(vic, at=day(2))["ana"] == "I"
    assert letters(vic, at=day(4))["ana"] == "C"
    assert "gone" in letters(vic, at=day(2))
    assert "gone" not in letters(vic, at=day(4)) | letters(vic)
    moment = f"{days_ago(3) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%S}"
    assert letters(vic, at=moment)["ana"] == "C"
    assert letters(vic, at=f"{days_ago(3) + timedelta(minutes=5):%Y-%m-%dT%H:%M:%S.%fZ}")["ana"] == "I"


def test_the_page_says_which_day_it_is_about(vic: Client, past: Lab) -> None:
    response = vic.get(f"{ACCOUNT}/simulator/", {"at": day(2)})
    assert f"As of {day(2)}" in words_of(response)
    page = response.content.decode()
    assert "gone" in page
    assert f"/accounts/111122223333/identities/{past.ana.pk}/" in page
    assert f'value="{day(2)}"' in page


def test_a_why_of_that_day(vic: Client, past: Lab) -> None:
    words = words_of(vic.get(f"{ACCOUNT}/simulator/why/?{WHY}&at={day(4)}"))
    assert f"as of {day(4)}" in words
    assert "delete-with-mfa" in words
    assert "delete-with-mfa" not in words_of(vic.get(f"{ACCOUNT}/simulator/why/?{WHY}"))
    gone = "why=arn:aws:iam::111122223333:user/gone&why_type=model&why_action=sagemaker:DeleteModel"
    assert vic.get(f"{ACCOUNT}/simulator/why/?{gone}&at={day(2)}").status_code == 200
    assert vic.get(f"{ACCOUNT}/simulator/why/?{gone}&at={day(4)}").status_code == 404


@pytest.mark.parametrize(
    ("query", "said", "status"),
    [
        ({"at": "2001-01-01"}, "its history begins at", 404),
        ({"at": "2999-01-01"}, "is in the future", 404),
        ({"at": "yesterday"}, "is no date or time", 400),
        ({"change": "7"}, "has no change 7", 404),
        ({"change": "x"}, "is not the number of a change", 400),
    ],
)
def test_what_cannot_be_asked_is_said(vic: Client, past: Lab, query: dict[str, str], said: str, status: int) -> None:
    response = vic.get(f"{ACCOUNT}/simulator/", query)
    assert response.status_code == 200
    assert said in words_of(response)
    for path in ("matrix", "what-can"):
        answer = vic.get(f"{REST}/{path}", {**query, **({"identity": ANA} if path == "what-can" else {})})
        assert answer.status_code == status
        assert said in json.dumps(answer.json())
        assert next(iter(query)) in json.dumps(answer.json())
    if "its history" in said or "no change" in said:
        assert said in words_of(
            vic.get(f"{ACCOUNT}/simulator/why/", {**query, **dict(pair.split("=") for pair in WHY.split("&"))})
        )
        assert vic.get(f"{ACCOUNT}/simulator/export.csv", query).status_code == 404


def test_an_account_without_history_is_what_it_was_since_it_was_read(vic: Client, lab: Lab) -> None:
    lab.account.read_at = days_ago(3)
    lab.account.save()
    assert letters(vic, at=day(2)) == letters(vic)
    answer = vic.get(f"{REST}/matrix", {"at": day(4)})
    assert answer.status_code == 404


def begun(lab: Lab, **edit: Any) -> None:
    values = {"name": "", "other": "", "text": "", "data": {}} | edit
    change_begin(account=lab.account, by=None, title="Try", change=None, **values)


def test_a_change_is_tried_without_publishing_it(vic: Client, lab: Lab) -> None:
    begun(lab, kind="inline-policy", target=ANA, name="dev-models", text=json.dumps(allow("sagemaker:*Model")))
    assert letters(vic)["ana"] == "C"
    assert letters(vic, change=1)["ana"] == "A"
    page = words_of(vic.get(f"{ACCOUNT}/simulator/", {"change": 1}))
    assert "As it would be with change 1" in page
    why = words_of(vic.get(f"{ACCOUNT}/simulator/why/?{WHY}&change=1"))
    assert "if change 1 were published" in why
    assert letters(vic)["ana"] == "C"


def test_a_new_identity_of_a_change_has_a_row(vic: Client, lab: Lab) -> None:
    begun(lab, kind="identity", target="arn:aws:iam::111122223333:user/zoe")
    assert letters(vic, change=1)["zoe"] == "I"
    assert "user/zoe" in vic.get(f"{ACCOUNT}/simulator/", {"change": 1}).content.decode()


def test_a_change_that_cannot_be_applied_is_not_answered(vic: Client, lab: Lab) -> None:
    begun(lab, kind="inline-policy", target=ANA, name="more", text=json.dumps(allow("sagemaker:*")))
    lab.ana.delete()
    content_changed(lab.account)
    answer = vic.get(f"{REST}/matrix", {"change": 1})
    assert answer.status_code == 409
    assert "not all of change 1 can be applied" in json.dumps(answer.json())


def simulated(client: Client, **body: Any) -> str:
    asked = {
        "principal": ANA,
        "action": "sagemaker:DeleteModel",
        "resource": "arn:aws:sagemaker:eu-west-1:111122223333:model/a",
        "context": {"aws:MultiFactorAuthPresent": "true"},
    }
    answer = client.post(f"{REST}/simulate", json.dumps({**asked, **body}), content_type="application/json")
    assert answer.status_code == 200, answer.content
    decision: str = answer.json()["results"][0]["decision"]
    return decision


def test_requests_are_simulated_as_of_a_day_and_of_a_change(vic: Client, past: Lab) -> None:
    assert simulated(vic) == "implicitDeny"
    assert simulated(vic, at=day(4)) == "allowed"
    begun(past, kind="inline-policy", target=ANA, name="more", text=json.dumps(allow("sagemaker:*")))
    assert simulated(vic, change=1) == "allowed"
    asked = json.dumps({"principal": ANA, "action": "sagemaker:DeleteModel", "resource": "*", "at": "2001-01-01"})
    refused = vic.post(f"{REST}/simulate", asked, content_type="application/json")
    assert refused.status_code == 404
    assert "its history begins" in json.dumps(refused.json())


def test_commands_take_a_day_and_a_change(past: Lab) -> None:
    def told(*options: str) -> str:
        output = StringIO()
        call_command("simulate", "research", "--action", "DeleteModel", "--identity", ANA, *options, stdout=output)
        return output.getvalue()

    assert told() != told("--at", day(4))
    begun(past, kind="inline-policy", target=ANA, name="more", text=json.dumps(allow("sagemaker:*")))
    assert told() != told("--change", "1")
