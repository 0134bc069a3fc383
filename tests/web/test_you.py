"""Your account: password, second factor, sessions; and signing in with a second factor."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts import selectors
from policystudio.audit.models import AuditEntry
from policystudio.clients.services import token_create
from tests import factories
from tests.support.codes import code_of, enrol, forget_failures
from tests.web.conftest import words_of

NEW = "an entirely other horse"


@pytest.fixture
def dana(db: None) -> SignIn:
    return factories.make_sign_in("dana")


def give_password(client: Client, password: str = factories.PASSWORD, **more: str):
    return client.post("/sign-in/", {"username": "dana", "password": password, **more})


def signed_in() -> Client:
    client = Client()
    assert give_password(client).status_code == 302
    return client


def test_a_second_factor_is_set_up_by_its_qr_code_or_key(dana: SignIn) -> None:
    client, other = signed_in(), signed_in()
    client.post("/you/second-factor/")
    page = client.get("/you/").content.decode()
    assert 'src="data:image/svg+xml' in page
    assert re.search(r'<code class="key">([A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>', page)
    wrong = client.post("/you/second-factor/confirm/", {"code": "12"})
    assert wrong.status_code == 422
    assert "The code is not right" in words_of(wrong)
    done = client.post("/you/second-factor/confirm/", {"code": code_of(dana)})
    assert len(re.findall(r"<code>([a-z2-7]{4}-?){4}</code>", done.content.decode())) == 10
    assert done.headers["Cache-Control"].startswith("max-age=0")
    assert "Signing in asks for a code of your app. 10 recovery codes are left." in words_of(client.get("/you/"))
    assert other.get("/you/").status_code == 302  # it ended


def test_signing_in_asks_for_the_code(dana: SignIn) -> None:
    enrol(dana)
    client = Client()
    planted = give_password(client, next="/imports/")
    assert planted.headers["Location"] == "/sign-in/code/"
    assert client.get("/accounts/").status_code == 302  # not yet
    before = client.cookies["sessionid"].value
    wrong = client.post("/sign-in/code/", {"code": "000000x"})
    assert "The code is not right" in words_of(wrong)
    assert client.get("/accounts/").status_code == 302
    forget_failures(dana)
    done = client.post("/sign-in/code/", {"code": code_of(dana)})
    assert done.headers["Location"] == "/imports/"
    assert client.cookies["sessionid"].value != before
    assert client.get("/accounts/").status_code == 200
    assert AuditEntry.objects.filter(action="user.signed_in").count() == 1


def test_a_recovery_code_lets_in_too(dana: SignIn) -> None:
    codes, client = enrol(dana), Client()
    give_password(client)
    assert client.post("/sign-in/code/", {"code": codes[3]}).headers["Location"] == "/"


def test_a_code_without_a_password_is_nothing(dana: SignIn) -> None:
    enrol(dana)
    assert Client().post("/sign-in/code/", {"code": code_of(dana)}).headers["Location"] == "/sign-in/"


def test_the_password_does_not_last(dana: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(dana)
    client, late = Client(), timezone.now() + timedelta(minutes=6)
    give_password(client)
    monkeypatch.setattr("policystudio.web.views.sign.timezone.now", lambda: late)
    assert client.get("/sign-in/code/").headers["Location"] == "/sign-in/"


@pytest.mark.parametrize("change", ["password", "switched off"])
def test_whoever_changed_meanwhile_begins_anew(dana: SignIn, change: str) -> None:
    enrol(dana)
    client = Client()
    give_password(client)
    if change == "password":
        dana.set_password(NEW)
    else:
        dana.is_active = False
    dana.save()
    assert client.post("/sign-in/code/", {"code": code_of(dana)}).headers["Location"] == "/sign-in/"
    assert client.get("/accounts/").status_code == 302


def test_wrong_codes_lock_like_wrong_passwords(dana: SignIn, settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    enrol(dana)
    client = Client()
    give_password(client)
    for _ in range(3):
        forget_failures(dana)
        last = client.post("/sign-in/code/", {"code": "000000x"})
    assert last.status_code == 429
    assert AuditEntry.objects.filter(action="user.sign_in_failed", target="dana").count() == 3
    forget_failures(dana)
    assert client.post("/sign-in/code/", {"code": code_of(dana)}).status_code == 429
    assert give_password(Client(REMOTE_ADDR="203.0.113.7")).status_code == 429


def test_the_right_password_does_not_forget_wrong_codes(dana: SignIn, settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    enrol(dana)
    answers = []
    for _ in range(3):
        client = Client()
        give_password(client)
        forget_failures(dana)
        answers.append(client.post("/sign-in/code/", {"code": "000000x"}).status_code)
    assert answers == [200, 200, 429]


def test_the_administration_has_no_door_without_a_second_factor(dana: SignIn) -> None:
    SignIn.objects.update(is_staff=True, is_superuser=True)
    enrol(dana)
    client = Client()
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "dana", "password": factories.PASSWORD}).status_code == 405
    assert client.get("/admin/").status_code == 302


def test_it_is_removed_with_the_password(dana: SignIn) -> None:
    client = signed_in()
    enrol(dana)
    client = Client()
    give_password(client)
    client.post("/sign-in/code/", {"code": code_of(dana)})
    refused = client.post("/you/second-factor/remove/", {"password": "wrong"})
    assert "The password is not right." in words_of(refused)
    assert selectors.second_factor_of(dana) is not None
    client.post("/you/second-factor/remove/", {"password": factories.PASSWORD})
    assert selectors.second_factor_of(dana) is None
    assert client.get("/you/").status_code == 200


def test_the_password_is_changed_and_other_sessions_end(dana: SignIn) -> None:
    client, other = signed_in(), signed_in()
    fields = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert "The password is not right." in words_of(client.post("/you/password/", fields))
    weak = {"old_password": factories.PASSWORD, "new_password1": "12345678", "new_password2": "12345678"}
    assert client.post("/you/password/", weak).status_code == 422
    done = client.post("/you/password/", {**fields, "old_password": factories.PASSWORD}, follow=True)
    assert "Your password was changed." in words_of(done)
    assert "1 session is open" in words_of(done)
    assert other.get("/you/").status_code == 302
    assert give_password(Client(), NEW).status_code == 302
    entry = AuditEntry.objects.get(action="user.password_changed")
    assert NEW not in str(entry.details)


@pytest.mark.parametrize(("more", "left"), [({}, False), ({"tokens": "keep"}, True)])
def test_a_new_password_ends_tokens_unless_they_stay(dana: SignIn, more: dict, left: bool) -> None:
    client = signed_in()
    assert "Keep my tokens" not in words_of(client.get("/you/"))
    _, secret = token_create(user=dana, name="nightly", scope="read", account=None, lifetime=timedelta(days=1))
    assert "Keep my tokens" in words_of(client.get("/you/"))
    fields = {"old_password": factories.PASSWORD, "new_password1": NEW, "new_password2": NEW, **more}
    said = words_of(client.post("/you/password/", fields, follow=True))
    assert ("Your tokens still let your scripts in." if left else "No token lets a script in.") in said
    asked = Client().get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"})
    assert asked.status_code == (200 if left else 401)
    assert AuditEntry.objects.filter(action="token.revoked", actor="dana").exists() is not left


def test_sessions_are_listed_and_ended(dana: SignIn) -> None:
    client, other = signed_in(), signed_in()
    page = client.get("/you/")
    assert "2 sessions are open" in words_of(page)
    ends = re.findall(r'action="(/you/sessions/[0-9a-f]{40}/end/)"', page.content.decode())
    assert len(ends) == 1  # not the one that one looks at it from
    client.post(ends[0])
    assert other.get("/you/").status_code == 302
    another = signed_in()
    client.post("/you/sessions/end/")
    assert another.get("/you/").status_code == 302
    assert client.get("/you/").status_code == 200


def test_who_has_no_password_is_not_asked_for_one(dana: SignIn) -> None:
    dana.set_unusable_password()
    dana.save()
    client = Client()
    client.force_login(dana)
    said = words_of(client.get("/you/"))
    assert "By your organization's identity provider; 1 session is open." in said
    assert "Change the password" not in said
