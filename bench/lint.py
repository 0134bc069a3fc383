"""Findings: a policy of 6 kB, and each of AWS's own managed policies, the first one in a fresh process."""

import json
from statistics import median
from time import perf_counter

from bench.exact import managed_documents
from policystudio.engine.lint.registry import lint

SIZE = 6_000
ROUNDS = 50


def main() -> None:
    """Print the times of one text of 6 kB, and of AWS's policies the median and the worst."""
    text = of_size(SIZE)
    first = seconds(text)
    times = [seconds(text) for _ in range(ROUNDS)]
    print(
        f"  a policy of {len(text):,} characters: first {first * 1e3:.0f} ms, then median {median(times) * 1e3:.1f} ms"
    )
    found = {name: seconds(document) for name, document in managed_documents().items()}
    worst = max(found, key=lambda name: found[name])
    print(
        f"  {len(found):,} managed policies of AWS: median {median(found.values()) * 1e3:.1f} ms,"
        f" worst {found[worst] * 1e3:.0f} ms (`{worst}`)"
    )


def seconds(text: str) -> float:
    """How long the findings of a text take."""
    started = perf_counter()
    lint(text)
    return perf_counter() - started


def of_size(size: int) -> str:
    """A policy of about this size as people write them: several services, ARNs and conditions."""
    statements: list[dict[str, object]] = []
    while len(json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)) < size:
        number = len(statements)
        statements.append(
            {
                "Sid": f"Statement{number}",
                "Effect": "Allow",
                "Action": ["sagemaker:Describe*", "sagemaker:CreateTrainingJob", "s3:GetObject", "logs:Create*"],
                "Resource": [
                    f"arn:aws:sagemaker:*:111122223333:training-job/team{number}-*",
                    f"arn:aws:s3:::data-{number}/*",
                ],
                "Condition": {"StringEquals": {"aws:ResourceTag/team": f"team{number}"}},
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


if __name__ == "__main__":
    main()
