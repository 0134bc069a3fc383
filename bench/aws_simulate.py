"""Simulations over HTTP at once: `SimulatePrincipalPolicy` with 100 actions by boto3, and 1,000 requests over REST."""

import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from statistics import quantiles
from typing import Any

import boto3
from botocore.config import Config

from bench.installation import ROOT, Installation, on_postgres
from bench.matrix_http import _free_port, _wait_until_ready, make_token
from tools.make_bench_accounts import Shape, write_export

SHAPE = Shape(identities=1_000, policies=100)
CLIENTS = (1, 10, 50)
SECONDS = 6.0
#: A rate that nobody reaches: what is measured is the work.
UNBOUNDED = {"RATE_LIMIT_PER_MINUTE": "1000000", "RATE_LIMIT_UNSIGNED_PER_MINUTE": "1000000"}
VERBS = ("Create", "Describe", "Delete", "List", "Update")
NOUNS = ("Model", "Endpoint", "EndpointConfig", "TrainingJob", "ProcessingJob", "TransformJob", "Pipeline", "Domain")
#: One call; it raises where the answer is not what it should be.
Call = Callable[[], object]


def main() -> None:
    """Print calls a second and the 95th percentile of their times, at 1, 10 and 50 clients."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.json"
        with export.open("w", encoding="utf-8") as output:
            write_export(output, SHAPE)
        for installation in on_postgres(folder):
            installation.manage("import_account", str(export), "--name", "bench")
            key = json.loads(installation.manage("issue_access_key", "bench", "--account", SHAPE.account).output)
            password = secrets.token_urlsafe(16)
            installation.environment["DJANGO_SUPERUSER_PASSWORD"] = password
            installation.manage("createsuperuser", "--noinput", "--username", "bench", "--email", "bench@example.org")
            print(f"  {SHAPE.identities:,} identities, {installation.database}, 2 workers of 4 threads", flush=True)
            with in_production(installation) as port:
                token = make_token(port, password)
                user = first_user(port, token)
                measure("an empty view (/healthz)", partial(plain, port))
                measure("POST /simulate, 1,000 requests", partial(rest, port, token, user))
                measure("SimulatePrincipalPolicy, 100 actions", partial(by_boto3, port, key, user))


@contextmanager
def in_production(installation: Installation) -> Iterator[int]:
    """The server as a deployment runs it, with its number of workers and threads; gives its port."""
    port = _free_port()
    environment = {**installation.environment, **UNBOUNDED, "PORT": str(port), "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def measure(label: str, prepare: Callable[[], Call]) -> None:
    """Call for some seconds with each number of clients, which have begun before the clock does."""
    for count in CLIENTS:
        calls = [prepare() for _ in range(count)]
        for call in calls[:4]:
            call()
        end = time.monotonic() + SECONDS
        started = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            times = [taken for found in pool.map(lambda call, end=end: until(end, call), calls) for taken in found]
        rate = len(times) / (time.monotonic() - started)
        worst = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        print(f"  {label:<38} {count:3} clients {rate:8.1f} /s   p95 {worst * 1000:7.0f} ms", flush=True)


def until(end: float, call: Call) -> list[float]:
    """The seconds of each call until the clock has run down."""
    times: list[float] = []
    while not times or time.monotonic() < end:
        begin = time.monotonic()
        call()
        times.append(time.monotonic() - begin)
    return times


def plain(port: int) -> Call:
    """A connection that asks for next to nothing."""
    return asker(port, "GET", "/healthz", {}, None, lambda body: body == b"ok\n")


def rest(port: int, token: str, user: str) -> Call:
    """A connection that sends 1,000 requests of one user in a body."""
    requests = [
        {
            "id": number,
            "principal": user,
            "action": f"sagemaker:{VERBS[number % len(VERBS)]}{NOUNS[number % len(NOUNS)]}",
            "resource": f"arn:aws:sagemaker:eu-west-1:{SHAPE.account}:model/team{number % 20}-{number}",
        }
        for number in range(1000)
    ]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = f"/api/v1/accounts/{SHAPE.account}/simulate"
    body = json.dumps({"requests": requests})
    return asker(port, "POST", path, headers, body, lambda answer: answer.count(b'"decision"') == 1000)


def by_boto3(port: int, key: dict[str, str], user: str) -> Call:
    """An unmodified client of AWS's."""
    iam: Any = boto3.client(
        "iam",
        endpoint_url=f"http://127.0.0.1:{port}/aws/",
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    actions = [f"sagemaker:{verb}{noun}" for verb in VERBS for noun in NOUNS]
    actions += [f"s3:{verb}{noun}" for verb in ("Get", "Put", "List") for noun in NOUNS]
    actions += [f"iam:{verb}{noun}" for verb in VERBS for noun in NOUNS][: 100 - len(actions)]

    def call() -> None:
        answer = iam.simulate_principal_policy(PolicySourceArn=user, ActionNames=actions, MaxItems=1000)
        if len(answer["EvaluationResults"]) != 100:
            sys.exit(f"{len(answer['EvaluationResults'])} results to 100 actions")

    return call


def asker(
    port: int, method: str, path: str, headers: dict[str, str], body: str | None, is_right: Callable[[bytes], bool]
) -> Call:
    """Asks the same again and again over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)

    def ask() -> tuple[int, bytes]:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def call() -> None:
        try:
            status, data = ask()
        except (ConnectionError, RemoteDisconnected):  # the server closes what was idle
            connection.close()
            status, data = ask()
        if status != 200 or not is_right(data):
            sys.exit(f"{method} {path}: {status} {data[:300]!r}")

    return call


def first_user(port: int, token: str) -> str:
    """The ARN of a user of the account."""
    connection = HTTPConnection("127.0.0.1", port, timeout=300)
    with closing(connection):
        connection.request(
            "GET", f"/api/v1/accounts/{SHAPE.account}/users?limit=1", headers={"Authorization": f"Bearer {token}"}
        )
        found: str = json.loads(connection.getresponse().read())["results"][0]["arn"]
    return found


if __name__ == "__main__":
    main()
