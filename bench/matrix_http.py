"""The whole matrix of 10,000 identities over HTTP: from PostgreSQL to bytes on the wire, cold and warm."""

import base64
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench.installation import ROOT, Installation, on_postgres
from tools.make_bench_accounts import Shape, write_export

SHAPE = Shape(identities=10_000, policies=100)
TARGET = "target: under 3 s cold and 1 s warm"
WARM_ROUNDS = 5
#: What is asked for, by the words that the result is printed with.
QUESTIONS = {
    "every cell": f"limit={SHAPE.identities}",
    "every cell, in one Region": f"limit={SHAPE.identities}&region=eu-west-1",
    "one action": f"limit={SHAPE.identities}&action=CreateTrainingJob",
    "the first 100 rows": "limit=100",
}


def main() -> None:
    """Print for each question how long its bytes took, first by a server that has compiled nothing, then again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.json"
        with export.open("w", encoding="utf-8") as output:
            write_export(output, SHAPE)
        for installation in on_postgres(folder):
            installation.manage("import_account", str(export), "--name", "bench")
            password = secrets.token_urlsafe(16)
            installation.environment["DJANGO_SUPERUSER_PASSWORD"] = password
            installation.manage("createsuperuser", "--noinput", "--username", "bench", "--email", "bench@example.org")
            print(f"  {SHAPE.identities:,} identities, {installation.database}, one worker ({TARGET})", flush=True)
            for label, query in QUESTIONS.items():
                with served(installation) as port:
                    measure(label, port, query, password)


def measure(label: str, port: int, query: str, password: str) -> None:
    """Ask a fresh server, which has compiled nothing, and then again."""
    token = make_token(port, password)
    path = f"/api/v1/accounts/{SHAPE.account}/matrix?{query}"
    seconds, size = fetched(port, path, token)
    warm = min(fetched(port, path, token)[0] for _ in range(WARM_ROUNDS))
    print(f"  {label:<26} cold {seconds:5.2f} s   warm {warm:5.2f} s   {size / 2**20:6.2f} MB", flush=True)


def make_token(port: int, password: str) -> str:
    """A token for the API, made as a script of a user makes one."""
    basic = base64.b64encode(f"bench:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
    token: str = json.loads(asked(port, "POST", "/api/v1/tokens", headers, json.dumps({"name": "bench"})))["token"]
    return token


def fetched(port: int, path: str, token: str) -> tuple[float, int]:
    """Seconds from the request to the last byte of the answer, and how many bytes it has."""
    started = time.monotonic()
    size = len(asked(port, "GET", path, {"Authorization": f"Bearer {token}"}))
    return time.monotonic() - started, size


def asked(port: int, method: str, path: str, headers: dict[str, str], body: str | None = None) -> bytes:
    """The body of an answer; ends the benchmark where the server refuses."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    with closing(connection):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
    if answer.status >= 400:
        sys.exit(f"{method} {path}: {answer.status} {data[:500]!r}")
    return data


@contextmanager
def served(installation: Installation) -> Iterator[int]:
    """A server with one worker in a process of its own; gives its port."""
    port = _free_port()
    environment = {**installation.environment, "PORT": str(port), "WEB_WORKERS": "1", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _wait_until_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if server.poll() is not None:
            sys.exit(f"the server ended with {server.returncode}")
        try:
            asked(port, "GET", "/healthz", {})
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not answer within 30 seconds")


if __name__ == "__main__":
    main()
