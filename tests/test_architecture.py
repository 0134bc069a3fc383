"""Rules about the code itself: who imports whom, a pure engine, sizes, docstrings, file names, portable text."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "policystudio"
ENGINE = PACKAGE / "engine"
LONGEST_FUNCTION = 60
LONGEST_FILE = 600

Function = ast.FunctionDef | ast.AsyncFunctionDef


def product_files() -> list[Path]:
    """Every Python file of the product; migrations are written by Django."""
    return sorted(file for file in PACKAGE.rglob("*.py") if "migrations" not in file.parts)


def all_files() -> list[Path]:
    """Every Python file of the repository, tests and tools included."""
    folders = [ROOT / name for name in ("tests", "tools", "bench")]
    return product_files() + sorted(file for folder in folders for file in folder.rglob("*.py"))


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(), filename=str(file))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


# --- Imports ---------------------------------------------------------------------------------------------------------


def test_the_import_contract_is_kept() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True) == 0


def test_the_root_package_is_empty() -> None:
    # Python runs it before any module of the engine, so whatever it imported the engine would load.
    assert (PACKAGE / "__init__.py").read_text() == ""


def test_the_engine_loads_only_itself_and_the_standard_library() -> None:
    """In a process of its own: every module of the engine is imported, then sys.modules is looked through."""
    modules = sorted(
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in ENGINE.rglob("*.py")
    )
    script = (
        "import importlib, json, sys\n"
        "before = set(sys.modules)\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    foreign = set(json.loads(done.stdout)) - set(sys.stdlib_module_names) - {"policystudio"}
    assert foreign <= {"tree_sitter", "tree_sitter_json"}


def test_tree_sitter_is_used_by_the_parser_alone() -> None:
    parser = [ENGINE / "parse.py", *(ENGINE / "parse").glob("*.py")]
    for file in ENGINE.rglob("*.py"):
        if file not in parser:
            assert "tree_sitter" not in imported_names(file), name_of(file)


def imported_names(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(str(node.module).partition(".")[0])
    return names


def test_the_core_never_reads_the_clock_or_chance() -> None:
    for file in ENGINE.rglob("*.py"):
        assert not imported_names(file) & {"time", "random", "secrets", "uuid", "socket", "urllib"}, name_of(file)


# --- Sizes -----------------------------------------------------------------------------------------------------------


def test_files_are_short() -> None:
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in all_files()}
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FILE}


def test_functions_are_short() -> None:
    lengths = {
        f"{name_of(file)}:{function.lineno} {function.name}": length_of(function)
        for file in all_files()
        for function in functions(parsed(file))
    }
    assert not {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION}


def length_of(function: Function) -> int:
    """Lines from the first decorator to the last statement."""
    first = min((one.lineno for one in function.decorator_list), default=function.lineno)
    return (function.end_lineno or first) - first + 1


# --- Docstrings ------------------------------------------------------------------------------------------------------


def test_every_module_says_what_it_is() -> None:
    bare = [name_of(file) for file in all_files() if file.stat().st_size and not ast.get_docstring(parsed(file))]
    assert not bare


def test_public_names_of_engine_services_and_selectors_have_docstrings() -> None:
    """Classes and functions of modules, and public methods and properties of public classes."""
    files = sorted([*ENGINE.rglob("*.py"), *PACKAGE.glob("*/services*.py"), *PACKAGE.glob("*/selectors*.py")])
    bare = [f"{name_of(file)}:{node.lineno} {node.name}" for file in files for node in undocumented(parsed(file).body)]
    assert not bare


def undocumented(body: list[ast.stmt]) -> Iterator[ast.ClassDef | Function]:
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            if not ast.get_docstring(node) and not is_overload(node):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node.body)


def is_overload(node: ast.ClassDef | Function) -> bool:
    return any("overload" in ast.unparse(one) for one in node.decorator_list)


# --- Names -----------------------------------------------------------------------------------------------------------

DOMAIN_APPS = (
    "audit",
    "accounts",
    "clients",
    "policies",
    "identities",
    "resources",
    "history",
    "changes",
    "awssync",
    "findings",
    "webhooks",
)
#: What a domain app may hold; `demo` and `snapshot` are data and readers of the one app that reads AWS's answers,
#: `templates` make the texts of policies and know no row, `checks` is what findings are looked for with, `transfer`
#: takes changes out in the formats of other tools and brings them in; `signals` is what apps above may listen to,
#: `backends` are ways to sign in.
FILE_NAMES = {
    *("__init__", "admin", "apps", "management", "migrations"),
    *("models", "selectors", "services", "tasks"),
}
OWN_NAMES = {
    "accounts": {"backends", "signals"},
    "audit": {"signals"},
    "awssync": {"client", "demo", "snapshot"},
    "policies": {"templates"},
    "changes": {"transfer"},
    "findings": {"checks"},
}


@pytest.mark.parametrize("app", DOMAIN_APPS)
def test_every_app_has_the_same_few_file_names(app: str) -> None:
    folder = PACKAGE / app
    names = {entry.stem for entry in folder.iterdir() if entry.name != "__pycache__"}
    assert names <= FILE_NAMES | OWN_NAMES.get(app, set())


def test_every_package_is_known_here() -> None:
    packages = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    # The simulator answers questions, in a module for each; its few rows are saved questions with their answers.
    assert packages == {*DOMAIN_APPS, "simulator", "interchange", "engine", "lib", "web", "api", "awsquery"}


# --- Text ------------------------------------------------------------------------------------------------------------

#: A home folder, or the place where somebody's working copy stands, says nothing to anybody else.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w+|/tmp/plan")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


def tracked_texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        file = ROOT / name
        if file.is_file():
            try:
                yield name, file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture


def test_no_path_of_a_machine_and_nothing_unfinished_is_committed() -> None:
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if (MACHINE_PATH.search(line) or (name.endswith(".py") and UNFINISHED.search(line)))
        and name != "tests/test_architecture.py"
    ]
    assert not found


def test_every_silenced_check_says_why() -> None:
    """A silenced line carries its reason: `# noqa: CODE -- reason`, or a second comment after `# type: ignore[…]`."""
    bare = re.compile(r"#\s*noqa(?!: [A-Z0-9, ]+ -- \S)|#\s*type:\s*ignore(?!\[[a-z0-9, -]+\]\s+#\s*\S)")
    found = [
        f"{name_of(file)}:{number}"
        for file in all_files()
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if bare.search(line) and file != Path(__file__)
    ]
    assert not found
