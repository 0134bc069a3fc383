"""Ask REST whatever its OpenAPI document allows, and hold each answer against the document: no violation, no 5xx.

`python -m tools.prove_rest --cases 10000 [--seed …] [--only PATTERN]` starts a server of its own on the demonstration,
on SQLite or on the database that `--database-url` names (which is filled). The exit status is 1 if anything was found.
"""

import argparse
import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi import checks

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT = "444455556666"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.missing_required_header,
    checks.ignored_auth,
    checks.allow_header_conformance,
]
#: Where what may stand in a path is listed, and the field that names it; the others are asked for by chance alone.
NAMES = {
    "users/{name}": ("users", "name"),
    "groups/{name}": ("groups", "name"),
    "roles/{name}": ("roles", "name"),
    "policies/{id}": ("policies", "id"),
    "changes/{change}": ("changes", "number"),
    "expectations/{id}": ("expectations", "id"),
    "findings/{id}": ("findings", "id"),
    "waivers/{id}": ("waivers", "id"),
    "clients/{id}": ("clients", "id"),
    "simulations/{id}": ("simulations", "id"),
    "organizations/{id}": ("/organizations", "id"),
    "templates/{id}": ("/templates", "id"),
    "jobs/{job}": ("/jobs", "id"),
    "imports/{id}": ("/imports", "id"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a server, ask it, and tell what was found."""
    options = _options(arguments)
    number = options.seed or random.SystemRandom().randrange(1, 10**9)
    print(f"seed {number}: {options.cases:,} cases", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        secret = _prepare(Path(folder), options.database_url)
        with _server(Path(folder)) as address:
            return _ask(address, secret, options.cases, number, re.compile(options.only))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000, help="how many requests, over all operations (10,000)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed asks the same on the same code")
    parser.add_argument("--only", default="", help="only operations whose method and path match this pattern")
    parser.add_argument("--database-url", default="", help="by default a new SQLite")
    return parser.parse_args(arguments)


def _prepare(folder: Path, database: str) -> str:
    """The demonstration in a new database, and the secret of a token that may write everywhere."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "policystudio.settings",
        "VAR_DIR": str(folder),
        "RATE_LIMIT_PER_MINUTE": "1000000",
        "RATE_LIMIT_UNSIGNED_PER_MINUTE": "1000000",
        **({"DATABASE_URL": database} if database else {}),
    }
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from policystudio.clients.services import token_create

    call_command("migrate", verbosity=0)
    call_command("load_demo")
    user = get_user_model().objects.create_superuser("prover", password=None)
    return token_create(user=user, name="prove", scope="write", account=None, lifetime=timedelta(days=1))[1]


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "2", "policystudio.wsgi"]
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/readyz")
            yield address
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(120):
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(address, timeout=10).status_code in (200, 503):
                return
        time.sleep(0.5)
    raise SystemExit("the server does not answer")


def _ask(address: str, secret: str, cases: int, number: int, only: re.Pattern[str]) -> int:
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_url(f"{address}/api/schema/?format=json", headers=headers)
    found: list[Any] = [cast("Any", operation).ok() for operation in schema.get_all_operations()]
    wanted = [one for one in found if only.search(one.label) and "/tokens/{id}" not in one.label]
    each, started = max(1, -(-cases // len(wanted))), time.monotonic()
    statuses: Counter[int] = Counter()
    findings = 0
    for index, operation in enumerate(wanted):
        names = _names(address, headers, operation.path)
        asked = _Asker(operation, headers, names, random.Random(number + index), statuses)  # noqa: S311 -- no secret
        findings += asked.ask(each, number + index)
    told = ", ".join(f"{status}: {times:,}" for status, times in sorted(statuses.items()))
    print(
        f"{sum(statuses.values()):,} requests to {len(wanted)} operations in {time.monotonic() - started:.0f} s: {told}"
    )
    print(f"seed {number}: {findings} findings")
    return 1 if findings else 0


def _names(address: str, headers: Mapping[str, str], path: str) -> dict[str, list[str]]:
    """What really stands in the path's places, so that not everything is answered with 404."""
    found: dict[str, list[str]] = {"number": [ACCOUNT]}
    for part, (listed, field) in NAMES.items():
        if part not in path:
            continue
        where = f"/api/v1{listed}" if listed.startswith("/") else f"/api/v1/accounts/{ACCOUNT}/{listed}"
        response = requests.get(f"{address}{where}", headers=headers, timeout=60)
        rows = response.json().get("results", []) if response.status_code == 200 else []
        found[part.partition("{")[2].rstrip("}")] = [str(row[field]) for row in rows]
    return found


class _Asker:
    """Asks one operation."""

    def __init__(
        self,
        operation: Any,
        headers: Mapping[str, str],
        names: Mapping[str, list[str]],
        chance: random.Random,
        statuses: "Counter[int]",
    ) -> None:
        self.operation, self.headers, self.names = operation, dict(headers), names
        self.chance, self.statuses = chance, statuses

    def ask(self, cases: int, number: int) -> int:
        """How many kinds of failure there were; each is told once."""
        told: set[str] = set()

        @seed(number)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self.operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            self._settle(case)
            try:
                response = case.call(headers=self.headers, timeout=120)
                self.statuses[response.status_code] += 1
                case.validate_response(response, checks=CHECKS, headers=self.headers)
            except FailureGroup as group:
                for failure in group.exceptions:
                    self._tell(case, failure, told)

        ask()
        return len(told)

    def _settle(self, case: schemathesis.Case) -> None:
        """Half of the paths name what there is; half of what is written over is so whatever stands there."""
        for name, values in self.names.items():
            if name in (case.path_parameters or {}) and values and (name == "number" or self.chance.random() < 0.7):
                case.path_parameters[name] = self.chance.choice(values)
        if "If-Match" in (case.headers or {}) and self.chance.random() < 0.7:
            case.headers["If-Match"] = "*"

    def _tell(self, case: schemathesis.Case, failure: Any, told: set[str]) -> None:
        kind = f"{type(failure).__name__}: {failure.title if isinstance(failure, Failure) else failure}"
        if kind not in told:
            told.add(kind)
            text = case.as_curl_command({"Authorization": "Bearer …"})
            print(f"--- FINDING in {self.operation.label}\n{kind}\n{str(failure)[:2000]}\n{text[:2000]}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
