"""The file-system broker of a local installation: kombu's, with messages that appear whole or not at all."""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """kombu writes a message under the name that consumers look for, so one may take it while it is still empty.

    Here it is written beside the queue and then renamed into it, which is atomic.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for folder in (self.data_folder_in, self.processed_folder, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue: str, payload: object, **_kwargs: object) -> None:
        # Wall-clock time, unlike kombu's monotonic clock, keeps messages in order over a restart of the machine.
        name = f"{time.time_ns() // 1_000_000:015d}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        draft = folder / f"{name}.draft"
        with draft.open("wb") as stream:
            stream.write(str_to_bytes(dumps(payload)))
            stream.flush()
            os.fsync(stream.fileno())
        draft.rename(folder / name)


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
        # kombu moves a message here while it reads it; the default is the machine's shared temporary folder.
        "processed_folder": str(taken),
        "store_processed": True,
    }


def install() -> None:
    """Make `filesystem://` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
