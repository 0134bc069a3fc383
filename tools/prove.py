"""Hold the engine's exact answers against sampled requests, brute force and cvc5 for as long as asked.

`make prove MINUTES=10 [SEED=…]`. Prints the seed, then every contradiction with everything that shows it: policies,
request, what the engine says, what belies it. The exit status is 1 if there was one.
"""

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence

from tests.engine.property.claims import Contradiction
from tests.engine.property.proof import ROUNDS, Count

#: How often a line tells how far the run is, in seconds.
_REPORT_EVERY = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds of every kind in turn until the time is over."""
    options = _options(arguments)
    seed = options.seed or random.SystemRandom().randrange(1, 10**9)
    rounds = {name: ROUNDS[name] for name in options.only or ROUNDS}
    print(f"seed {seed}: {', '.join(rounds)}, for {options.minutes:g} minutes", flush=True)
    count: Count = Counter()
    findings = number = 0
    started = reported = time.monotonic()
    while number == 0 or time.monotonic() - started < options.minutes * 60:
        for name, run in rounds.items():
            findings += _round(name, run, seed * 1_000_003 + number, count)
            count[f"rounds of {name}"] += 1
        number += 1
        if time.monotonic() - reported > _REPORT_EVERY:
            reported = time.monotonic()
            print(f"{number} rounds of each kind, {findings} findings, {reported - started:.0f} s", flush=True)
    for name, times in sorted(count.items()):
        print(f"{times:8} {name}")
    print(f"seed {seed}: {number} rounds of each kind, {findings} findings")
    return 1 if findings else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long to go on (10)")
    parser.add_argument("--seed", type=int, default=0, help="where to begin; the same seed asks the same questions")
    parser.add_argument("--only", action="append", choices=list(ROUNDS), help="rounds of this kind alone; repeatable")
    return parser.parse_args(arguments)


def _round(name: str, run: Callable[[int, Count], None], seed: int, count: Count) -> int:
    """One round; prints what it finds. A crash of the engine is a finding, too."""
    try:
        run(seed, count)
    except Contradiction as finding:
        print(f"--- FINDING in {name}, round seed {seed}\n{finding}\n", flush=True)
        return 1
    except Exception:  # noqa: BLE001 -- whatever the engine raises is told, and the run goes on
        print(f"--- FINDING in {name}, round seed {seed}: it raised\n{traceback.format_exc()}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
