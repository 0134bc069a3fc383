"""What a change to a policy that 1,000 identities share decides differently, among 10,000 identities in PostgreSQL."""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.installation import ROOT, Installation, on_postgres
from tools.make_bench_accounts import ACCOUNT, Shape, write_export

SHAPE = Shape(identities=10_000, policies=100)
SHARED = f"arn:aws:iam::{ACCOUNT}:policy/shared"
SHARERS = 1_000
TARGET = "target: under 1 s"
OWN = "arn:aws:sagemaker:*:*:*/${aws:username}-*"
BASE: list[dict[str, Any]] = [
    {"Effect": "Allow", "Action": ["sagemaker:List*", "sagemaker:Describe*"], "Resource": "*"},
    {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": OWN},
    {
        "Effect": "Allow",
        "Action": "sagemaker:*TrainingJob",
        "Resource": "arn:aws:sagemaker:*:*:training-job/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    },
]
#: What is added to the policy's statements, or (None) all but its first one are taken away.
EDITS: dict[str, dict[str, Any] | None] = {
    "one action": {"Effect": "Allow", "Action": "sagemaker:DeleteApp", "Resource": "*"},
    "by the user's name": {"Effect": "Allow", "Action": "sagemaker:*Endpoint*", "Resource": OWN},
    "by the principal's team": {
        "Effect": "Allow",
        "Action": "sagemaker:*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
    },
    "a Deny": {"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "arn:aws:sagemaker:*:*:*/prod-*"},
    "PassRole": {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"},
    "statements taken away": None,
    "everything": {"Effect": "Allow", "Action": "*", "Resource": "*"},
}
#: Run in a process of its own: the account is read by the first question, which is timed as well.
SCRIPT = """
import json, sys, time
import django
django.setup()
from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.simulator.decision_diff import decision_diff
from policystudio.simulator.decision_words import headline
account = Account.objects.select_related("unit__organization").get(number=sys.argv[1])
for label, text in json.load(sys.stdin).items():
    times, worked = [], []
    for attempt in range(4):
        edit = Edit(kind="managed-policy", target=sys.argv[2], text=text + " " * attempt)
        started, working = time.monotonic(), time.process_time()
        found = decision_diff(account, [edit], seconds=None)
        times.append(time.monotonic() - started)
        worked.append(time.process_time() - working)
    numbers = times[0], worked[0], min(times[1:]), max(times[1:]), min(worked[1:]), found.touched, len(found.groups)
    print(label, *numbers, headline(found), sep="|")
"""


def main() -> None:
    """Print for each edit how long the answer takes: the first time in its process, and with a text that is new."""
    with tempfile.TemporaryDirectory() as name:
        for label, shared in (("groups of 50", shared_in_groups), ("policies at random", shared_at_random)):
            folder = Path(name) / label.replace(" ", "-")
            folder.mkdir()
            export = folder / "export.json"
            export.write_text(json.dumps(shared()))
            for installation in on_postgres(folder):
                installation.manage("import_account", str(export), "--name", "bench")
                print(
                    f"  {SHARERS:,} of {SHAPE.identities:,} identities share the policy, {label} ({TARGET})", flush=True
                )
                measure(installation)


def shared_at_random() -> dict[str, Any]:
    """The export of the other benchmarks, in which every tenth identity has one policy more.

    Besides, each has from 2 to 10 of 100 policies at random, so that nearly all of them are different.
    """
    export = exported()
    everyone = [*export["UserDetailList"], *export["RoleDetailList"]]
    for identity in everyone[:: len(everyone) // SHARERS][:SHARERS]:
        identity["AttachedManagedPolicies"].append({"PolicyName": "shared", "PolicyArn": SHARED})
    return export


def shared_in_groups() -> dict[str, Any]:
    """The same account, in which the policy is that of 1,000 users in 20 groups, a third of them with a boundary.

    Each group has two policies more; each user has a name, a team (of 8) and a number of its own among its tags.
    """
    export = exported()
    policies = [found["Arn"] for found in export["Policies"]]
    groups = export["GroupDetailList"][:20]
    for number, group in enumerate(groups):
        arns = policies[2 * number : 2 * number + 2]
        group["AttachedManagedPolicies"] = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]
    for number, user in enumerate(export["UserDetailList"][:SHARERS]):
        user["AttachedManagedPolicies"] = [{"PolicyName": "shared", "PolicyArn": SHARED}]
        user["UserPolicyList"] = []
        user["GroupList"] = [groups[number % len(groups)]["GroupName"]]
        user["Tags"] = [*user["Tags"], {"Key": "employee", "Value": str(number)}]
        user.pop("PermissionsBoundary", None)
        if number % 3 == 0:
            bound = policies[50 + number % 3]
            user["PermissionsBoundary"] = {
                "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
                "PermissionsBoundaryArn": bound,
            }
    return export


def exported() -> dict[str, Any]:
    """The export of the other benchmarks with the policy, which nobody has yet."""
    output = io.StringIO()
    write_export(output, SHAPE)
    export: dict[str, Any] = json.loads(output.getvalue())
    export["Policies"].append(policy())
    return export


def policy() -> dict[str, Any]:
    """The policy, as the export holds it."""
    day = "2025-01-01T00:00:00Z"
    version = {"Document": document(BASE), "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": day}
    return {
        "PolicyName": "shared",
        "PolicyId": "ANPASHARED",
        "Arn": SHARED,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": SHARERS,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": day,
        "UpdateDate": day,
        "PolicyVersionList": [version],
    }


def document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def measure(installation: Installation) -> None:
    """Ask about each edit in a fresh process, which has read nothing."""
    environment = {**installation.environment, "DJANGO_SETTINGS_MODULE": "policystudio.settings"}
    texts = {label: json.dumps(document([*BASE, more] if more else BASE[:1])) for label, more in EDITS.items()}
    command = [sys.executable, "-c", SCRIPT, ACCOUNT, SHARED]
    for label, text in texts.items():
        asked = json.dumps({label: text})
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=asked, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(done.stderr[-4000:])
        name, *numbers, touched, groups, said = done.stdout.strip().split("|")
        first, worked, least, most, again = map(float, numbers)
        print(
            f"  {name:<24} first {first:5.2f} s ({worked:.2f} of the processor)",
            f"  again {least:.2f} to {most:.2f} s ({again:.2f})",
            f"  {touched} touched, {groups} groups: {said}",
            flush=True,
        )


if __name__ == "__main__":
    main()
