"""What the import commands share: opening the file, naming the owner, printing the report."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from policystudio.awssync.services import ImportRefusedError
from policystudio.awssync.snapshot import Report
from policystudio.awssync.snapshot.report_text import report_lines


class ImportCommand(BaseCommand):
    """A command that imports one file, or standard input, and prints the report; a refusal ends it with status 1."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the file, plain or gzip; - reads standard input")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="of the report")

    def run_import(self, options: dict[str, Any], run: Callable[[BinaryIO], Report]) -> None:
        """Open the file, import it, print the report."""
        with opened(options["file"]) as file:
            try:
                report = run(file)
            except ImportRefusedError as error:
                raise CommandError(f"nothing was imported: {error}") from None
        if options["format"] == "json":
            self.stdout.write(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
            return
        for line in report_lines(report):
            self.stdout.write(line)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The file for reading; standard input is copied first, so that it can seek."""
    if name == "-":
        with tempfile.TemporaryFile() as copy:
            while chunk := sys.stdin.buffer.read(1 << 20):
                copy.write(chunk)
            copy.seek(0)
            yield cast("BinaryIO", copy)
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}") from None


def user_named(username: str | None) -> AbstractBaseUser | None:
    """The user with this sign-in name; None where none is asked for."""
    if username is None:
        return None
    try:
        return get_user_model().objects.get_by_natural_key(username)
    except get_user_model().DoesNotExist:
        raise CommandError(f"nobody signs in as `{username}`: make the user first, or leave out --owner") from None
