"""docs/findings.md, the rules and the checks of accounts agree: a section for each, with its codes and their types."""

import re
from pathlib import Path

import pytest

from policystudio.engine.lint.registry import RULES
from policystudio.engine.lint.rule import Rule
from policystudio.findings.checks.codes import CHECKS, REMEDIES, Check

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = {match[1]: match[2] for match in re.finditer(r"^### (.+)\n((?:(?!^##).*\n?)*)", PAGE, re.MULTILINE)}
CODE = re.compile(r"^- `([A-Z0-9_]+)` \(([A-Z_]+)\)$", re.MULTILINE)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_its_section(rule: Rule) -> None:
    assert dict(CODE.findall(SECTIONS[rule.title])) == {code: str(kind) for code, kind in rule.codes.items()}


@pytest.mark.parametrize("check", CHECKS, ids=[check.title for check in CHECKS])
def test_a_check_of_accounts_has_its_section(check: Check) -> None:
    assert dict(CODE.findall(SECTIONS[check.title])) == {code: str(kind) for code, kind in check.codes.items()}


def test_there_is_no_section_without_a_rule() -> None:
    titles = [*(rule.title for rule in RULES.values()), *(check.title for check in CHECKS)]
    assert sorted(SECTIONS) == sorted(titles)


def test_a_check_says_what_to_do_about_each_code() -> None:
    assert set(REMEDIES) == {code for check in CHECKS for code in check.codes}


def test_no_code_is_of_a_rule_and_of_a_check() -> None:
    assert not set(REMEDIES) & {code for rule in RULES.values() for code in rule.codes}
