"""Throw-away installations to measure: each has a migrated database (SQLite or PostgreSQL) and a folder of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.postgres import PostgresMissing, postgres

ROOT = Path(__file__).resolve().parent.parent
#: `ru_maxrss` counts kilobytes on Linux and bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024
#: What of the developer's environment must not change the numbers.
FOREIGN = {"POLICYSTUDIO_ENV", "DEBUG", "ALLOWED_HOSTS", "LOG_FORMAT", "TEST_DATABASE_URL", "DJANGO_SETTINGS_MODULE"}


@dataclass(frozen=True)
class Usage:
    """What a command took."""

    seconds: float
    megabytes: float
    output: str

    def __str__(self) -> str:
        return f"{self.seconds:6.1f} s  {self.megabytes:5.0f} MB peak"


@dataclass(frozen=True)
class Installation:
    """One database with the environment that names it."""

    database: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> Usage:
        """Run a management command in a process of its own; raises SystemExit with its output where it fails."""
        return measured([sys.executable, "manage.py", *arguments], self.environment)


def installations(folder: Path) -> Iterator[Installation]:
    """An empty, migrated installation on SQLite, then one on PostgreSQL where there is one to start."""
    with _installation("SQLite", f"sqlite:///{folder / 'bench.sqlite3'}", folder) as installation:
        yield installation
    yield from on_postgres(folder)


def on_postgres(folder: Path) -> Iterator[Installation]:
    """An empty, migrated installation on PostgreSQL; says why where there is none to start."""
    try:
        with postgres() as url, _installation("PostgreSQL", url, folder) as installation:
            yield installation
    except PostgresMissing as error:
        print(f"  PostgreSQL: not measured, {error}", flush=True)


@contextmanager
def _installation(database: str, url: str, folder: Path) -> Iterator[Installation]:
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    home = folder / database
    (home / "static").mkdir(parents=True)  # WhiteNoise warns of a folder that is not there
    environment = {
        **kept,
        "DATABASE_URL": url,
        "VAR_DIR": str(home),
        "CELERY_BROKER_URL": "memory://",
        "SECRET_KEY": "measured, never served: " + "x" * 40,
    }
    installation = Installation(database, environment)
    installation.manage("migrate", "--verbosity", "0")
    yield installation


def measured(command: Sequence[str], environment: dict[str, str]) -> Usage:
    """Run a command to its end; its time and the peak of its own resident memory.

    The kernel carries the parent's peak over to the child, so whoever calls this must itself be small.
    """
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"`{' '.join(command[1:])}` ended with {process.returncode}:\n{output[-4000:]}")
    return Usage(time.monotonic() - started, usage.ru_maxrss * RSS_UNIT / 2**20, output)
