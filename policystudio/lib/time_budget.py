"""A limit in seconds of the processor's time, for one thread: however busy the machine is, it allows the same work."""

import time
from collections.abc import Callable

#: How often the clock of the thread is read, which takes a call of the system, in seconds that pass.
_LOOK = 0.02


class TimeBudget:
    """Called at every step of work; raises what ``refusal`` makes when the thread has worked for ``seconds``."""

    def __init__(self, seconds: float, refusal: Callable[[], Exception]) -> None:
        self.seconds, self.refusal = seconds, refusal
        #: Whether anything was worked out, and whether it was given up.
        self.is_asked = self.is_spent = False
        self._begun = time.thread_time()
        self._next_look = 0.0

    def __call__(self) -> None:
        self.is_asked = True
        now = time.perf_counter()
        if now < self._next_look:
            return
        self._next_look = now + _LOOK
        if self.worked() >= self.seconds:
            self.is_spent = True
            raise self.refusal()

    def worked(self) -> float:
        """Seconds that the thread has worked since the budget was given."""
        return time.thread_time() - self._begun
