"""`manage.py evaluate` from bytes to bytes: 100,000 JSON Lines with policies, and one object of 100,000 requests."""

import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.installation import measured

LINES = 100_000
ACTIONS = [f"sagemaker:{verb}{noun}" for verb in ("Create", "Describe", "Delete") for noun in ("Model", "Endpoint")]


def main() -> None:
    """Print lines a second and the peak of memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, lines in (("JSON Lines, each with 2 of 20 policies", json_lines()), ("one object", one_object())):
            file = folder / "requests.jsonl"
            with file.open("w", encoding="utf-8") as output:
                output.writelines(lines)
            report(label, file, folder)


def report(label: str, file: Path, folder: Path) -> None:
    """Run the command in a process of its own and count what it answered."""
    environment = {**os.environ, "VAR_DIR": str(folder), "SECRET_KEY": "measured, never served: " + "x" * 40}
    usage = measured([sys.executable, "manage.py", "evaluate", str(file)], environment)
    answered = usage.output.count("\n")
    if answered != LINES:
        sys.exit(f"{answered:,} answers to {LINES:,} requests: {usage.output[:500]}")
    rate = answered / usage.seconds
    size = file.stat().st_size / 2**20
    print(f"  {label:<40} {rate:8,.0f} requests/s  {usage}  {size:4.0f} MB read", flush=True)


def json_lines() -> Iterator[str]:
    """One request a line, each with its policies beside it, as scripts write them."""
    chance = random.Random(1)
    policies = [policy(chance, number) for number in range(20)]
    for number in range(LINES):
        yield json.dumps({**request(chance, number), "identity_policies": chance.sample(policies, 2)}) + "\n"


def one_object() -> Iterator[str]:
    """All requests in one object with the policies."""
    chance = random.Random(2)
    policies = [policy(chance, number) for number in range(3)]
    requests = [request(chance, number) for number in range(LINES)]
    yield json.dumps({"identity_policies": policies, "requests": requests}) + "\n"


def request(chance: random.Random, number: int) -> dict[str, Any]:
    """A request of one of 100 users."""
    return {
        "id": number,
        "principal": f"arn:aws:iam::111122223333:user/user-{number % 100}",
        "action": chance.choice(ACTIONS),
        "resource": f"arn:aws:sagemaker:eu-west-1:111122223333:model/team{chance.randrange(20)}-{number % 1000}",
        "context": {"aws:RequestedRegion": "eu-west-1"},
    }


def policy(chance: random.Random, number: int) -> dict[str, Any]:
    """A policy of 6 statements, some with conditions."""
    statements = [
        {
            "Sid": f"S{index}",
            "Effect": "Deny" if index == 5 else "Allow",
            "Action": chance.sample(ACTIONS, 2) if index % 2 else f"sagemaker:{chance.choice(['Create', 'Describe'])}*",
            "Resource": f"arn:aws:sagemaker:*:*:model/team{number}-*" if index % 3 else "*",
            **(
                {"Condition": {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}}
                if index % 2
                else {}
            ),
        }
        for index in range(6)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


if __name__ == "__main__":
    main()
