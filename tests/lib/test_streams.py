"""Files, standard input and terminals of commands."""

import io
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError

from policystudio.lib.streams import printable, read_whole


def test_a_file_that_cannot_be_read_is_named_and_ends_with_the_status_of_the_command(tmp_path) -> None:
    with pytest.raises(CommandError, match=r"absent\.json` cannot be read: No such file") as caught:
        read_whole(str(tmp_path / "absent.json"), returncode=2)
    assert caught.value.returncode == 2


def test_a_folder_is_no_file(tmp_path) -> None:
    with pytest.raises(CommandError, match="Is a directory"):
        read_whole(str(tmp_path))


def test_a_hyphen_is_standard_input(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"{}")))
    assert read_whole("-") == b"{}"


def test_nothing_from_a_policy_steers_the_terminal() -> None:
    assert printable("model/\x1b[31mred\r\n") == "model/\\x1b[31mred\\r\\n"
    assert printable("modèle/±") == "modèle/±"
