"""`manage.py runstudio`: everything `make run` does once the packages are installed."""

import errno
import http.client
import json
import socket
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from policystudio.accounts import selectors as accounts
from policystudio.lib.processes import Family

#: Addresses that mean "every interface"; a person on this machine reaches them at the loopback address.
ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- nothing is bound to these keys


class Command(BaseCommand):
    """Prepare the database and the static files, then run web server and worker until stopped."""

    help = "Migrate, load the demonstration into an empty database, run web server and Celery worker until Ctrl-C"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *_args: object, no_demo: bool, **_options: object) -> None:
        _refuse_read_only_folder(settings.VAR_DIR)
        _refuse_taken_port(settings.HOST, settings.PORT)
        try:
            self._prepare(load_demo=not no_demo)
        except KeyboardInterrupt:
            raise CommandError("stopped before it was ready; the next start goes on from here") from None
        with Family() as family:
            family.start("web server", [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"])
            family.start("worker", _worker_command())
            ended = _wait_until_served(family)
            if ended is None and not family.asked_to_stop:
                self._greet()
                ended = family.wait()
            if ended is None:
                self.stdout.write("Stopping …")
        if ended is not None:
            raise CommandError(f"the {ended} ended by itself, so all was stopped; the lines above say why")

    def _prepare(self, *, load_demo: bool) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if load_demo and accounts.is_empty():
            self.stdout.write("Loading the demonstration organization …")
            call_command("load_demo", stdout=self.stdout)
        call_command("collectstatic", verbosity=0, interactive=False)

    def _greet(self) -> None:
        host = ANY_HOST.get(settings.HOST, settings.HOST)
        self.stdout.write(f"\nPolicy Studio is at http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/")
        sign_ins = list(demo_sign_ins())
        for one in sign_ins:
            self.stdout.write(f"  sign in as {one['username']}, password {one['password']}  ({one['about']})")
        if not sign_ins and not get_user_model().objects.exists():
            self.stdout.write("  nobody can sign in yet: run .venv/bin/python manage.py createsuperuser")
        self.stdout.write("Ctrl-C stops it.\n")


def _refuse_read_only_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CommandError(
            f"{folder} cannot be written to ({error.strerror}): make it writable, or name another folder with VAR_DIR"
        ) from error


def _refuse_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = (
                "is taken by another program"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used ({error.strerror})"
            )
            raise CommandError(f"port {port} of {host} {reason}: choose another one with PORT=…") from error


def _worker_command() -> list[str]:
    """One worker with a beat of its own, which is right as long as there is only one worker."""
    return [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "policystudio.celery", "worker"),
        *("--beat", "--concurrency", str(settings.JOB_WORKERS), "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def _wait_until_served(family: Family) -> str | None:
    """Wait for the first answer of the web server; the name of the process that ended instead, if one did."""
    host = ANY_HOST.get(settings.HOST, settings.HOST)
    while not family.asked_to_stop:
        ended = family.wait(0.2)
        if ended is not None:
            return ended
        connection = http.client.HTTPConnection(host, settings.PORT, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        else:
            return None
        finally:
            connection.close()
    return None


def demo_sign_ins() -> Iterator[dict[str, str]]:
    """The sign-ins that `load_demo` made, as long as they still work."""
    try:
        sign_ins = json.loads((settings.VAR_DIR / "demo-sign-in.json").read_text())
    except (OSError, ValueError):
        return
    for one in sign_ins:
        user = get_user_model().objects.filter(username=one["username"], is_active=True).first()
        if user is not None and user.check_password(one["password"]):
            yield one
