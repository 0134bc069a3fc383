"""The audit record: who may write it, and that every kind of tampering is named."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.signals import user_login_failed
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from policystudio.audit import services
from policystudio.audit.models import AppendOnlyError, AuditEntry, AuditHead
from policystudio.audit.signals import entry_recorded
from tests.factories import PASSWORD, make_sign_in
from tests.support.append_only import unguarded

pytestmark = pytest.mark.django_db

ACCOUNT = "111122223333"


def write(count: int = 4) -> list[AuditEntry]:
    return [
        services.record(
            actor="dana",
            action="thing.done",
            target=f"t{number}",
            account=ACCOUNT,
            details={"n": number, "at": "ä\u2028"},
        )
        for number in range(1, count + 1)
    ]


def tamper(sql: str, *parameters: Any) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_entries_are_numbered_and_chained() -> None:
    first, second, *_ = write()
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.previous_hash == ""
    assert second.previous_hash == first.hash
    assert services.verify() == []


def test_a_whole_record_survives_the_database() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 1, tzinfo=UTC).astimezone(tz=None)
    services.record(
        actor=None, action="a.b", at=moment, details={"float": 0.1, "when": moment, "deep": {"b": 1, "a": [None]}}
    )
    assert services.verify() == []
    assert AuditEntry.objects.get().actor == "command line"


def test_an_empty_record_is_whole() -> None:
    assert services.verify() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor", "eve"),
        ("action", "thing.undone"),
        ("target", "t9"),
        ("address", "192.0.2.1"),
        ("account", "444455556666"),
        ("account", ""),
        ("details", '{"n": 7}'),
        ("at", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_changed_entry_is_named(column: str, value: object) -> None:
    write()
    tamper(f"UPDATE audit_auditentry SET {column} = %s WHERE sequence = 2", value)  # noqa: S608 -- our own column
    assert [str(flaw) for flaw in services.verify()] == ["entry 2: was changed: its hash does not fit what it says"]


def test_entries_from_before_accounts_were_kept_still_verify() -> None:
    """What the first release wrote: the hash covers eight fields."""
    entry = services.record(actor="dana", action="thing.done", target="t1", at=datetime(2026, 3, 1, tzinfo=UTC))
    told = [1, "2026-03-01T00:00:00.000000+00:00", "dana", "", "thing.done", "t1", {}, ""]
    assert entry.hash == hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()
    assert services.verify() == []


@pytest.mark.parametrize("account", ["1234", "11112222333x", "١" * 12, "111122223333\n"])
def test_an_account_is_a_number(account: str) -> None:
    with pytest.raises(ValueError, match="12-digit"):
        services.record(actor="dana", action="thing.done", account=account)
    assert not AuditEntry.objects.exists()


def test_who_listens_hears_of_an_entry_and_can_take_it_back() -> None:
    heard: list[AuditEntry] = []

    def listen(entry: AuditEntry, **_: Any) -> None:
        assert connection.in_atomic_block
        heard.append(entry)
        if len(heard) == 2:
            raise LookupError

    entry_recorded.connect(listen)
    try:
        write(1)
        with pytest.raises(LookupError), transaction.atomic():
            write(1)
    finally:
        entry_recorded.disconnect(listen)
    assert [entry.sequence for entry in heard] == [1, 2]
    assert AuditEntry.objects.get() == heard[0]


def test_a_removed_entry_is_named() -> None:
    write()
    tamper("DELETE FROM audit_auditentry WHERE sequence = 2")
    assert [flaw.sequence for flaw in services.verify()] == [2]


def test_entries_cut_off_at_the_end_are_named() -> None:
    write()
    tamper("DELETE FROM audit_auditentry WHERE sequence >= 3")
    assert [(flaw.sequence, flaw.message) for flaw in services.verify()] == [(3, "was removed"), (4, "was removed")]


def test_reordered_entries_are_named() -> None:
    write()
    for old, new in ((2, 99), (3, 2), (99, 3)):
        tamper("UPDATE audit_auditentry SET sequence = %s WHERE sequence = %s", new, old)
    assert {flaw.sequence for flaw in services.verify()} >= {2, 3}


def test_an_entry_rewritten_with_its_hash_breaks_the_chain() -> None:
    write()
    forged = AuditEntry.objects.get(sequence=2)
    forged.actor = "eve"
    tamper("UPDATE audit_auditentry SET actor = %s, hash = %s WHERE sequence = 2", "eve", services.entry_hash(forged))
    assert [flaw.sequence for flaw in services.verify()] == [3]


def test_a_forged_last_entry_is_named() -> None:
    write()
    forged = AuditEntry.objects.get(sequence=4)
    forged.actor = "eve"
    tamper("UPDATE audit_auditentry SET actor = %s, hash = %s WHERE sequence = 4", "eve", services.entry_hash(forged))
    assert [flaw.sequence for flaw in services.verify()] == [4]


def test_the_command_names_flaws_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    call_command("verify_audit")
    assert "whole: 4 entries" in capsys.readouterr().out
    tamper("UPDATE audit_auditentry SET actor = 'eve' WHERE sequence = 3")
    with pytest.raises(CommandError, match="1 flaws"):
        call_command("verify_audit")
    assert "entry 3: was changed" in capsys.readouterr().out


def test_entries_are_never_changed_or_removed() -> None:
    entry = write(1)[0]
    entry.actor = "eve"
    attempts = [
        entry.save,
        entry.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(actor="eve"),
        lambda: AuditEntry.objects.bulk_update([entry], ["actor"]),
    ]
    for attempt in attempts:
        with pytest.raises(AppendOnlyError):
            attempt()


@pytest.mark.parametrize("sql", ["UPDATE audit_auditentry SET actor = 'eve'", "DELETE FROM audit_auditentry"])
def test_the_database_itself_refuses(sql: str) -> None:
    write(1)
    refused = pytest.raises(DatabaseError, match="never changed or removed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert services.verify() == []


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_record_as_well() -> None:
    write(1)
    refused = pytest.raises(DatabaseError, match="never changed or removed")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_auditentry")
    assert services.verify() == []


def test_an_entry_goes_with_the_change_that_is_rolled_back() -> None:
    write(1)
    with transaction.atomic():
        services.record(actor="dana", action="thing.done")
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == AuditHead.objects.get().sequence == 1
    assert services.verify() == []


@pytest.mark.django_db(transaction=True)
def test_it_refuses_to_write_outside_of_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        services.record(actor="dana", action="thing.done")


def test_sign_ins_are_recorded_with_their_address(client: Client) -> None:
    user = make_sign_in("dana")
    client.force_login(user)
    client.logout()
    assert list(AuditEntry.objects.order_by("sequence").values_list("actor", "action")) == [
        ("dana", "user.signed_in"),
        ("dana", "user.signed_out"),
    ]


def test_a_failed_sign_in_is_recorded_without_what_was_typed() -> None:
    make_sign_in("dana")
    for name in ("dana", PASSWORD, "nul\0"):
        user_login_failed.send("tests", credentials={"username": name}, request=None)
    targets = AuditEntry.objects.order_by("sequence").values_list("action", "target")
    assert list(targets) == [("user.sign_in_failed", name) for name in ("dana", "", "")]


def test_the_time_is_kept_as_given() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(microseconds=123456)
    assert AuditEntry.objects.get(pk=services.record(actor="dana", action="a.b", at=moment).pk).at == moment
