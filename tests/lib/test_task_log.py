"""A job's lines carry the id of the request that asked for it, through a real broker and a real worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

import structlog

from policystudio.lib import task_log

ROOT = Path(__file__).resolve().parents[2]


def test_the_id_of_the_request_goes_into_the_message() -> None:
    headers: dict[str, object] = {}
    with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
        task_log.pass_request_id_on(headers=headers)
    assert headers == {task_log.HEADER: "0123456789abcdef"}
    task_log.pass_request_id_on(headers=(outside := {}))
    assert outside == {}


ASK = """
import django
django.setup()
import structlog
from policystudio.lib import queue
with structlog.contextvars.bound_contextvars(request_id="0123456789abcdef"):
    assert queue.send("policystudio.findings.tasks.findings_work", "1")
"""


def test_a_real_worker_logs_with_the_id(tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "CELERY_BROKER_URL"}},
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "policystudio.settings",
        "LOG_FORMAT": "json",
    }

    def run(*command: str) -> str:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stderr

    run(sys.executable, "manage.py", "migrate", "--verbosity", "0")
    run(sys.executable, "-c", ASK)
    worker = [sys.executable, "-m", "celery", "--quiet", "--app", "policystudio.celery", "worker", "--pool", "solo"]
    with subprocess.Popen(worker, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if '"job"' in line:
                break
        process.terminate()
    found = json.loads(lines[-1])
    assert found["request_id"] == "0123456789abcdef"
    assert (found["task"], found["state"]) == ("policystudio.findings.tasks.findings_work", "SUCCESS")
