"""What the simulator shows as files: CSV for spreadsheets, JSON as REST gives it."""

import csv
import io

from policystudio.lib.spreadsheet import safe
from policystudio.simulator.answers import matrix_as_json
from policystudio.simulator.selectors import MatrixPage
from policystudio.web.words import WORDS


def as_csv(page: MatrixPage) -> str:
    """One row an identity, one column an action on a type."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["arn", "kind", "name", *(safe(f"{one.action} on {one.resource_type}") for one in page.columns)])
    for row in page.rows:
        writer.writerow([safe(row.arn), row.kind, safe(row.name), *(WORDS[letter] for letter in row.verdicts)])
    return out.getvalue()


def as_json(page: MatrixPage) -> dict[str, object]:
    """Columns described once, rows of one letter a column: the same as over REST."""
    return matrix_as_json(page)
