"""A report as text for a terminal."""

from collections.abc import Iterator

from policystudio.awssync.snapshot.report import Changes, Level, Report

#: Changes and findings that are written out, of each account and each level; the rest is counted.
SHOWN = 50
_PLURALS = {"policy": "policies", "identity": "identities"}


def report_lines(report: Report) -> Iterator[str]:
    """What changed, account by account, and then everything that was odd, the worst first."""
    for changes in report.accounts:
        yield from _change_lines(changes)
    if not report.is_changed:
        yield "nothing changed"
    for level in Level:
        found = [finding for finding in report.findings if finding.level is level]
        if not found:
            continue
        yield ""
        yield f"{report.count(level):,} {level}{'s' if report.count(level) != 1 else ''}"
        yield from (f"  {finding}" for finding in found[:SHOWN])
        if report.count(level) > SHOWN:
            yield f"  … and {report.count(level) - SHOWN:,} more (--format json lists them)"


def plural(kind: str) -> str:
    """The word for several of a kind of thing."""
    return _PLURALS.get(kind, f"{kind}s")


def _change_lines(changes: Changes) -> Iterator[str]:
    name = f" ({changes.name})" if changes.name and changes.name != changes.number else ""
    notes = [("new", changes.created), ("renamed", changes.renamed), ("moved into the organization", changes.moved)]
    said = ", ".join(word for word, holds in notes if holds)
    yield f"{changes.number}{name}{': ' + said if said else ''}"
    for kind, counts in changes.counts.items():
        told = ", ".join(f"{number:,} {word}" for word, number in counts.items() if number)
        yield f"  {plural(kind)}: {told}"
    listed = [change for change in changes.changes if not changes.created]
    for change in listed[:SHOWN]:
        what = f" ({', '.join(change['what'])})" if change["what"] else ""
        yield f"  {change['change']} {change['arn']}{what}"
    if len(listed) + changes.changes_left_out > SHOWN and not changes.created:
        yield f"  … and {len(listed) + changes.changes_left_out - SHOWN:,} more"
