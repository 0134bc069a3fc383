"""The last line: a web worker in which one request has worked far too long ends itself, and a fresh one takes over.

Limits within the analyses come long before (`time_budget`); this is for what knows of no limit.
"""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import structlog
from django.http import HttpRequest, HttpResponseBase

from policystudio.lib.request_log import route_of

logger = structlog.get_logger("policystudio.watchdog")

_EVERY = 1.0


@dataclass
class _Work:
    """A request that a thread of this process is answering."""

    request: HttpRequest
    clock: int
    began: float


@dataclass
class Watchdog:
    """Knows which threads answer requests, and how long the processor has worked at each."""

    seconds: float
    end: Callable[[], None]
    work: dict[int, _Work] = field(default_factory=dict)

    def watch(self) -> None:
        """Look every second, for ever; for a thread of its own."""
        while True:
            time.sleep(_EVERY)
            self.look()

    def look(self) -> None:
        """End the process where a request has worked for longer than it may; waiting is no work."""
        for thread, one in list(self.work.items()):
            try:
                worked = time.clock_gettime(one.clock) - one.began
            except OSError:
                continue  # the thread has just ended
            if worked > self.seconds and self.work.get(thread) is one:
                frame = sys._current_frames().get(thread)
                logger.error("request worked too long", route=route_of(one.request), seconds=worked, at=_places(frame))
                self.end()
                return


#: That of this process; the server's configuration starts it in each worker.
_watchdogs: list[Watchdog] = []


def start(seconds: float) -> None:
    """Watch the requests of this process from now on."""
    _watchdogs[:] = [Watchdog(seconds, _end)]
    threading.Thread(target=_watchdogs[0].watch, name="watchdog", daemon=True).start()


class WatchdogMiddleware:
    """Tells the watchdog, where there is one, which request its thread answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _watchdogs:
            return self.get_response(request)
        thread, work = threading.get_ident(), _watchdogs[0].work
        clock = time.pthread_getcpuclockid(thread)
        work[thread] = _Work(request, clock, time.clock_gettime(clock))
        try:
            return self.get_response(request)
        finally:
            del work[thread]


def _places(frame: FrameType | None) -> list[str]:
    """Where the thread is, without the values of variables."""
    return [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_stack(frame)[-12:]]


def _end() -> None:
    """What is half done in the database is undone with the connection; gunicorn starts another worker."""
    os.kill(os.getpid(), signal.SIGKILL)
