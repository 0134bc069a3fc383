"""Imports as jobs: every way from queued to an end, what is seen meanwhile, and what the reaper mends."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.files.base import ContentFile
from django.db import IntegrityError, OperationalError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from policystudio.accounts.models import Account, Membership
from policystudio.audit.models import AuditEntry
from policystudio.awssync import selectors, tasks
from policystudio.awssync.models import ImportJob
from policystudio.awssync.services import (
    ImportRefusedError,
    import_cancel,
    import_create,
    import_run,
    job_progress,
    jobs,
    jobs_reap,
)
from policystudio.identities.models import Identity
from tests.factories import make_account, make_sign_in
from tests.support.exports import NOW, NUMBER, export, role, user

pytestmark = pytest.mark.django_db

CONTENT = json.dumps(export(user("ann"), user("bob"), role("job")))


@pytest.fixture(autouse=True)
def uploads(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "imports"


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids that were handed to the broker."""
    ids: list[str] = []
    monkeypatch.setattr("policystudio.lib.queue.send", lambda _task, *arguments: ids.extend(arguments) or True)
    return ids


@pytest.fixture
def dana() -> User:
    return make_sign_in("dana")


@pytest.fixture
def job(dana: User) -> ImportJob:
    return create(dana)


def create(user_: User, content: str = CONTENT, **options: Any) -> ImportJob:
    return import_create(user=user_, file=ContentFile(content.encode(), name="export.json"), now=NOW, **options)


def run(job: ImportJob, clock: Callable[[], datetime] = lambda: NOW) -> ImportJob:
    import_run(job_id=job.pk, clock=clock)
    return fresh(job)


def fresh(job: ImportJob) -> ImportJob:
    return ImportJob.objects.get(pk=job.pk)


def take(job: ImportJob, *, until: datetime = NOW + timedelta(seconds=30), **values: Any) -> ImportJob:
    """As a worker that took the job and never came back."""
    values = {"state": "running", "lease": uuid4(), "lease_until": until, "attempts": 1, "phase": "reading"} | values
    ImportJob.objects.filter(pk=job.pk).update(**values)
    return fresh(job)


# --- Asked for ---------------------------------------------------------------------------------------------------


def test_a_job_keeps_the_file_and_is_sent_when_the_transaction_is_committed(
    dana: User,
    uploads: Path,
    sent: list[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        job = create(dana, name=" research ", organization="")
    assert sent == []
    assert (job.state, job.name, job.filename, job.size) == ("queued", "research", "export.json", len(CONTENT))
    assert job.input_digest == hashlib.sha256(CONTENT.encode()).hexdigest()
    assert [file.read_text() for file in uploads.iterdir()] == [CONTENT]
    assert fresh(job).sent_at is None
    callbacks[0]()
    assert sent == [str(job.pk)]
    assert fresh(job).sent_at == NOW
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == ("dana", "import.requested", str(job.pk))


def test_the_name_of_an_upload_never_names_a_file(dana: User, uploads: Path) -> None:
    file = ContentFile(b"{}", name="../../etc/passwd")
    job = import_create(user=dana, file=file, now=NOW)
    assert [one.name for one in uploads.iterdir()] == [f"{job.pk}.upload"]
    assert job.filename == "passwd"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "the file is empty"),
        ("x" * 2000, {}, "too large"),
        ("{}", {"name": "a\nb"}, "one line"),
        ("{}", {"organization": "x"}, "not the id of an organization"),
    ],
)
def test_what_can_be_told_at_once_is_refused_at_once(
    dana: User, uploads: Path, settings: Settings, content: str, options: dict[str, str], message: str
) -> None:
    settings.UPLOAD_LIMIT = 1000
    with pytest.raises(ImportRefusedError, match=message):
        create(dana, content, **options)
    assert not ImportJob.objects.exists()
    assert not uploads.exists()


# --- Run ---------------------------------------------------------------------------------------------------------


