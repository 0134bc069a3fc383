"""Import of an export with 10,000 identities, on SQLite and on PostgreSQL: time and peak memory, first and again."""

import tempfile
from pathlib import Path

from bench.installation import installations
from tools.make_bench_accounts import Shape, write_export

SHAPE = Shape(identities=10_000, policies=100)
TARGET = "target: under 30 s and 500 MB"


def main() -> None:
    """Print a line for each database and import."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.json"
        with export.open("w", encoding="utf-8") as output:
            write_export(output, SHAPE)
        size = export.stat().st_size / 2**20
        print(f"  {SHAPE.identities:,} identities, {SHAPE.policies} managed policies, {size:.1f} MB ({TARGET})")
        for installation in installations(folder):
            for label in ("first import", "same again"):
                usage = installation.manage("import_account", str(export), "--name", "bench")
                print(f"  {installation.database:<10}  {label:<12}  {usage}", flush=True)


if __name__ == "__main__":
    main()
