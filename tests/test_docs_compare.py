"""The examples of docs/compare.md and its likes: their files, their commands, and what these print."""

import io
import re
import shlex
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.test_docs_rest import LEFT_OUT, assert_fits, decoded, run_command

DOCS = Path(__file__).resolve().parent.parent / "docs"
#: The commands that the examples of a page show, all of them.
PAGES = {
    "compare.md": {"compare", "check_access", "check_public"},
    "redundant.md": {"redundant", "minify"},
    "findings.md": {"validate"},
}
#: The same of pages that ask about the demonstration.
PAGES_OF_DEMO = {
    "expectations.md": {"expectations"},
    "least-policy.md": {"least_policy"},
    "what-can.md": {"what_can"},
    "who-can.md": {"who_can"},
}
BLOCK = re.compile(r"```(sh|json|text)(?: (\S+\.json))?\n(.*?)```", re.DOTALL)


def fits(found: str, shown: str) -> bool:
    """Whether a line is as the page shows it; `…` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(LEFT_OUT))), found) is not None


@pytest.mark.parametrize("page", PAGES)
def test_every_example_prints_what_the_page_shows(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_examples(page) == PAGES[page]


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES_OF_DEMO)
def test_every_example_about_the_demonstration_prints_what_the_page_shows(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call_command("load_demo", stdout=io.StringIO())
    assert run_examples(page) == PAGES_OF_DEMO[page]


def run_examples(page: str) -> set[str]:
    """Run the commands of a page, each against what is shown below it; returns their names."""
    blocks = BLOCK.findall((DOCS / page).read_text())
    for _, name, text in blocks:
        if name:
            Path(name).write_text(text)
    answer, commands = "", set[str]()
    for kind, name, text in blocks:
        if kind == "sh":
            line, _, here = text.partition(" - <<'END'\n")
            words = shlex.split(line.replace("\\\n", " "))
            assert words[:2] == [".venv/bin/python", "manage.py"]
            commands.add(words[2])
            answer = run_command([*words[2:], *(["-"] if here else [])], here.rpartition("END")[0])
        elif kind == "text":
            found, shown = answer.splitlines(), text.splitlines()
            assert len(found) == len(shown), answer
            assert [pair for pair in zip(found, shown, strict=True) if not fits(*pair)] == []
        elif not name:
            found, shown = decoded(answer), decoded(text)
            assert len(found) == len(shown), answer
            for one, other in zip(found, shown, strict=True):
                assert_fits(one, other)
    return commands
