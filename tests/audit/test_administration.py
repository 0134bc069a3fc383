"""What staff does in Django's own pages, and Django's own commands, are told in the record like everything else."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands.changepassword import Command
from django.core.management import call_command, get_commands
from django.test import Client

from policystudio.accounts.models import SignedInSession
from policystudio.audit.models import AuditEntry
from policystudio.clients.services import token_create
from tests.factories import PASSWORD, make_sign_in

pytestmark = pytest.mark.django_db
SECRET = "correct horse battery 9"


def test_what_staff_does_in_the_administration_is_told() -> None:
    client = Client()
    client.force_login(make_sign_in("root", superuser=True))
    made = {"username": "newcomer", "usable_password": "true", "password1": SECRET, "password2": SECRET}
    assert client.post("/admin/auth/user/add/", made).status_code == 302
    user = get_user_model().objects.get(username="newcomer")
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.action, entry.target) == ("root", "administration.added", "user newcomer")
    assert str(entry.details["id"]) == str(user.pk)
    removed = client.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert removed.status_code == 302
    assert AuditEntry.objects.first().action == "administration.removed"
    assert SECRET not in repr(list(AuditEntry.objects.values_list()))


def test_a_superuser_of_the_command_line_is_told(monkeypatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", SECRET)
    call_command("createsuperuser", "--noinput", username="root", email="root@example.com", stdout=StringIO())
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == ("command line", "user.created", "root")
    assert SECRET not in repr(entry.details)


def test_a_password_of_the_command_line_is_told_and_ends_what_let_them_in(monkeypatch) -> None:
    session, secret = access_of(make_sign_in("dana"))
    monkeypatch.setattr(Command, "_get_pass", lambda *_: SECRET)
    call_command("changepassword", "dana", stdout=StringIO())
    assert get_user_model().objects.get().check_password(SECRET)
    told = AuditEntry.objects.filter(actor="command line").values_list("action", flat=True)
    assert set(told) == {"user.password_set", "session.ended", "token.revoked"}
    assert not lets_in(session, secret)


def test_a_password_that_staff_sets_ends_what_let_them_in() -> None:
    dana, root = make_sign_in("dana"), Client()
    session, secret = access_of(dana)
    root.force_login(make_sign_in("root", superuser=True))
    address = f"/admin/auth/user/{dana.pk}/password/"
    wrong = {"password1": SECRET, "password2": "other", "usable_password": "true", "set-password": "1"}
    assert root.post(address, wrong).status_code == 200
    assert lets_in(session, secret)
    assert root.post(address, {**wrong, "password2": SECRET}).status_code == 302
    assert not lets_in(session, secret)
    told = AuditEntry.objects.filter(actor="root").values_list("action", flat=True)
    assert {"session.ended", "token.revoked", "administration.changed"} <= set(told)
    assert root.get("/admin/auth/user/").status_code == 200


def access_of(user) -> tuple[Client, str]:
    """A session and a token of the user."""
    session = Client()
    assert session.post("/sign-in/", {"username": user.get_username(), "password": PASSWORD}).status_code == 302
    _, secret = token_create(user=user, name="nightly", scope="read", account=None, lifetime=timedelta(days=1))
    assert lets_in(session, secret)
    return session, secret


def lets_in(session: Client, secret: str) -> bool:
    """Whether they let anybody in: both or neither."""
    by_token = Client().get("/api/v1/accounts", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert (session.get("/you/").status_code == 200) is by_token
    assert SignedInSession.objects.filter(user__username="dana").exists() is by_token
    return by_token


def test_nothing_is_told_once_the_command_has_ended() -> None:
    test = make_sign_in("dana")
    test.save()
    assert not AuditEntry.objects.exists()


def test_the_commands_are_ours() -> None:
    commands = get_commands()
    assert commands["createsuperuser"] == "policystudio.audit"
    assert commands["changepassword"] == "policystudio.accounts"
