"""Running the same thing many times at once, each in a thread with a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, connections


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The results of the calls, in order; an exception stands for the call that raised it.

    The database of the tests on SQLite is in memory and has one connection, so there they run one after the other.
    """
    if connection.vendor == "sqlite":
        return [outcome(call) for call in calls]
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return outcome(call)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # noqa: BLE001 -- the test looks at it
        return error
