"""Entries of the audit record as files, written while they are sent: CSV for spreadsheets, JSON."""

import csv
import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from policystudio.audit.models import AuditEntry
from policystudio.audit.selectors import Wanted, part_of
from policystudio.lib.spreadsheet import safe

#: A file holds at most so many entries, the newest ones.
MOST = 100_000
_CHUNK = 1000
FIELDS = ("sequence", "at", "actor", "address", "account", "action", "target", "details", "previous_hash", "hash")


def as_csv(wanted: Wanted) -> Iterator[str]:
    """A row an entry; details are JSON."""
    yield _row(FIELDS)
    for entry in _entries(wanted):
        values = as_json(entry)
        details = json.dumps(values["details"], ensure_ascii=False, sort_keys=True)
        texts = ({**values, "details": details if values["details"] else ""}[name] for name in FIELDS)
        yield _row(tuple(safe(str(text)) for text in texts))


def as_json_text(wanted: Wanted) -> Iterator[str]:
    """A list of objects, one a line."""
    separator = "[\n"
    for entry in _entries(wanted):
        yield separator + json.dumps(as_json(entry), ensure_ascii=False)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def as_json(entry: AuditEntry) -> dict[str, Any]:
    """Every field of an entry."""
    values = {name: getattr(entry, name) for name in FIELDS}
    return {**values, "at": entry.at.isoformat(timespec="microseconds")}


def _row(values: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def _entries(wanted: Wanted) -> Iterator[AuditEntry]:
    return islice(_every(wanted), MOST)


def _every(wanted: Wanted) -> Iterator[AuditEntry]:
    part = part_of(wanted, size=_CHUNK)
    yield from part.entries
    while part.further is not None:
        part = part_of(wanted, after=part.further, size=_CHUNK)
        yield from part.entries
