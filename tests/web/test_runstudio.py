"""`manage.py runstudio` refuses in one sentence what it cannot work with; tests/e2e has a real one run."""

import json
import socket
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from policystudio.web.management.commands import runstudio


def test_a_taken_port_is_told_with_the_way_out(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings.HOST, settings.PORT = other.getsockname()
        with pytest.raises(
            CommandError, match=r"^port \d+ of 127.0.0.1 is taken by another program: choose .* PORT=…$"
        ):
            call_command("runstudio")


def test_an_address_of_another_machine_is_not_called_taken(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.HOST = "192.0.2.1"
    with pytest.raises(CommandError, match=r"cannot be used \("):
        call_command("runstudio")


def test_a_folder_that_cannot_be_written_to_is_told(settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.VAR_DIR = tmp_path / "file" / "var"
    with pytest.raises(CommandError, match=r"cannot be written to \(.*VAR_DIR$"):
        call_command("runstudio")


@pytest.mark.django_db
def test_it_repeats_the_sign_ins_of_the_demonstration_that_still_work(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    create = get_user_model().objects.create_user
    create("dana", password="as-it-was")
    create("vic", password="changed-since")
    create("gone", password="as-it-was", is_active=False)
    names = ("dana", "vic", "gone", "never-made")
    sign_ins = [{"username": name, "password": "as-it-was", "about": "somebody"} for name in names]
    (tmp_path / "demo-sign-in.json").write_text(json.dumps(sign_ins))
    assert [one["username"] for one in runstudio.demo_sign_ins()] == ["dana"]


@pytest.mark.django_db
def test_without_a_demonstration_there_is_nothing_to_repeat(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    assert list(runstudio.demo_sign_ins()) == []
