"""Locks that last until the end of a transaction, and transactions that wait for no lock."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def lock_until_commit(name: str) -> None:
    """Let only one transaction at a time hold the lock called ``name``; others wait for its end.

    On SQLite a transaction is the only writer anyway. On PostgreSQL this is an advisory lock, which nothing else that
    reads or writes rows has to wait for.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a lock until commit needs a transaction: open one with atomic()")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


@contextmanager
def atomic_without_waiting() -> Iterator[None]:
    """A transaction that gives up where it would have to wait for another writer: then raises ``OperationalError``.

    For what is worth writing but not worth keeping anybody waiting.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            patience = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute("PRAGMA busy_timeout = 0")
        try:
            with transaction.atomic():
                yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout = {int(patience)}")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        yield
