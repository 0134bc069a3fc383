"""Proving that nobody changed the audit record since it was written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from policystudio.audit.models import AuditEntry, AuditHead, AuditVerification
from policystudio.audit.services.recording import Actor, entry_hash, record
from policystudio.lib import queue

TASK = "policystudio.audit.tasks.record_verify"
#: Somebody who asks again within this time is told that it is on its way.
ASKED_LATELY = timedelta(minutes=5)
#: So many flaws are kept to be shown; the command names all.
MOST_KEPT = 100
#: How many entries are read at a time.
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with the record at one place of it."""

    sequence: int
    message: str

    def __str__(self) -> str:
        return f"entry {self.sequence}: {self.message}"


def verification_ask(*, by: AbstractBaseUser, now: datetime) -> AuditVerification:
    """Have the whole record read in the background; nothing happens where that was asked for a moment ago.

    Raises ``PermissionDenied`` for whoever is no superuser: the record is about all accounts.
    """
    if not getattr(by, "is_superuser", False):
        raise PermissionDenied("the whole record is read for a superuser")
    with transaction.atomic():
        state, _ = AuditVerification.objects.select_for_update().get_or_create(id=1)
        if state.asked_at is not None and state.asked_at > now - ASKED_LATELY:
            return state
        state.asked_at = now
        state.save(update_fields=["asked_at"])
        record(actor=by, action="record.verification_asked", at=now)
        transaction.on_commit(lambda: queue.send(TASK))
    return state


def verification_run(*, by: Actor = None, told: Callable[[Flaw], object] | None = None) -> AuditVerification:
    """Read the whole record, call ``told`` with each flaw, and keep what came of it; an entry tells of that."""
    begun, count, kept = timezone.now(), 0, list[str]()
    last = AuditHead.objects.values_list("sequence", flat=True).first() or 0
    for flaw in flaws():
        count += 1
        if count <= MOST_KEPT:
            kept.append(str(flaw))
        if told is not None:
            told(flaw)
    with transaction.atomic():
        values = {"asked_at": None, "checked_at": begun, "sequence": last, "flaw_count": count, "flaws": kept}
        state, _ = AuditVerification.objects.update_or_create(id=1, defaults=values)
        record(actor=by, action="record.verified", details={"last_entry": last, "flaws": count})
    return state


def verify() -> list[Flaw]:
    """Read the whole record and name every entry that was changed, removed, added or put elsewhere; [] if none was."""
    return list(flaws())


def flaws() -> Iterator[Flaw]:
    """The same, one after the other, with a few entries in memory at a time.

    Entries may be written meanwhile: it reads as far as the record went when it began, and no writer waits for it.
    """
    # The newest entry first, the head second: the head, which is written with it, can only have gone further since.
    newest = AuditEntry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    head = AuditHead.objects.first() or AuditHead()
    last = max(newest, head.sequence)
    sequence, previous = 0, ""
    for entry in _entries(last):
        yield from _flaws_of(entry, sequence, previous)
        sequence, previous = entry.sequence, entry.hash
    if head.sequence > sequence:
        yield from (Flaw(number, "was removed") for number in range(sequence + 1, head.sequence + 1))
    elif head.sequence < sequence or head.hash != previous:
        yield Flaw(sequence, f"is not the last one that was written, which is entry {head.sequence}")


def _entries(last: int) -> Iterator[AuditEntry]:
    """The entries up to this one, the oldest first."""
    sequence = -1
    while chunk := list(
        AuditEntry.objects.filter(sequence__gt=sequence, sequence__lte=last).order_by("sequence")[:CHUNK]
    ):
        yield from chunk
        sequence = chunk[-1].sequence


def _flaws_of(entry: AuditEntry, sequence: int, previous: str) -> list[Flaw]:
    flaws = [Flaw(number, "was removed") for number in range(sequence + 1, entry.sequence)]
    if entry.hash != entry_hash(entry):
        flaws.append(Flaw(entry.sequence, "was changed: its hash does not fit what it says"))
    if entry.previous_hash != previous and not flaws:
        flaws.append(Flaw(entry.sequence, "was put here: it follows another entry than the one before it"))
    return flaws
