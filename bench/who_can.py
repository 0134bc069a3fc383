"""Who can do one action on one ARN, over 10,000 identities in PostgreSQL: a fresh process, again, something else."""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.installation import ROOT, Installation, on_postgres
from tools.make_bench_accounts import ACCOUNT, Shape, write_export

SHAPE = Shape(identities=10_000, policies=100)
#: How many fresh processes are asked.
ROUNDS = 5
TARGET = "target: under 0.3 s cold and 0.03 s warm"
RESOURCES = {
    "one endpoint": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/prod-7",
    "a pattern of endpoints": f"arn:aws:sagemaker:*:{ACCOUNT}:endpoint/prod-*",
}
ACTION = "sagemaker:DeleteEndpoint"
#: What the same process is asked afterwards: about another action, and about another resource.
OTHERS = (
    ("sagemaker:UpdateEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/prod-7"),
    ("sagemaker:DescribeEndpoint", f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/prod-7"),
    (ACTION, f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/dev-3"),
)
#: Run in a process of its own: Django is set up and connected, nothing is read or compiled.
SCRIPT = """
import sys, time
import django
django.setup()
from django.db import connection
from policystudio.accounts.models import Account
from policystudio.simulator.who_can import who_can
from policystudio.simulator.who_can_question import who_can_question
account = Account.objects.select_related("unit__organization").get(number=sys.argv[1])

def timed(action, resource):
    started = time.monotonic()
    question = who_can_question(account, {"action": [action], "resource": [resource]})
    answer = who_can(account, question, Account.objects.select_related("unit__organization"))
    return time.monotonic() - started, answer

pairs = list(zip(sys.argv[2::2], sys.argv[3::2]))
cold, answer = timed(*pairs[0])
warm = min(timed(*pairs[0])[0] for _ in range(5))
others = [timed(*pair)[0] for pair in pairs[1:]]
print(cold, warm, min(others), max(others), len(answer.rows), dict(sorted(answer.verdicts.items())), sep="|")
"""


def main() -> None:
    """Print for a concrete ARN and for a pattern how long the answer about everybody takes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.json"
        with export.open("w", encoding="utf-8") as output:
            write_export(output, SHAPE)
        for installation in on_postgres(folder):
            installation.manage("import_account", str(export), "--name", "bench")
            print(f"  {SHAPE.identities:,} identities, {installation.database} ({TARGET})", flush=True)
            for label, resource in RESOURCES.items():
                measure(installation, label, resource)


def measure(installation: Installation, label: str, resource: str) -> None:
    """Ask in a fresh process, which has read and compiled nothing, then again, then other questions."""
    asked = [ACTION, resource, *(text for pair in OTHERS for text in pair)]
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "policystudio.settings"}
    colds = []
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", SCRIPT, ACCOUNT, *asked]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr[-4000:])
        cold, warm, least, most, rows, verdicts = done.stdout.strip().split("|")
        colds.append(float(cold))
    print(
        f"  {label:<24} cold {median(colds):6.3f} s ({min(colds):.3f} to {max(colds):.3f})   warm {float(warm):7.4f} s",
        f"  another question {float(least):5.3f} to {float(most):5.3f} s   {rows} rows {verdicts}",
        flush=True,
    )


if __name__ == "__main__":
    main()
