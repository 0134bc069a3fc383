"""An audit record of 200,000 entries, on SQLite and on PostgreSQL: filling, searching, appending, verifying."""

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.installation import Installation, installations, measured

ENTRIES = 200_000
BATCH = 5_000
APPENDED, WRITERS = 1_000, 20
SCRIPT = "import django; django.setup(); from bench import audit; audit.measure()"
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = [f"{number:012}" for number in range(1, 41)]


def main() -> None:
    """Print for each database what everything takes."""
    with tempfile.TemporaryDirectory() as name:
        for installation in installations(Path(name)):
            print(f"  {ENTRIES:,} entries, {installation.database}", flush=True)
            print(run(installation), end="", flush=True)


def run(installation: Installation) -> str:
    """What is measured in a process that has Django set up."""
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "policystudio.settings"}
    return measured([sys.executable, "-c", SCRIPT], environment).output


def measure() -> None:
    """Fill the record, ask it, append to it and verify it."""
    from policystudio.audit import services

    seconds = timed(fill)
    print(f"  filled in {seconds:.0f} s")
    for label, question in questions():
        times = [timed(question) * 1000 for _ in range(5)]
        print(f"  {label:<44} {statistics.median(times):8.1f} ms, the slowest {max(times):.1f} ms")
    print(f"  appending, one writer     {APPENDED / timed(lambda: append(APPENDED)):8.0f} entries a second")
    print(f"  appending, {WRITERS} writers     {APPENDED / timed(append_at_once):8.0f} entries a second")
    flaws: list[object] = []
    seconds = timed(lambda: flaws.extend(services.verify()))
    print(f"  verify_audit {seconds:.1f} s, {len(flaws)} flaws", flush=True)


def timed(work: Callable[[], object]) -> float:
    """Seconds that pass."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def fill() -> None:
    """Entries as they would have been written, chained."""
    from django.db import transaction

    from policystudio.audit.models import AuditEntry, AuditHead
    from policystudio.audit.services.recording import entry_hash

    previous = ""
    for start in range(1, ENTRIES + 1, BATCH):
        rows = []
        for sequence in range(start, start + BATCH):
            entry = AuditEntry(
                sequence=sequence,
                at=FIRST + timedelta(seconds=10 * sequence),
                actor=f"person-{sequence % 211}",
                address=f"192.0.2.{sequence % 251}",
                action=("change.proposed", "change.published", "token.used", "user.signed_in")[sequence % 4],
                target=f"arn:aws:iam::{ACCOUNTS[sequence % 40]}:policy/team-{sequence % 977}",
                account=ACCOUNTS[sequence % 40],
                details={"after": {"title": f"Change {sequence}"}},
                previous_hash=previous,
            )
            previous = entry.hash = entry_hash(entry)
            rows.append(entry)
        with transaction.atomic():
            AuditEntry.objects.bulk_create(rows)
            AuditHead.objects.update_or_create(id=1, defaults={"sequence": rows[-1].sequence, "hash": previous})


def questions() -> Iterator[tuple[str, Callable[[], object]]]:
    """A page of each filter, alone and in one account; the first page and the last."""
    from policystudio.audit.models import AuditEntry
    from policystudio.audit.selectors import Place, Wanted, actions_recorded, count_of, part_of

    everything, account = Wanted(None), Wanted(frozenset({ACCOUNTS[7]}))
    few = Wanted(frozenset(ACCOUNTS[:5]))
    oldest = AuditEntry.objects.get(sequence=40)
    end = Place(oldest.at, oldest.sequence)
    day = date(2026, 2, 1)
    asked = {
        "the whole record": everything,
        "one account": account,
        "five accounts": few,
        "who": replace(everything, actor="person-7"),
        "who, in one account": replace(account, actor="person-7"),
        "action": replace(everything, action="token.used"),
        "action, in one account": replace(account, action="user.signed_in"),
        "from": replace(everything, address="192.0.2.7"),
        "a day": replace(everything, since=day, until=day),
        "nobody": replace(everything, actor="nobody-at-all"),
        "who and from, which never meet": replace(everything, actor="person-7", address="192.0.2.250"),
        "about, what is often": replace(everything, text="team-7"),
        "about, what is not there": replace(everything, text="no-such-target"),
        "about, what is not there, in one account": replace(account, text="no-such-target"),
    }
    for label, wanted in asked.items():
        yield label, lambda wanted=wanted: part_of(wanted)  # type: ignore[misc]  # the value of this turn
    for label in ("the whole record", "one account", "who", "action", "from"):
        yield f"{label}, last page", lambda wanted=asked[label]: part_of(wanted, after=end)  # type: ignore[misc]  # likewise
    yield "counting to 10,000", lambda: count_of(everything)
    yield "which actions there are", lambda: actions_recorded(None)


def append(count: int) -> None:
    """Entries of their own transactions."""
    from django.db import connection, transaction

    from policystudio.audit import services

    for number in range(count):
        with transaction.atomic():
            services.record(actor="bench", action="change.proposed", target=str(number), account=ACCOUNTS[0])
    connection.close()


def append_at_once() -> None:
    """The same by several writers."""
    threads = [threading.Thread(target=append, args=(APPENDED // WRITERS,)) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
