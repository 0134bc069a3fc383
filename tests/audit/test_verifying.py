"""Reading the whole record in the background: what came of it is kept, and nobody waits for it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from policystudio.audit import services, tasks
from policystudio.audit.models import AuditEntry, AuditVerification
from policystudio.audit.services import verifying
from tests.factories import make_sign_in
from tests.support.append_only import unguarded

pytestmark = pytest.mark.django_db


def write(count: int) -> None:
    for number in range(count):
        services.record(actor="dana", action="thing.done", target=str(number))


def test_the_task_keeps_what_came_of_it() -> None:
    write(3)
    tasks.record_verify()
    state = AuditVerification.objects.get()
    assert state.is_whole
    assert state.sequence == 3
    assert AuditEntry.objects.first().action == "record.verified"
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_auditentry SET actor = 'eve' WHERE sequence = 2")
    tasks.record_verify()
    state.refresh_from_db()
    assert (state.is_whole, state.flaw_count, state.sequence) == (False, 1, 4)
    assert state.flaws == ["entry 2: was changed: its hash does not fit what it says"]


def test_it_reads_in_chunks(monkeypatch, django_assert_num_queries) -> None:
    monkeypatch.setattr(verifying, "CHUNK", 10)
    write(35)
    with django_assert_num_queries(2 + 5):
        assert services.verify() == []


def test_what_is_written_while_it_reads_is_no_flaw(monkeypatch) -> None:
    monkeypatch.setattr(verifying, "CHUNK", 2)
    write(6)
    reading = verifying._entries

    def slowly(last: int):
        for entry in reading(last):
            yield entry
            if entry.sequence <= 6:
                write(1)

    monkeypatch.setattr(verifying, "_entries", slowly)
    assert services.verify() == []


def test_what_was_cut_off_by_the_thousand_is_counted_and_not_all_kept() -> None:
    write(300)
    with unguarded(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_auditentry WHERE sequence > 5")
    state = services.verification_run(by="worker")
    assert (state.flaw_count, len(state.flaws)) == (295, verifying.MOST_KEPT)


def test_a_superuser_has_it_read(monkeypatch, django_capture_on_commit_callbacks) -> None:
    sent: list[str] = []
    monkeypatch.setattr(verifying.queue, "send", sent.append)
    root, now = make_sign_in("root", superuser=True), timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        services.verification_ask(by=root, now=now)
        services.verification_ask(by=root, now=now + timedelta(minutes=1))
    assert sent == [verifying.TASK]
    assert AuditEntry.objects.filter(action="record.verification_asked").count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        services.verification_ask(by=root, now=now + timedelta(minutes=6))
    assert len(sent) == 2


def test_nobody_else_may() -> None:
    with pytest.raises(PermissionDenied), transaction.atomic():
        services.verification_ask(by=make_sign_in("dana"), now=timezone.now())
