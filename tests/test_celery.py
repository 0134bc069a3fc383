"""The Celery app: every task that somebody names is there, and work is acknowledged only when it is done."""

from policystudio.awssync.services.jobs import RUN_TASK
from policystudio.celery import app


def test_every_task_that_the_beat_sends_is_registered() -> None:
    app.loader.import_default_modules()
    sent = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert sent
    assert sent | {RUN_TASK} <= set(app.tasks)


def test_what_the_beat_sends_does_not_pile_up() -> None:
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] <= entry["schedule"]


def test_a_message_is_kept_until_its_work_is_done() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_messages_are_json_alone() -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
