"""What staff does in Django's own pages, and Django's own commands, are told in the record like everything else."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.management.commands.changepassword import Command
from django.core.management import call_command, get_commands
from django.test import Client

from policystudio.audit.models import AuditEntry
from tests.factories import make_sign_in

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


def test_a_password_of_the_command_line_is_told(monkeypatch) -> None:
    make_sign_in("dana")
    monkeypatch.setattr(Command, "_get_pass", lambda *_: SECRET)
    call_command("changepassword", "dana", stdout=StringIO())
    assert get_user_model().objects.get().check_password(SECRET)
    assert list(AuditEntry.objects.values_list("action", "target")) == [("user.password_set", "dana")]


def test_nothing_is_told_once_the_command_has_ended() -> None:
    test = make_sign_in("dana")
    test.save()
    assert not AuditEntry.objects.exists()


def test_the_commands_are_ours() -> None:
    assert {get_commands()[name] for name in ("createsuperuser", "changepassword")} == {"policystudio.audit"}
