"""docs/findings.md and the rules agree: a section for each, with its codes and their types."""

import re
from pathlib import Path

import pytest

from policystudio.engine.lint.registry import RULES
from policystudio.engine.lint.rule import Rule

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = {match[1]: match[2] for match in re.finditer(r"^### (.+)\n((?:(?!^##).*\n?)*)", PAGE, re.MULTILINE)}
CODE = re.compile(r"^- `([A-Z0-9_]+)` \(([A-Z_]+)\)$", re.MULTILINE)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_its_section(rule: Rule) -> None:
    assert dict(CODE.findall(SECTIONS[rule.title])) == {code: str(kind) for code, kind in rule.codes.items()}


def test_there_is_no_section_without_a_rule() -> None:
    assert sorted(SECTIONS) == sorted(rule.title for rule in RULES.values())
