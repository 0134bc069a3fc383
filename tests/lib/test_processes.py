"""A family of processes ends together, and leaves nobody behind."""

import os
import signal
import sys
import threading
from pathlib import Path

from policystudio.lib.processes import Family
from tests.support.brokers import wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
#: Starts a grandchild, notes its id, and does not listen to SIGTERM.
STUBBORN = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
path = pathlib.Path(sys.argv[1])
path.with_suffix(".draft").write_text(str(child.pid))
path.with_suffix(".draft").rename(path)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_child_that_ends_by_itself_is_named_and_the_others_are_stopped() -> None:
    with Family() as family:
        family.start("sleeper", SLEEPER)
        family.start("one that ends", [sys.executable, "-c", ""])
        assert family.wait() == "one that ends"
    assert family.children["sleeper"].returncode == -signal.SIGTERM


def test_a_signal_ends_the_wait_and_is_passed_on() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Family() as family:
        family.start("sleeper", SLEEPER)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert family.wait() is None
        assert family.asked_to_stop
    assert family.children["sleeper"].returncode == -signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) == before


def test_who_does_not_listen_is_killed_with_all_it_started(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    with Family(patience=0.2) as family:
        family.start("stubborn", [sys.executable, "-c", STUBBORN, str(note)])
        while not note.exists():
            assert family.wait(0.05) is None
    assert family.children["stubborn"].returncode == -signal.SIGKILL
    # The kernel has been told to kill it, which it does a moment later.
    wait_until(lambda: not is_running(int(note.read_text())), "the grandchild is gone")
