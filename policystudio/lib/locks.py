"""Locks that last until the end of a transaction."""

import hashlib

from django.db import connection


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
