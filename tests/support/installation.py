"""An installation of its own: a folder, a database, a broker, and the real worker, each in processes of its own."""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import environ
import psycopg2

from tests.support.brokers import running, wait_until

ROOT = Path(__file__).resolve().parents[2]
WORKER = (
    *(sys.executable, "-m", "celery", "--quiet", "--app", "policystudio.celery", "worker", "--concurrency", "1"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)
MIGRATE = 'from django.core.management import call_command\ncall_command("migrate", verbosity=0)\nprint(0)'
#: Asks for an import of the file, as the page of uploads does.
ASK = """
from django.contrib.auth import get_user_model
from django.core.files import File
from django.utils import timezone
from policystudio.awssync import services
user, _ = get_user_model().objects.get_or_create(username="dana", is_superuser=True)
with open({file!r}, "rb") as stream:
    job = services.import_create(user=user, file=File(stream, name="export.json"), now=timezone.now())
print(json.dumps(str(job.pk)))
"""
#: Does what the beat does, at a time when every lease has run out.
REAP = """
from datetime import timedelta
from django.utils import timezone
from policystudio.awssync import services
print(json.dumps(services.jobs_reap(now=timezone.now() + timedelta(days=1))))
"""


@dataclass(frozen=True)
class Job:
    """The row of a job."""

    state: str
    attempts: int
    error: str


@dataclass(frozen=True)
class Installation:
    """An installation in a folder; its processes read their settings from `environment`."""

    folder: Path
    broker_url: str

    @property
    def environment(self) -> dict[str, str]:
        """What the processes of the installation find set."""
        return {
            "VAR_DIR": str(self.folder),
            "CELERY_BROKER_URL": self.broker_url,
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "policystudio.settings",
        }

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "studio.sqlite3"

    @property
    def database_url(self) -> str:
        """What the setting DATABASE_URL says."""
        return f"sqlite:///{self.database}"

    def run(self, code: str) -> Any:
        """Run Python with Django set up; the value that it prints as JSON."""
        start = "import django, json\ndjango.setup()\n"
        command = [sys.executable, "-c", start + code]
        environment = {**os.environ, **self.environment}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ask_for_import(self, file: Path) -> str:
        """Upload an export; the id of the job."""
        return str(self.run(ASK.format(file=str(file))))

    def reap(self) -> int:
        """Let the reaper run after all leases have run out; how many jobs it sent again."""
        return int(self.run(REAP))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database, in a connection that does not disturb the worker's."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30) as connection:
            return connection.execute(sql).fetchall()

    def job(self, job_id: str) -> Job:
        """The row of a job as it is now."""
        rows = self.query("SELECT id, state, attempts, error FROM awssync_importjob")
        # SQLite has no type for it and writes it without its hyphens.
        ((_, state, attempts, error),) = (row for row in rows if UUID(str(row[0])) == UUID(job_id))
        return Job(state, attempts, error)

    def wait_for(self, job_id: str, *states: str) -> Job:
        """Wait until a job is in one of the states."""
        wait_until(lambda: self.job(job_id).state in states, f"the job is {' or '.join(states)}: {self.log()}")
        return self.job(job_id)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.query(f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608 -- the tests' own names

    def log(self) -> str:
        """The end of what the worker said."""
        file = self.folder / "worker.log"
        return file.read_text()[-2000:] if file.exists() else ""

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        """A worker with one process for jobs, as long as the block lasts."""
        with running(*WORKER, environment=self.environment, log=self.folder / "worker.log", folder=ROOT) as process:
            yield process
            # A worker that is asked to end takes seconds for it, which no test is about.
            kill_all(process)


@dataclass(frozen=True)
class PostgresInstallation(Installation):
    """The same on a PostgreSQL database of its own."""

    server_url: str = ""

    @property
    def name(self) -> str:
        """The database, named after the folder, which is nobody else's."""
        return "studio_" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:16]

    @property
    def database_url(self) -> str:
        return self.server_url.rpartition("/")[0] + "/" + self.name

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return postgres_query(self.database_url, sql)

    @contextmanager
    def exists(self) -> Iterator[Self]:
        """The database is there, migrated, as long as the block lasts."""
        self.folder.mkdir()
        postgres_query(self.server_url, f"CREATE DATABASE {self.name}")
        try:
            self.run(MIGRATE)
            yield self
        finally:
            postgres_query(self.server_url, f"DROP DATABASE {self.name} WITH (FORCE)")

    def lose_connections(self) -> None:
        """End every connection to the database, as its restart does."""
        sql = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'"  # noqa: S608 -- ours
        postgres_query(self.server_url, sql)


def postgres_query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement in a connection of its own."""
    database = environ.Env.db_url_config(url)
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    connection = psycopg2.connect(**{name: database[key] or None for name, key in parts.items()})
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def make_installation(template: Path, folder: Path, broker_url: str) -> Installation:
    """An installation with the migrated database of the template."""
    folder.mkdir()
    installation = Installation(folder, broker_url)
    shutil.copy(template, installation.database)
    return installation


def migrated_database(folder: Path) -> Path:
    """A database with every migration applied, for installations to start from."""
    installation = Installation(folder, "memory://")
    installation.run(MIGRATE)
    return installation.database


def kill_children(process: subprocess.Popen[bytes]) -> None:
    """kill -9 what a worker has started: the processes that do its jobs."""
    for pid in children_of(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """kill -9 a worker and all it has started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
