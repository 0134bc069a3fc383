"""Runs several long-lived processes as one: they start together, and when one ends all do."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

from django.conf import settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Family:
    """Named child processes, used as a context manager: `with Family() as family: family.start(…); family.wait()`.

    A signal that asks this process to stop is passed on; every child gets `patience` seconds to end by itself, then it
    is killed together with all it started.
    """

    patience: float = 25.0
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    asked_to_stop: bool = False

    def __enter__(self) -> Self:
        self._handlers = {one: signal.signal(one, self._on_signal) for one in STOP_SIGNALS}
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._stop()
        for one, handler in self._handlers.items():
            signal.signal(one, handler)

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a child in a session of its own, so that Ctrl-C reaches it once: from us."""
        self.children[name] = subprocess.Popen(  # noqa: S603 -- the caller's own command, no shell
            command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def wait(self, seconds: float | None = None) -> str | None:
        """Wait until a child ends by itself (its name), or until asked to stop or the seconds are over (None)."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self.asked_to_stop:
            for name, child in self.children.items():
                if child.poll() is not None:
                    return name
            if end is not None and time.monotonic() >= end:
                return None
            time.sleep(0.1)
        return None

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _stop(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        end = time.monotonic() + self.patience
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, end - time.monotonic()))
            _kill_session(child.pid)
            child.wait()


def _kill_session(leader: int) -> None:
    """Kill what is left of a child's session: the child itself, or processes that it did not clear away."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
