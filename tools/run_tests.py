"""The test run of `make test`: checks without running, the suite on PostgreSQL, then all of it on SQLite.

Every step runs whatever the earlier ones said; the exit status is 0 only if all of them passed. The whole suite comes
last, so the closing line of pytest is the last line printed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.postgres import PostgresMissing, postgres

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "import contract": ["lint-imports", "--config", ".importlinter"],
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
}
PYTEST = [sys.executable, "-m", "pytest", "-n", os.environ.get("TEST_PROCESSES", "2"), "--dist", "worksteal"]
NO_TESTS_COLLECTED = 5


@dataclass
class Report:
    """What passed, what failed and what could not run."""

    outcomes: list[tuple[str, str, float]] = field(default_factory=list)

    def run(self, name: str, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        """Run a step and note how it ended."""
        print(f"--- {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False).returncode
        self.outcomes.append((name, "passed" if status == 0 else "FAILED", time.monotonic() - started))

    def skip(self, name: str, reason: str) -> None:
        """Note a step that cannot run here; where nothing may be skipped it counts as failed."""
        outcome = "FAILED" if os.environ.get("TESTS_MAY_NOT_SKIP") else "skipped"
        self.outcomes.append((f"{name}: {reason}", outcome, 0.0))

    @property
    def failed(self) -> list[str]:
        """The names of the steps that failed."""
        return [name for name, outcome, _ in self.outcomes if outcome == "FAILED"]

    def print(self) -> None:
        """One line a step."""
        for name, outcome, seconds in self.outcomes:
            print(f"{outcome:8}{seconds:6.0f} s  {name}", flush=True)


def static_checks(report: Report) -> None:
    """Everything that reads the code without running it."""
    for name, command in CHECKS.items():
        program = Path(sys.executable).parent / command[0]
        report.run(name, [str(program), *command[1:]])


def suite_on_postgres(report: Report, arguments: Sequence[str]) -> None:
    """The tests that touch the database, on TEST_DATABASE_URL or on a server of our own."""
    command = [*PYTEST, "--database-only", *arguments]
    name = "suite on PostgreSQL"
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        report.run(name, command)
        return
    try:
        with postgres() as url:
            report.run(name, command, {"TEST_DATABASE_URL": url})
    except PostgresMissing as error:
        report.skip(name, f"{error}; or set TEST_DATABASE_URL")


def suite_on_sqlite(report: Report, arguments: Sequence[str]) -> int:
    """The whole suite. What failed before it is told in its summary, just above its closing line."""
    environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    environment["EARLIER_FAILURES"] = "; ".join(report.failed)
    print("--- suite on SQLite", flush=True)
    return subprocess.run([*PYTEST, "-rs", *arguments], cwd=ROOT, env=environment, check=False).returncode


def main() -> int:
    """Run the steps; arguments are passed to pytest. `--checks` stops after the checks that run nothing."""
    report = Report()
    arguments = [one for one in sys.argv[1:] if one != "--checks"]
    static_checks(report)
    if "--checks" in sys.argv[1:]:
        report.print()
        return len(report.failed)
    suite_on_postgres(report, arguments)
    report.print()
    status = suite_on_sqlite(report, arguments)
    return 1 if status or report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