def test_a_job_runs_to_its_end(job: ImportJob, uploads: Path) -> None:
    done = run(job)
    assert (done.state, done.attempts, done.phase, done.error) == ("succeeded", 1, "", "")
    assert (done.lease, done.lease_until, done.finished_at) == (None, None, NOW)
    assert done.report is not None
    assert done.report["changed"] is True
    assert done.report["accounts"][0]["counts"]["user"]["added"] == 2
    assert (done.progress_done, done.progress_total) == (3, 3)
    assert Identity.objects.count() == 3
    assert Account.objects.get().read_by == "dana"
    assert Membership.objects.get().role == "administrator"
    assert done.upload.name == ""
    assert list(uploads.iterdir()) == []


def test_a_message_that_comes_twice_does_nothing_the_second_time(job: ImportJob) -> None:
    done = run(job)
    assert run(job) == done
    assert fresh(job).attempts == 1
    running = take(create(User.objects.get()))
    assert run(running).attempts == 1
    import_run(job_id=uuid4())  # nor does one of a job that is not there


def test_a_file_that_is_refused_ends_the_job_with_the_sentence(dana: User, uploads: Path) -> None:
    done = run(create(dana, CONTENT[:-5]))
    assert (done.state, done.attempts) == ("failed", 1)
    assert done.error.startswith("line 1, column")
    assert list(uploads.iterdir()) == []


def test_an_account_of_others_is_refused_at_the_time_it_runs(job: ImportJob) -> None:
    make_account(NUMBER)
    done = run(job)
    assert done.state == "failed"
    assert f"account {NUMBER} cannot be imported" in done.error


@pytest.mark.parametrize("change", [{"is_active": False}, None])
def test_a_person_who_may_not_sign_in_any_more_imports_nothing(
    job: ImportJob, dana: User, change: dict[str, Any] | None
) -> None:
    if change:
        User.objects.filter(pk=dana.pk).update(**change)
    else:
        dana.delete()
    assert run(job).state == "failed"
    assert not Account.objects.exists()


def test_an_upload_that_is_gone_is_said(job: ImportJob, uploads: Path) -> None:
    next(uploads.iterdir()).unlink()
    done = run(job)
    assert (done.state, done.error) == ("failed", "the uploaded file is gone: upload it again")


def test_the_task_runs_the_job(job: ImportJob) -> None:
    tasks.import_run(str(job.pk))
    assert fresh(job).state == "succeeded"
    assert tasks.import_run.name == jobs.RUN_TASK


