"""Counts of several processes are shown together, stay when one ends, and begin anew with the server."""

import os
import re
import subprocess
import sys
from pathlib import Path

from policystudio.lib.metrics import absorb
from policystudio.lib.metrics_folder import keep_counts_in

ROOT = Path(__file__).resolve().parents[2]
COUNT = """
from pathlib import Path
from policystudio.lib.metrics_folder import keep_counts_in
keep_counts_in(Path({folder!r}))
from policystudio.lib import metrics
metrics.SIGN_IN_FAILURES.inc({failures})
metrics.REQUESTS.labels("web:account", "GET", "200").observe(0.2)
"""
SHOW = """
import sys
from policystudio.lib.metrics import exposition
sys.stdout.write(exposition().decode())
"""


def python(script: str, folder: Path) -> tuple[int, str]:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    return process.pid, said


def shown(folder: Path, name: str) -> float:
    _, text = python(SHOW, folder)
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def count_in_another_process(folder: Path, failures: int) -> int:
    """Not to clear away what the process before has left, which the server does when it begins alone."""
    script = COUNT.format(folder=str(folder), failures=failures)
    first = script.replace(f"keep_counts_in(Path({str(folder)!r}))", "")
    process, _ = python(first, folder)
    return process


def test_processes_are_counted_together_and_one_that_ended_too(tmp_path: Path) -> None:
    first = count_in_another_process(tmp_path, 2)
    count_in_another_process(tmp_path, 3)
    for _ in range(2):
        assert shown(tmp_path, "policystudio_sign_in_failures_total") == 5
        count = 'policystudio_request_seconds_count{method="GET",route="web:account",status="200"}'
        assert shown(tmp_path, count) == 2
        absorb(tmp_path, first)
        assert not list(tmp_path.glob(f"*_{first}.db"))
    third = count_in_another_process(tmp_path, 4)
    absorb(tmp_path, third)
    assert shown(tmp_path, "policystudio_sign_in_failures_total") == 9


def test_a_server_that_starts_begins_anew_and_leaves_who_still_runs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # put back behind the test
    absorb(tmp_path, count_in_another_process(tmp_path, 2))
    count_in_another_process(tmp_path, 3)
    mine = tmp_path / f"counter_{os.getpid()}.db"
    mine.write_bytes(b"")
    keep_counts_in(tmp_path)
    assert list(tmp_path.glob("*.db")) == [mine]
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path)
