"""Who can and Scenarios of a date, and of a change that is not published: pages, REST and commands say of when."""

import io
import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from policystudio.changes.models import Change
from policystudio.changes.services import change_begin
from policystudio.history import services as history
from policystudio.identities.models import InlinePolicy
from policystudio.simulator.who_can import forget_answers
from tests.web.conftest import Lab, words_of

NUMBER = "111122223333"
WHO = [("action", "sagemaker:DeleteModel"), ("resource", f"arn:aws:sagemaker:eu-west-1:{NUMBER}:model/dev-1")]
OPERATION = [("operation", "DeleteModel"), ("identity", f"arn:aws:iam::{NUMBER}:user/people/ana")]
PAGES = {"who-can": WHO, "scenarios": OPERATION}


@pytest.fixture
def yesterday(lab: Lab) -> str:
    """A day at whose end ana could delete models; now she cannot."""
    forget_answers()
    history.record(account=lab.account, at=timezone.now() - timedelta(days=3))
    InlinePolicy.objects.filter(identity=lab.ana, name="delete-with-mfa").delete()
    history.record(account=lab.account, at=timezone.now())
    return (timezone.now() - timedelta(days=1)).date().isoformat()


@pytest.fixture
def change(lab: Lab) -> Change:
    """A change that takes ana's policy about models away."""
    forget_answers()
    edit = {"kind": "inline-policy-delete", "target": lab.ana.arn, "name": "delete-with-mfa"}
    return change_begin(account=lab.account, by=None, title="Less", **edit).change


def page(client: Client, name: str, *more: tuple[str, str]) -> str:
    response = client.get(f"/accounts/{NUMBER}/{name}/?{urlencode([*PAGES[name], *more])}")
    assert response.status_code == 200
    response.content = response.content.replace(b"<wbr>", b"")
    return words_of(response)


@pytest.mark.parametrize(("name", "can"), [
    ("who-can", "user/ana (under conditions)"),
    ("scenarios", "user/ana can run DeleteModel in some cases"),
])  # fmt: skip
def test_a_page_says_what_was_and_leads_back_to_now(vic: Client, lab: Lab, yesterday: str, name: str, can: str) -> None:
    now, then = page(vic, name), page(vic, name, ("at", yesterday))
    assert f"As of {yesterday}. Ask about things as they are" in then
    assert "Ask about things as they are" not in now
    assert (can in then, can in now) == (True, False)
    assert (
        f'value="{yesterday}"'
        in vic.get(f"/accounts/{NUMBER}/{name}/?{urlencode([*PAGES[name], ('at', yesterday)])}").content.decode()
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_a_change_would_make(vic: Client, lab: Lab, change: Change, name: str) -> None:
    said = page(vic, name, ("change", str(change.number)))
    assert f"As if change {change.number} were published." in said
    assert page(vic, name).split("Change the question")[0] != said.split("Change the question")[0]
    form = vic.get(f"/accounts/{NUMBER}/{name}/?{urlencode([*PAGES[name], ('change', str(change.number))])}")
    assert f'<input type="hidden" name="change" value="{change.number}">' in form.content.decode()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("moment", "said"), [
    (("at", "2001-02-03"), "its history begins at"),
    (("change", "77"), "research has no change 77"),
])  # fmt: skip
def test_a_page_says_what_cannot_be_asked(
    vic: Client, lab: Lab, yesterday: str, name: str, moment: tuple[str, str], said: str
) -> None:
    assert said in page(vic, name, moment)


def test_the_why_of_who_can_is_of_the_same_day(vic: Client, lab: Lab, yesterday: str) -> None:
    content = vic.get(f"/accounts/{NUMBER}/who-can/?{urlencode([*WHO, ('at', yesterday)])}").content.decode()
    links = [piece.split('"')[0] for piece in content.split('href="')[1:] if "/why/" in piece.split('"')[0]]
    assert links
    assert all(f"at={yesterday}" in link for link in links)


def test_rest_says_of_when(vic: Client, lab: Lab, yesterday: str) -> None:
    for name, pairs in (("who-can", WHO), ("scenario", OPERATION)):
        address = f"/api/v1/accounts/{NUMBER}/{name}"
        now = vic.get(f"{address}?{urlencode(pairs)}").json()
        then = vic.get(f"{address}?{urlencode([*pairs, ('at', yesterday)])}").json()
        assert (now["at"], now["change"], then["at"], then["change"]) == (None, None, yesterday, None)
        assert now["sentence"] != then["sentence"]


def test_commands_say_of_when(lab: Lab, change: Change) -> None:
    out = io.StringIO()
    options = ["--change", str(change.number), "--format", "json"]
    with pytest.raises(SystemExit):
        call_command(
            "who_can", NUMBER, "--action", WHO[0][1], "--resource", WHO[1][1], "--verdict", "C", *options, stdout=out
        )
    assert json.loads(out.getvalue())["change"] == change.number
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("scenario", NUMBER, "DeleteModel", "--identity", OPERATION[1][1], *options[:2], stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().splitlines()[0] == f"As if change {change.number} were published."
