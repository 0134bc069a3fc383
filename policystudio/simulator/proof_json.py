"""The evidence of cells as JSON: verdicts in cells.md's words, requests as `evaluate` takes them, residues as data."""

from collections.abc import Iterable
from typing import Any

from policystudio.engine.decision import Layer
from policystudio.engine.document import Effect
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.answers import row_as_json
from policystudio.simulator.proof import RowEvidence
from policystudio.simulator.sentences import Residue
from policystudio.simulator.together import Together
from policystudio.simulator.witnesses import CellEvidence, Witness

#: The verdicts in the words of decisions, and those that only a cell has.
VERDICTS = {
    CellVerdict.ALLOWED: "allowed",
    CellVerdict.SOME: "some",
    CellVerdict.CONDITIONAL: "conditional",
    CellVerdict.EXPLICIT_DENY: "explicitDeny",
    CellVerdict.IMPLICIT_DENY: "implicitDeny",
    CellVerdict.UNDECIDED: "undecided",
}


def evidence_as_json(found: RowEvidence) -> dict[str, Any]:
    """A row of the matrix with its proven cells, and its actions with several required types."""
    return {
        **row_as_json(found.row),
        "principal": found.principal,
        "cells": [cell_as_json(cell) for cell in found.cells],
        "actions": [together_as_json(item) for item in found.actions],
    }


def cell_as_json(cell: CellEvidence) -> dict[str, Any]:
    """One cell: verdict, what it depends on, a request on each side, the residue; the reason where undecided."""
    return {
        "action": cell.column.action,
        "resource_type": cell.column.resource_type,
        "letter": cell.verdict.value,
        "verdict": VERDICTS[cell.verdict],
        "by_resource": cell.by_resource,
        "by_context": cell.by_context,
        "allowed": witness_as_json(cell.allowed),
        "denied": witness_as_json(cell.denied),
        "residue": residue_as_json(cell.residue, cell.text),
        "undecided": cell.undecided,
    }


def witness_as_json(witness: Witness | None) -> dict[str, Any] | None:
    """A request as an input of `evaluate`, with its decision."""
    if witness is None:
        return None
    return {
        "action": witness.action,
        "resource": witness.resource,
        "context": {key: list(values) for key, values in witness.context.items()},
        "decision": str(witness.decision),
    }


def residue_as_json(residue: Iterable[Residue], text: str) -> dict[str, Any]:
    """What is allowed, in words and as data: by each layer of ``allow`` in one of its ways, and in none of ``deny``.

    A layer that allows every request of the cell is left out.
    """
    layers: dict[tuple[Layer, int | None], list[Residue]] = {}
    denies = []
    for item in residue:
        if item.effect is Effect.ALLOW:
            layers.setdefault((item.layer, item.level), []).append(item)
        else:
            denies.append({"layer": str(item.layer), "level": item.level, **_statement(item)})
    allow = [
        {"layer": str(layer), "level": level, "any_of": [_statement(item) for item in items]}
        for (layer, level), items in layers.items()
        if not any(item.everywhere for item in items)
    ]
    return {"text": text, "allow": allow, "deny": denies}


def _statement(item: Residue) -> dict[str, Any]:
    patterns = list(item.patterns)
    return {
        "policy": item.policy,
        "sid": item.sid or None,
        "resources": [] if item.excluded else patterns,
        "not_resources": patterns if item.excluded else [],
        "conditions": [{"operator": rule.name, "key": rule.key, "values": list(rule.values)} for rule in item.rules],
    }


def together_as_json(item: Together) -> dict[str, Any]:
    """An action with several required types: each with its verdict, and what they come to together."""
    return {
        "action": item.action,
        "letter": item.verdict.value,
        "verdict": VERDICTS[item.verdict],
        "requires": [
            {"resource_type": name, "letter": verdict.value, "verdict": VERDICTS[verdict]}
            for name, verdict in item.cells.items()
        ],
        "allowed": [witness_as_json(witness) for witness in item.allowed],
        "undecided": item.undecided,
    }
