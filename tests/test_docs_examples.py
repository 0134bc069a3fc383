"""The Python examples of the documentation run and print what the pages say."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


def pages() -> list[Path]:
    """The pages that have examples."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(page for page in found if EXAMPLES.search(page.read_text()))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_examples_run(page: Path) -> None:
    """All examples of a page are one session, as a reader would type them."""
    text = page.read_text()
    blocks = "\n".join(match[1] for match in EXAMPLES.finditer(text))
    test = doctest.DocTestParser().get_doctest(blocks, {}, page.name, str(page), 0)
    assert test.examples
    report: list[str] = []
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append)
    assert not failed, "".join(report)
