"""Wildcards that are slow elsewhere: 1,000 stars against 2,048 characters."""

from time import perf_counter

from policystudio.engine import globs

TEXT = "a" * 2_048
PATTERNS = {
    "1,000 stars, no match": "*a" * 999 + "*b",
    "1,000 stars, match": "*a" * 1_000,
    "1,000 stars and question marks, no match": "*a?" * 500 + "*?a" * 500 + "b*",
    "1,000 stars in an ARN's segments": "arn:aws:sagemaker:" + "*a" * 1_000 + "b:*:model/*",
}


def main() -> None:
    """Print the time of one match, compiling included."""
    for label, pattern in PATTERNS.items():
        started = perf_counter()
        parts = globs.parse(pattern)
        parts = globs.resource_parts(parts) if pattern.startswith("arn:") else parts
        text = f"arn:aws:sagemaker:{TEXT}:123456789012:model/x" if pattern.startswith("arn:") else TEXT
        matched = globs.matches(parts, text)
        milliseconds = (perf_counter() - started) * 1000
        print(f"  {label}: {'match' if matched else 'no match'}, {milliseconds:.2f} ms (target: under 50 ms)")


if __name__ == "__main__":
    main()
