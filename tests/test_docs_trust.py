"""docs/trust.md names tests that there are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "trust.md"


def test_every_claim_names_tests_that_there_are() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 15
    for row in rows:
        claim, held = row.strip("| ").rsplit(" | ", 1)
        names = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", held)
        assert names, claim
        for file, test in names:
            tree = ast.parse((ROOT / file).read_text())
            tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert any(name.startswith("test_") for name in tests), file
            assert not test or test in tests, f"{file}::{test}"
