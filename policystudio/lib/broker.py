"""The file-system broker of a local installation: kombu's, with messages that come and go whole."""

import fcntl
import os
import threading
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

_BINDING = threading.Lock()


class Channel(filesystem.Channel):
    """kombu's channel, with its races mended, mostly by renaming, which is atomic within a file system.

    kombu writes a message under the name that readers look for, so one may take it while it is still empty. It takes a
    message by moving it to the machine's temporary folder, a copy where that is another file system, so two may get
    it. And it fills the table of an exchange in place, so a publisher that starts meanwhile may read an empty one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting, self.taken, self.tables = (
            Path(folder) for folder in (self.data_folder_in, self.processed_folder, self.control_folder)
        )
        for folder in (self.waiting, self.taken, self.tables):
            folder.mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, payload: object, **_kwargs: object) -> None:
        # Wall-clock time, unlike kombu's monotonic clock, keeps messages in order over a restart of the machine.
        name = f"{time.time_ns():020d}_{uuid.uuid4()}.{queue}.msg"
        _write(self.waiting / name, payload)

    def _get(self, queue: str) -> Any:
        for name in sorted(entry.name for entry in self.waiting.iterdir()):
            if name.partition(".")[2] == f"{queue}.msg":
                mine = self.taken / name
                try:
                    (self.waiting / name).rename(mine)
                except FileNotFoundError:
                    continue  # another reader was faster
                text = mine.read_text()
                mine.unlink()
                return loads(text)
        raise Empty

    def queue_bind(self, *args: Any, **kwargs: Any) -> None:
        # kombu notes for the whole process that a queue is bound before it is: another thread would publish to nobody.
        with _BINDING:
            super().queue_bind(*args, **kwargs)

    def _queue_bind(self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None) -> None:
        entry = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with (self.tables / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            table = self.get_table(exchange)
            if entry not in table:
                _write(self._exchange_file(exchange), [entry, *table])


def _write(file: Path, content: object) -> None:
    """Let the file appear, or change, in one step that also outlives a power cut."""
    draft = file.with_name(f"{file.name}.draft")
    with draft.open("w") as stream:
        stream.write(dumps(content))
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(file)


class Transport(filesystem.Transport):
    """The transport with that channel."""

    Channel = Channel


def folders(root: Path) -> dict[str, Any]:
    """The transport options for queues below `root`, where both sides read and write the same folder."""
    queue, control, taken = (root / name for name in ("queue", "control", "taken"))
    return {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(control),
        "processed_folder": str(taken),
        "polling_interval": 0.2,
    }


def install() -> None:
    """Make `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