@pytest.mark.django_db(transaction=True)
def test_an_error_of_ours_is_tried_three_times_and_then_said(
    dana: User, monkeypatch: pytest.MonkeyPatch, uploads: Path
) -> None:
    job = create(dana)

    def broken(**_options: Any) -> None:
        raise OperationalError("the connection is gone")

    monkeypatch.setattr(jobs, "account_import", broken)
    for attempt in (1, 2):
        waiting = run(job)
        assert (waiting.state, waiting.attempts, waiting.sent_at, waiting.lease) == ("queued", attempt, None, None)
        assert len(list(uploads.iterdir())) == 1
    done = run(job)
    assert (done.state, done.attempts) == ("failed", 3)
    assert "an error of Policy Studio itself" in done.error
    assert "connection" not in done.error
    assert list(uploads.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_job_mends_itself_after_a_passing_error(dana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    job = create(dana)
    real = jobs.account_import
    monkeypatch.setattr(jobs, "account_import", lambda **_: 1 / 0)
    assert run(job).state == "queued"
    monkeypatch.setattr(jobs, "account_import", real)
    assert run(job).state == "succeeded"
    assert Identity.objects.count() == 3


# --- The lease ---------------------------------------------------------------------------------------------------


def test_an_attempt_that_lost_its_lease_leaves_nothing(job: ImportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reaper gives the job to another worker while the first is only slow: the first must not write."""
    other = uuid4()

    def stolen(self: Any, total: int) -> None:
        ImportJob.objects.filter(pk=job.pk).update(lease=other)

    monkeypatch.setattr(job_progress.JobProgress, "ready", stolen)
    after = run(job)
    assert (after.state, after.lease) == ("running", other)
    assert not Account.objects.exists()


def test_a_lost_lease_is_seen_while_reading(job: ImportJob) -> None:
    taken = take(job)
    progress = job_progress.JobProgress(taken, uuid4(), lambda: NOW)
    with pytest.raises(job_progress.LeaseLostError):
        progress.reading(5)
    with pytest.raises(job_progress.LeaseLostError):
        progress.ready(5)


def test_reading_renews_the_lease_and_says_how_far_it_is(job: ImportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = take(job)
    assert taken.lease is not None
    later = NOW + timedelta(minutes=1)
    progress = job_progress.JobProgress(taken, taken.lease, lambda: later)
    progress.reading(100)
    assert (fresh(job).progress_done, fresh(job).lease_until) == (100, later + job_progress.READING_LEASE)
    progress.reading(200)  # too soon to be told again
    assert fresh(job).progress_done == 100
    progress.ready(1000)
    after = fresh(job)
    assert (after.phase, after.progress_done, after.progress_total) == ("writing", 0, 1000)
    assert after.lease_until is not None
    assert after.lease_until > later + job_progress.WRITING_LEASE


def test_writing_is_seen_from_outside_of_its_transaction(job: ImportJob, dana: User) -> None:
    taken = take(job, phase="writing", progress_total=3)
    assert taken.lease is not None
    job_progress.JobProgress(taken, taken.lease, lambda: NOW).writing(2, 3)
    assert fresh(job).progress_done == 0
    seen = selectors.import_get(dana, job.pk)
    assert (seen.progress_done, seen.progress_total) == (2, 3)
    for text in ("", "{", "[]", '{"done": "x"}'):
        selectors.progress_file(job.pk).write_text(text)
        assert selectors.import_get(dana, job.pk).progress_done == 0


# --- Cancelled ---------------------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_at_once(job: ImportJob, dana: User, uploads: Path) -> None:
    after = import_cancel(by=dana, job=job, now=NOW)
    assert (after.state, after.finished_at) == ("cancelled", NOW)
    assert list(uploads.iterdir()) == []
    assert run(job).state == "cancelled"
    assert not Account.objects.exists()
    assert AuditEntry.objects.first().action == "import.cancelled"  # type: ignore[union-attr]  # there are entries


@pytest.mark.parametrize("step", ["reading", "ready", "writing", "finish"])
def test_a_running_job_stops_at_its_next_step(
    dana: User, job: ImportJob, uploads: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(job_progress, "INTERVAL", 0)
    real = getattr(job_progress.JobProgress, step, None)

    def cancelled_meanwhile(self: Any, *arguments: Any) -> None:
        import_cancel(by=dana, job=job, now=NOW)
        assert real is not None
        real(self, *arguments)

    if step == "finish":
        real = job_progress.JobProgress.check_cancelled
        monkeypatch.setattr(job_progress.JobProgress, "writing", lambda *_: None)
        monkeypatch.setattr(job_progress.JobProgress, "check_cancelled", cancelled_meanwhile)
    else:
        monkeypatch.setattr(job_progress.JobProgress, step, cancelled_meanwhile)
    if step == "reading":
        monkeypatch.setattr("policystudio.awssync.snapshot.export._STEP", 1)
    after = run(job)
    assert (after.state, after.attempts, after.report) == ("cancelled", 1, None)
    assert not Account.objects.exists()
    assert list(uploads.iterdir()) == []


def test_the_file_alone_stops_a_job_that_writes(job: ImportJob) -> None:
    """On SQLite nobody can write the row while the job writes."""
    taken = take(job, phase="writing")
    assert taken.lease is not None
    job_progress.ask_to_stop(job.pk)
    with pytest.raises(jobs.ImportCancelledError):
        job_progress.JobProgress(taken, taken.lease, lambda: NOW).writing(1, 3)


def test_the_file_is_there_before_any_row_is_written(
    job: ImportJob, dana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(job, phase="writing")
    monkeypatch.setattr(jobs, "_move", lambda *_: selectors.cancel_file(job.pk).exists() or pytest.fail("no file yet"))
    monkeypatch.setattr(jobs, "_remove_upload", lambda *_: None)
    import_cancel(by=dana, job=job, now=NOW)


def test_a_job_that_is_done_stays_done(job: ImportJob, dana: User, uploads: Path) -> None:
    run(job)
    assert import_cancel(by=dana, job=job, now=NOW).state == "succeeded"
    assert list(uploads.iterdir()) == []


# --- Mended ------------------------------------------------------------------------------------------------------


def test_a_job_whose_worker_was_lost_is_sent_again(job: ImportJob, sent: list[str]) -> None:
    taken = take(job)
    assert jobs_reap(now=NOW + timedelta(seconds=29)) == 0
    assert fresh(job) == taken
    assert fresh(job).state == "running"
    assert jobs_reap(now=NOW + timedelta(seconds=31)) == 1
    assert sent == [str(job.pk)]
    assert (fresh(job).state, fresh(job).attempts, fresh(job).lease) == ("queued", 1, None)
    done = run(job)
    assert (done.state, done.attempts) == ("succeeded", 2)


def test_after_three_lost_workers_a_job_has_failed(job: ImportJob, sent: list[str], uploads: Path) -> None:
    take(job, attempts=3)
    assert jobs_reap(now=NOW + timedelta(seconds=31)) == 0
    done = fresh(job)
    assert done.state == "failed"
    assert "was lost, 3 times" in done.error
    assert sent == []
    assert list(uploads.iterdir()) == []


def test_a_cancelled_job_whose_worker_was_lost_is_cancelled(job: ImportJob, sent: list[str]) -> None:
    take(job, cancel_requested=True)
    jobs_reap(now=NOW + timedelta(seconds=31))
    assert fresh(job).state == "cancelled"
    assert sent == []


def test_a_job_that_waits_long_is_sent_again_and_not_too_often(job: ImportJob, sent: list[str]) -> None:
    assert jobs_reap(now=NOW) == 1  # it was never sent: the broker was away
    assert jobs_reap(now=NOW + timedelta(seconds=59)) == 0
    assert jobs_reap(now=NOW + timedelta(seconds=61)) == 1
    assert sent == [str(job.pk)] * 2


def test_a_job_waits_as_long_as_the_broker_is_away(
    job: ImportJob, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policystudio.lib.queue.send", lambda *_: False)
    assert jobs_reap(now=NOW) == 0
    assert (fresh(job).state, fresh(job).sent_at) == ("queued", None)


def test_files_that_a_killed_worker_left_are_removed(job: ImportJob, uploads: Path) -> None:
    done = run(job)
    file = uploads / f"{job.pk}.upload"
    file.write_text("left")
    ImportJob.objects.filter(pk=done.pk).update(upload=f"imports/{file.name}")
    jobs_reap(now=NOW)
    assert list(uploads.iterdir()) == []
    assert fresh(job).upload.name == ""


def test_a_broker_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from celery import current_app

    from policystudio.lib import queue

    def away(*_arguments: Any, **_options: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.undo()
    monkeypatch.setattr(current_app, "send_task", away)
    assert queue.send("task", "id") is False


# --- Seen --------------------------------------------------------------------------------------------------------


def test_people_see_their_own_imports(job: ImportJob, dana: User) -> None:
    assert selectors.import_get(dana, job.pk) == job
    for stranger in (make_sign_in(), AnonymousUser()):
        assert not selectors.imports_visible_to(stranger).exists()
        with pytest.raises(ImportJob.DoesNotExist):
            selectors.import_get(stranger, job.pk)
    assert selectors.import_get(make_sign_in(superuser=True), job.pk) == job
    with pytest.raises(ImportJob.DoesNotExist):
        selectors.import_get(dana, uuid4())


# --- The database ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"state": "running"},
        {"state": "lost"},
        {"lease": uuid4()},
        {"state": "succeeded"},
        {"finished_at": NOW},
        {"attempts": 4},
    ],
)
def test_the_database_refuses_states_that_cannot_be(job: ImportJob, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportJob.objects.filter(pk=job.pk).update(**values)
