"""The page of an account's expectations, and the part of a change's page that shows what became of them."""

import pytest
from django.test import Client

from policystudio.changes import services
from policystudio.changes.models import Expectation
from tests import factories as make
from tests.web.conftest import allow

pytestmark = pytest.mark.django_db
NUMBER = "111122223333"
ADDRESS = f"/accounts/{NUMBER}/expectations/"
ANA = f"arn:aws:iam::{NUMBER}:user/ana"
FIELDS = {
    "demand": "never",
    "identity": ANA,
    "action": "sagemaker:DeleteModel",
    "resource": "*",
    "context": "aws:RequestedRegion = eu-west-1, eu-central-1\n!aws:SourceVpc",
    "reason": "<b>because</b>",
}


@pytest.fixture(name="author")
def the_author(client: Client) -> Client:
    account = make.make_account(NUMBER, "research")
    make.make_inline_policy(make.make_identity(account, "user", "ana"), allow("sagemaker:*"), "all")
    person = make.make_sign_in("ada")
    make.make_membership(person, account, "author")
    client.force_login(person)
    return client


def test_one_is_written_shown_changed_and_given_up(author: Client) -> None:
    page = author.post(ADDRESS, FIELDS, follow=True).content.decode()
    made = Expectation.objects.get()
    assert made.context == {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"], "aws:SourceVpc": []}
    assert "Of 1 expectation 1 is broken." in page
    assert "&lt;b&gt;because&lt;/b&gt;" in page
    form = author.get(f"{ADDRESS}?edit={made.pk}").content.decode()
    assert "aws:RequestedRegion = eu-west-1, eu-central-1\n!aws:SourceVpc</textarea>" in form
    author.post(f"{ADDRESS}?edit={made.pk}", {**FIELDS, "version": "1", "demand": "must", "context": ""})
    made.refresh_from_db()
    assert (made.version, made.demand) == (2, "must")
    author.post(f"{ADDRESS}{made.pk}/remove/")
    assert not Expectation.objects.exists()


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("action", "sagemaker:Fly", "no action that is known"),
        ("context", "aws:SourceVpc", "line 1: write `key = value`"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_written_is_kept(
    author: Client, field: str, written: str, said: str
) -> None:
    answer = author.post(ADDRESS, {**FIELDS, field: written})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert written in page
    assert "&lt;b&gt;because" in page


def test_two_people_at_once_lose_nothing(author: Client) -> None:
    author.post(ADDRESS, FIELDS)
    made = Expectation.objects.get()
    author.post(f"{ADDRESS}?edit={made.pk}", {**FIELDS, "version": "1", "reason": "the first"})
    answer = author.post(f"{ADDRESS}?edit={made.pk}", {**FIELDS, "version": "1", "reason": "the second"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "was written by ada in between" in page
    assert "the second" in page
    assert Expectation.objects.get().reason == "the first"


def test_a_change_shows_what_becomes_of_them(author: Client) -> None:
    author.post(ADDRESS, FIELDS)
    account = make.Account.objects.get()
    text = make.as_text(allow("sagemaker:ListModels"))
    edit = services.change_begin(
        account=account, by=None, title="Less", kind="inline-policy", target=ANA, name="all", text=text
    )
    page = author.get(f"/accounts/{NUMBER}/changes/{edit.change.number}/expectations/").content.decode()
    assert "Mended by this change" in page
