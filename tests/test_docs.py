"""The documentation names what there is: every setting and every command."""

import ast
import re
from pathlib import Path

from bench.__main__ import names

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
#: A read of an environment variable in settings.py: env.text("NAME", …), env.integer("NAME", …) and so on.
READERS = {
    "text",
    "boolean",
    "integer",
    "choice",
    "items",
    "networks",
    "ports",
    "file",
    "folder",
    "url",
    "database",
    "is_set",
}


def settings_read() -> set[str]:
    """The names of the variables that settings.py reads."""
    tree = ast.parse((ROOT / "policystudio" / "settings.py").read_text())
    return {
        str(node.args[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS
        and ast.unparse(node.func.value) == "env"
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_setting_has_its_row_and_every_row_its_setting() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (DOCS / "operations.md").read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == settings_read()
    assert len(rows) > 20


def test_every_command_is_told_of() -> None:
    text = "\n".join(file.read_text() for file in [ROOT / "README.md", *DOCS.rglob("*.md")] if file.exists())
    commands = {file.stem for file in ROOT.glob("policystudio/*/management/commands/*.py") if file.stem != "__init__"}
    assert "runstudio" in commands
    assert not {name for name in commands if not re.search(rf"manage\.py {name}\b", text)}


def test_every_benchmark_has_its_numbers() -> None:
    told = re.findall(r"^\| `([a-z_]+)` \|", (DOCS / "benchmarks.md").read_text(), re.MULTILINE)
    assert sorted(told) == names()


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert not broken
