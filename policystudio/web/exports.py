"""What the simulator shows as files: CSV for spreadsheets, JSON as REST gives it."""

import csv
import io

from policystudio.simulator.selectors import MatrixPage
from policystudio.web.words import WORDS

#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: str) -> str:
    """The value as text for any spreadsheet: what it would compute gets a quotation mark in front."""
    return f"'{value}" if value.startswith(_FORMULA) else value


def as_csv(page: MatrixPage) -> str:
    """One row an identity, one column an action on a type."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["arn", "kind", "name", *(safe(f"{one.action} on {one.resource_type}") for one in page.columns)])
    for row in page.rows:
        writer.writerow([safe(row.arn), row.kind, safe(row.name), *(WORDS[letter] for letter in row.verdicts)])
    return out.getvalue()


def as_json(page: MatrixPage) -> dict[str, object]:
    """Columns described once, rows of one letter a column."""
    return {
        "columns": [
            {"action": one.action, "resource_type": one.resource_type, "access_level": one.access_level}
            for one in page.columns
        ],
        "rows": [{"arn": row.arn, "kind": row.kind, "verdicts": row.verdicts} for row in page.rows],
    }
