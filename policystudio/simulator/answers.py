"""How the simulator's answers are written: decisions and matrices as JSON, matrices as CSV and as text."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from policystudio.engine.compile import Answer
from policystudio.engine.decision import Decision, StatementTrace
from policystudio.engine.source import Position
from policystudio.lib.spreadsheet import safe
from policystudio.simulator.selectors import MatrixPage, Row

WORDS = {
    "A": "allowed",
    "S": "allowed on some resources",
    "C": "depends on conditions",
    "E": "explicit deny",
    "I": "implicit deny",
    "U": "undecided",
}


def decision_as_json(decision: Decision | Answer) -> dict[str, Any]:
    """A decision as the object that REST and the command line answer with, without the request's id."""
    return {
        "decision": str(decision.verdict),
        "reason": decision.reason,
        "layers": {str(layer): str(verdict) for layer, verdict in decision.layers.items()},
        "matched_statements": [_matched_statement(trace) for trace in decision.matched],
        "missing_context_keys": list(decision.missing_context_keys),
    }


def _matched_statement(trace: StatementTrace) -> dict[str, Any]:
    """Which statement of which policy matched, and where it stands in the policy's text."""
    statement = trace.statement
    return {
        "policy": trace.policy,
        "sid": statement.sid,
        "index": statement.index,
        "effect": str(statement.effect),
        "layer": str(trace.layer),
        "level": trace.level,
        "start": _place(statement.span.start),
        "end": _place(statement.span.end),
    }


def _place(position: Position) -> dict[str, int]:
    return {"line": position.line, "column": position.column}


def matrix_as_json(page: MatrixPage) -> dict[str, Any]:
    """Columns described once, and rows of one letter a column."""
    return {"columns": columns_as_json(page), "rows": [row_as_json(row) for row in page.rows]}


def columns_as_json(page: MatrixPage) -> list[dict[str, Any]]:
    """The columns of a matrix."""
    return [
        {"action": column.action, "resource_type": column.resource_type, "access_level": column.access_level}
        for column in page.columns
    ]


def row_as_json(row: Row) -> dict[str, Any]:
    """One row of a matrix."""
    return {"arn": row.arn, "kind": row.kind, "name": row.name, "verdicts": row.verdicts}


def matrix_as_csv(page: MatrixPage) -> str:
    """One line an identity, one column an action on a type, a letter in each cell."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["arn", "kind", "name", *(safe(f"{one.action} on {one.resource_type}") for one in page.columns)])
    for row in page.rows:
        writer.writerow([safe(row.arn), row.kind, safe(row.name), *row.verdicts])
    return out.getvalue()


def matrix_as_table(page: MatrixPage) -> Iterator[str]:
    """Lines for a terminal: under each identity its columns; of several, implicit denies are only counted."""
    width = max((len(column.action) for column in page.columns), default=0)
    types = max((len(column.resource_type) for column in page.columns), default=0)
    for row in page.rows:
        yield f"{row.arn} ({row.kind})"
        quiet = 0
        for column, letter in zip(page.columns, row.verdicts, strict=True):
            if letter == "I" and len(page.columns) > 1:
                quiet += 1
            else:
                yield f"  {column.action:<{width}}  {column.resource_type:<{types}}  {WORDS[letter]}"
        if quiet:
            yield f"  implicit deny: {quiet} of {len(page.columns)} columns"
