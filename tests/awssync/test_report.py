"""Reports: what they count and leave out, and that the documentation explains every code."""

import re
from pathlib import Path

import pytest

from policystudio.awssync.snapshot import Change, Changes, Code, Level, Place, Report
from policystudio.awssync.snapshot import report as report_module
from policystudio.awssync.snapshot.report import LEVELS
from policystudio.awssync.snapshot.report_text import report_lines

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "import.md"


def test_the_documentation_explains_every_code_with_its_level() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (error|warning|note) \| \S", DOCUMENTATION.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted((str(code), str(LEVELS[code])) for code in Code)


def test_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "MAX_FINDINGS", 2)
    monkeypatch.setattr(report_module, "MAX_CHANGES", 1)
    report, changes = Report(), Changes("1", "one")
    report.accounts.append(changes)
    for number in range(4):
        report.add(Code.ITEM_TWICE, f"{number}", Place())
        report.add_grouped(Code.KEY_UNKNOWN, "same", Place(f"{number}"))
        changes.add(Change.REMOVED, "user", f"{number}")
    said = report.as_json()
    assert [one["message"] for one in said["findings"]] == ["0", "same"]
    assert said["findings"][1]["also"] == 3
    assert said["findings_left_out"] == {"error": 3}
    assert (report.count(Level.ERROR), report.count(Level.NOTE)) == (4, 1)
    assert (len(changes.changes), changes.changes_left_out) == (1, 3)
    assert changes.counts["user"]["removed"] == 4


def test_findings_are_grouped_by_what_is_asked_for() -> None:
    report = Report()
    for group in ("a", "b", "a"):
        report.add_grouped(Code.POLICY_UNKNOWN, f"of {group}", Place(), group=group)
    assert [(one.message, one.also) for one in report.findings] == [("of a", 1), ("of b", 0)]


def test_places_read_like_paths() -> None:
    place = Place("UserDetailList[3]", 7, 2)
    assert place.at("Tags[0]") == Place("UserDetailList[3].Tags[0]", 7, 2)
    assert place.at("[0]").path == "UserDetailList[3][0]"
    assert str(place) == "line 7, column 2 (UserDetailList[3])"
    assert str(Place("x")) == "x"
    assert str(Place()) == ""
    assert Place().at("x").path == "x"


def test_long_reports_are_cut_for_a_terminal() -> None:
    report, changes = Report(), Changes("1", "one")
    report.accounts.append(changes)
    for number in range(60):
        report.add(Code.ITEM_TWICE, f"{number}", Place())
        changes.add(Change.REMOVED, "user", f"{number}")
    lines = list(report_lines(report))
    assert "60 errors" in lines
    assert "  … and 10 more" in lines
    assert "  … and 10 more (--format json lists them)" in lines
    assert len(lines) == 2 + 51 + 2 + 51
