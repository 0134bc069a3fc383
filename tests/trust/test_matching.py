"""Matching cannot be made slow: wildcards are matched by our own linear loop, never by regular expressions."""

import ast
from pathlib import Path

import pytest

from policystudio.engine import globs

ENGINE = Path(__file__).resolve().parents[2] / "policystudio" / "engine"
#: What a backtracking matcher needs years for: it tries each star with each place.
HOSTILE = ["a*" * 1000 + "b", "*a" * 1000 + "*b", "a?*" * 500 + "b", "*" * 1000 + "b", "a*" * 1000 + "?b"]


@pytest.mark.parametrize("pattern", HOSTILE, ids=["stars", "stars first", "questions", "only stars", "mixed"])
@pytest.mark.parametrize("read", ["text", "resource"])
def test_a_thousand_stars_against_a_long_text(pattern: str, read: str) -> None:
    parts = globs.parse(f"arn:aws:s3:::{pattern}")
    parts = globs.resource_parts(parts) if read == "resource" else parts
    assert not globs.matches(parts, "arn:aws:s3:::" + "a" * 2048)
    assert globs.matches(parts, "arn:aws:s3:::" + "a" * 2048 + "b")


def test_nothing_that_matches_knows_regular_expressions() -> None:
    """Neither the wildcards themselves, nor what uses them on actions, resources and conditions."""
    for name in ("globs.py", "match.py", "index.py", "evaluate.py", "authorize.py", "compile.py"):
        tree = ast.parse((ENGINE / name).read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not imported & {"re", "fnmatch", "regex"}, name
