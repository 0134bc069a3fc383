"""The folder in which all processes of one machine keep what they count; it imports nothing that counts."""

import os
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def keep_counts_in(folder: Path) -> None:
    """Let this process and those that it starts count there; call it before anything that counts is imported.

    Files of processes that have ended go: what they counted was of another run.
    """
    os.environ[VARIABLE] = str(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        number = file.stem.rpartition("_")[2]
        if not (number.isdigit() and _runs(int(number))):
            file.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
