"""The pages of the audit record: what they say, what was before and after, and files that are safe in a spreadsheet."""

import csv
import io
import json

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit import services
from policystudio.audit.models import AuditEntry, AuditVerification
from policystudio.web import record_files
from policystudio.web.record_words import facts_of
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/accounts/111122223333/record/"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "%s", "Action": "sagemaker:*", "Resource": "*"}]}'


@pytest.fixture
def account() -> Account:
    return factories.make_account("111122223333", "research")


@pytest.fixture
def ada(client: Client, account: Account) -> Client:
    user = factories.make_sign_in("ada")
    factories.make_membership(user, account, Role.ADMINISTRATOR)
    client.force_login(user)
    return client


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(factories.make_sign_in("root", superuser=True))
    return client


def happen(action: str = "change.published", target: str = "7", **details: object) -> AuditEntry:
    return services.record(actor="dana", action=action, target=target, account="111122223333", details=details)


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


def test_it_says_how_many_and_whether_the_record_is_whole(ada: Client) -> None:
    assert "No entry about research. Nobody has verified the record yet." in text_of(ada, PAGE)
    happen()
    AuditVerification.objects.create(checked_at=timezone.now(), sequence=1)
    text = text_of(ada, PAGE)
    assert "1 entry about research, newest first. The record was verified just now: no entry was changed" in text
    AuditVerification.objects.update(flaw_count=2)
    assert "is not what was written: 2 flaws." in text_of(ada, PAGE)


def test_entries_of_other_accounts_and_of_the_studio_are_not_there(ada: Client) -> None:
    happen(target="mine")
    services.record(actor="eve", action="change.published", target="theirs", account="444455556666")
    whole = services.record(actor="eve", action="user.signed_in", target="eve")
    text = text_of(ada, PAGE)
    assert "mine" in text
    assert "theirs" not in text
    assert "user.signed_in" not in text
    assert ada.get(f"{PAGE}{whole.sequence}/").status_code == 404


def test_older_ones_are_a_page_away(ada: Client) -> None:
    for number in range(60):
        happen(target=f"target{number:02}")
    response = ada.get(PAGE)
    assert "target59" in response.content.decode()
    assert "target09" not in response.content.decode()
    further = response.context["part"].further
    text = text_of(ada, f"{PAGE}?after={further}")
    assert "target09" in text
    assert "target10" not in text


@pytest.mark.parametrize("query", ["since=x", "until=2026-13-01", "address=nowhere", "after=here"])
def test_what_cannot_be_read_is_told(ada: Client, query: str) -> None:
    happen(target="target1")
    text = text_of(ada, f"{PAGE}?{query}", 422)
    assert f"<b>{query.partition('=')[0]}</b>" in text
    assert "target1" not in text


def test_what_was_before_and_after_is_told_apart(ada: Client) -> None:
    arn = "arn:aws:iam::111122223333:policy/look"
    entry = happen(
        change=3,
        before={arn: {"text": POLICY % "Allow", "name": "look", "path": "/"}},
        after={arn: {"text": POLICY % "Deny", "name": "watch", "path": "/"}},
    )
    facts = facts_of(entry.details)
    assert [(fact.name, fact.value, fact.before, fact.after) for fact in facts if fact.diff is None] == [
        ("change", "3", None, None),
        (f"{arn} › name", "", "look", "watch"),
    ]
    (diff,) = [fact.diff for fact in facts if fact.diff]
    assert (diff.added, diff.removed) == (1, 1)
    text = text_of(ada, f"{PAGE}{entry.sequence}/")
    assert "What changed" in text
    assert "watch" in text


def test_details_are_inert_text(ada: Client) -> None:
    entry = happen(title="<script>alert(1)</script>", before={"a": "<b>"}, after={"a": "<i>"})
    text = text_of(ada, f"{PAGE}{entry.sequence}/")
    assert "<script>alert" not in text
    assert "<i>" not in text


def test_a_file_for_a_spreadsheet_computes_nothing(ada: Client) -> None:
    happen(target="=HYPERLINK(1)", note="@x")
    response = ada.get(f"{PAGE}export.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert rows[1]["target"] == "'=HYPERLINK(1)"
    assert rows[0]["action"] == "record.exported"
    assert json.loads(rows[1]["details"]) == {"note": "@x"}


def test_a_file_has_what_is_shown_and_no_more_than_its_limit(ada: Client, monkeypatch) -> None:
    for number in range(30):
        happen(target=f"t{number}", action=("a.b", "c.d")[number % 2])
    monkeypatch.setattr(record_files, "_CHUNK", 4)
    told = json.loads(b"".join(ada.get(f"{PAGE}export.json?action=a.b")))
    assert [entry["target"] for entry in told] == [f"t{number}" for number in range(28, -1, -2)]
    assert AuditEntry.objects.first().details == {"format": "json", "action": "a.b"}
    monkeypatch.setattr(record_files, "MOST", 7)
    assert len(json.loads(b"".join(ada.get(f"{PAGE}export.json?action=a.b")))) == 7
    assert json.loads(b"".join(ada.get(f"{PAGE}export.json?action=no.ne"))) == []


def test_a_superuser_sees_everything_and_has_it_verified(root: Client, account: Account) -> None:
    happen(target="oneaccount")
    services.record(actor="eve", action="user.signed_in", target="thestudio")
    text = text_of(root, "/record/")
    assert "oneaccount" in text
    assert "thestudio" in text
    assert root.post("/record/verify/").status_code == 302
    assert AuditVerification.objects.get().asked_at is not None
    assert root.get("/record/1/").status_code == 200
    assert b"".join(root.get("/record/export.csv")).startswith(b"sequence,at,actor")


def test_an_administrator_is_no_superuser(ada: Client) -> None:
    refused = ada.post("/record/verify/")
    assert refused.status_code == 403
    assert "for a superuser." in refused.content.decode()
    assert "The whole record is shown to superusers" in ada.get("/record/").content.decode()
    assert not AuditVerification.objects.exists()


def test_the_menu_shows_the_record_to_superusers(root: Client, ada: Client) -> None:
    assert 'href="/record/"' in text_of(root, "/accounts/")
    assert 'href="/record/"' not in text_of(ada, "/accounts/")


def test_tabs_of_administrators(ada: Client, account: Account) -> None:
    assert PAGE in text_of(ada, "/accounts/111122223333/members/")
    viewer: SignIn = factories.make_sign_in("vic")
    factories.make_membership(viewer, account, Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    assert PAGE not in text_of(client, "/accounts/111122223333/members/")
