"""Jobs survive: a real worker imports over every broker, and kill -9 of anything loses and doubles nothing."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.brokers import free_port, rabbitmq_server, redis_server, wait_until
from tests.support.installation import (
    Installation,
    PostgresInstallation,
    kill_all,
    kill_children,
    make_installation,
    migrated_database,
)
from tools.make_bench_accounts import Shape, write_export

#: Enough that an import is still running when it is killed.
IDENTITIES = 3000


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_database(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("export") / "export.json"
    with file.open("w") as output:
        write_export(output, Shape(identities=IDENTITIES))
    return file


@contextmanager
def filesystem(_folder: Path) -> Iterator[tuple[str, None]]:
    yield "filesystem://", None


@pytest.fixture(
    params=[
        pytest.param(filesystem, id="filesystem"),
        pytest.param(redis_server, id="redis", marks=pytest.mark.broker),
        pytest.param(rabbitmq_server, id="rabbitmq", marks=pytest.mark.broker),
    ]
)
def installation(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[Installation]:
    start: Callable = request.param
    (tmp_path / "broker").mkdir()
    with start(tmp_path / "broker") as (url, _):
        yield make_installation(template, tmp_path / "studio", url)


def assert_imported_once(installation: Installation) -> None:
    assert installation.count("accounts_account") == 1
    assert installation.count("identities_identity") == IDENTITIES
    assert installation.count("(SELECT DISTINCT arn FROM identities_identity)") == IDENTITIES


def test_an_import_runs_and_survives_the_death_of_pool_process_and_worker(
    installation: Installation, export: Path
) -> None:
    job = installation.ask_for_import(export)
    assert installation.job(job).state == "queued"
    with installation.worker() as worker:
        installation.wait_for(job, "running")
        kill_children(worker)
        # The worker goes on with a new process; the job waits for its lease to run out, which the reaper sees.
        # Where the broker delivers again what the process had taken after that, nothing is left to the reaper.
        taken_up = "the job is taken up again"
        wait_until(lambda: installation.job(job).attempts == 2 or installation.reap() == 1, taken_up)
        wait_until(lambda: installation.job(job).attempts == 2, "the second attempt begins")
        kill_all(worker)
    # A busy machine may show the attempt so late that it was over before the kill: all of it is there then.
    finished = installation.job(job).state == "succeeded"
    assert installation.count("identities_identity") == (IDENTITIES if finished else 0)
    assert installation.reap() == (0 if finished else 1)
    with installation.worker():
        done = installation.wait_for(job, "succeeded", "failed")
    assert (done.state, done.attempts, done.error) == ("succeeded", 2 if finished else 3, "")
    assert_imported_once(installation)


def test_after_three_lost_attempts_a_job_has_failed_and_says_so(template: Path, export: Path, tmp_path: Path) -> None:
    installation = make_installation(template, tmp_path / "studio", "filesystem://")
    job = installation.ask_for_import(export)
    for attempt in range(1, 4):
        with installation.worker() as worker:
            wait_until(lambda: installation.job(job).attempts == attempt, "the attempt begins")  # noqa: B023 -- called now
            kill_all(worker)
        installation.reap()
    done = installation.job(job)
    assert (done.state, done.attempts) == ("failed", 3)
    assert "the worker that ran the import was lost" in done.error
    assert installation.count("identities_identity") == 0


@pytest.mark.broker
def test_a_job_that_waits_survives_the_death_of_redis(template: Path, export: Path, tmp_path: Path) -> None:
    port = free_port()
    with redis_server(tmp_path, port) as (url, server):
        installation = make_installation(template, tmp_path / "studio", url)
        job = installation.ask_for_import(export)
        server.kill()
        server.wait()
    with redis_server(tmp_path, port), installation.worker():
        assert installation.wait_for(job, "succeeded", "failed").attempts == 1
    assert_imported_once(installation)


@pytest.mark.broker
def test_a_running_job_and_its_worker_survive_the_death_of_redis(template: Path, export: Path, tmp_path: Path) -> None:
    port = free_port()
    with redis_server(tmp_path, port) as (url, server):
        installation = make_installation(template, tmp_path / "studio", url)
        first = installation.ask_for_import(export)
        with installation.worker():
            installation.wait_for(first, "running")
            server.kill()
            server.wait()
            with redis_server(tmp_path, port):
                assert installation.wait_for(first, "succeeded", "failed").state == "succeeded"
                second = installation.ask_for_import(export)
                assert installation.wait_for(second, "succeeded", "failed").state == "succeeded"
    assert_imported_once(installation)


def test_a_job_asked_for_while_the_broker_is_away_is_sent_later(template: Path, export: Path, tmp_path: Path) -> None:
    nobody = Installation(tmp_path / "studio", f"redis://127.0.0.1:{free_port()}/0")
    make_installation(template, nobody.folder, nobody.broker_url)
    job = nobody.ask_for_import(export)
    assert nobody.job(job).state == "queued"
    installation = Installation(nobody.folder, "filesystem://")
    assert installation.reap() == 1
    with installation.worker():
        assert installation.wait_for(job, "succeeded", "failed").state == "succeeded"


@pytest.mark.postgres
def test_an_import_survives_the_loss_of_its_database(export: Path, tmp_path: Path) -> None:
    server = os.environ["TEST_DATABASE_URL"]
    with PostgresInstallation(tmp_path / "studio", "filesystem://", server).exists() as installation:
        job = installation.ask_for_import(export)
        with installation.worker():
            installation.wait_for(job, "running")
            installation.lose_connections()
            taken_up = "the job is taken up again"
            wait_until(lambda: installation.job(job).attempts == 2 or installation.reap() == 1, taken_up)
            done = installation.wait_for(job, "succeeded", "failed")
        assert (done.state, done.attempts, done.error) == ("succeeded", 2, "")
        assert_imported_once(installation)
