"""`python -m bench [NAME …]`: run the named benchmarks, or all, each in a process of its own."""

import subprocess
import sys
from pathlib import Path

from bench.machine import describe

FOLDER = Path(__file__).resolve().parent
#: A benchmark runs in a fresh process, so none inherits what another has cached or allocated. The garbage collector is
#: set as in every process of Policy Studio.
SCRIPT = """
import importlib
from policystudio.apps import spare_what_lives_long
spare_what_lives_long()
importlib.import_module('bench.{name}').main()
"""


def names() -> list[str]:
    """The benchmarks: every module here that has a `main`."""
    modules = [file for file in sorted(FOLDER.glob("*.py")) if not file.stem.startswith("_")]
    return [file.stem for file in modules if "\ndef main(" in file.read_text()]


def main() -> int:
    """Run them one after the other; the status counts those that failed."""
    chosen = sys.argv[1:] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        sys.exit(f"no benchmark `{unknown[0]}`: there are {', '.join(names())}")
    print(f"machine: {describe()}", flush=True)
    failed = 0
    for name in chosen:
        print(f"\n{name}", flush=True)
        command = [sys.executable, "-c", SCRIPT.format(name=name)]
        failed += subprocess.run(command, cwd=FOLDER.parent, check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
