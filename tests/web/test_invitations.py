"""Invitations in the browser: the link, shown once, opened signed in, signed out, or by somebody new."""

import re

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from structlog.testing import capture_logs

from policystudio.accounts.models import Account, Invitation
from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/members/"
NEW = {"username": "nora", "password1": factories.PASSWORD, "password2": factories.PASSWORD}


def invite(ada: Client, **fields: str) -> str:
    response = ada.post(f"{BASE}invite/", {"addressee": "nora", "role": "author", **fields})
    assert response.status_code == 200
    found = re.search(r"http://testserver(/invitations/[\w-]{43}/)", response.content.decode())
    assert found
    return found[1]


def test_the_link_is_shown_once(ada: Client) -> None:
    link = invite(ada)
    page = ada.get(BASE)
    assert link not in page.content.decode()
    assert "nora author ada" in words_of(page)


def test_somebody_new_accepts_it(ada: Client, lab: Lab) -> None:
    link, client = invite(ada), Client()
    asked = client.get(link, follow=True)
    assert asked.redirect_chain[-1][0] == "/invitation/"
    assert "Will you be author of research (111122223333)?" in words_of(asked)
    weak = client.post("/invitation/", {**NEW, "password1": "12345678", "password2": "12345678"})
    assert weak.status_code == 422
    done = client.post("/invitation/", NEW, follow=True)
    assert "You have the role author of research" in words_of(done)
    assert client.get(BASE).status_code == 200
    assert SignIn.objects.get(username="nora").memberships.get().role == "author"
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("name", ["ada", "ADA"])
def test_a_name_that_somebody_has_cannot_be_used(ada: Client, name: str) -> None:
    link, client = invite(ada), Client()
    client.get(link)
    refused = client.post("/invitation/", {**NEW, "username": name})
    assert "This name cannot be used: choose another." in words_of(refused)
    assert client.post("/invitation/", NEW).status_code == 302


def test_whoever_signs_in_accepts_it_then(ada: Client, lab: Lab) -> None:
    bo, client = factories.make_sign_in("bo"), Client()
    page = client.get(invite(ada), follow=True).content.decode()
    address = re.search(r'href="(/sign-in/\?next=[^"]+)"', page)
    assert address
    client.post("/sign-in/", {"username": "bo", "password": factories.PASSWORD, "next": "/invitation/"})
    assert "Accept as bo" in words_of(client.get("/invitation/"))
    client.post("/invitation/")
    assert bo.memberships.get().role == "author"


def test_opening_the_link_gives_nothing(ada: Client, client_of) -> None:
    bo = factories.make_sign_in("bo")
    client = client_of(bo)
    client.get(invite(ada), follow=True)
    assert not bo.memberships.exists()


def test_a_revoked_one_and_one_that_never_was_look_alike(ada: Client, lab: Lab) -> None:
    link = invite(ada)
    opened = Client()
    opened.get(link)
    pk = Invitation.objects.get().pk
    ada.post(f"{BASE}invitations/{pk}/revoke/")
    gone, never = Client().get(link), Client().get(f"/invitations/{'x' * 43}/")
    assert gone.status_code == never.status_code == 404
    assert words_of(gone) == words_of(never)
    assert opened.post("/invitation/", NEW).status_code == 404
    assert not SignIn.objects.filter(username="nora").exists()
    assert ada.post(f"{BASE}invitations/{pk}/revoke/").status_code == 404


@pytest.mark.parametrize("addressee", ["vic", "nobody-at-all"])
def test_a_name_is_invited_alike_whether_anybody_has_it(ada: Client, vic: Client, addressee: str) -> None:
    response = ada.post(f"{BASE}invite/", {"addressee": addressee, "role": "viewer"})
    told = words_of(response).partition("shown this once:")[0]
    assert told.endswith(f"Pass this link on to {addressee}. It is good once and ")


def test_what_cannot_be_is_told(ada: Client) -> None:
    assert ada.post(f"{BASE}invite/", {"addressee": "", "role": "viewer"}).status_code == 422
    assert ada.post(f"{BASE}invite/", {"addressee": "x", "role": "emperor"}).status_code == 422


def test_the_token_is_not_logged(ada: Client) -> None:
    link = invite(ada)
    with capture_logs() as lines:
        Client().get(link)
        Client().get(f"/invitations/{'y' * 43}/")
    told = [line["path"] for line in lines if line["event"] == "request"]
    assert told == ["/invitations/<str:token>/"] * 2
    assert link.split("/")[2] not in str(lines)


def test_an_invitation_of_another_account_is_not_found(ada: Client, lab: Lab) -> None:
    other: Account = factories.make_account()
    boss = factories.make_sign_in("boss")
    factories.make_membership(boss, other, "administrator")
    factories.make_invitation(boss, other)
    assert ada.post(f"{BASE}invitations/{other.invitations.get().pk}/revoke/").status_code == 404
