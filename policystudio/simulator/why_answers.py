"""A Why as JSON: the same that the page shows."""

from typing import Any

from policystudio.simulator.proof_json import VERDICTS, residue_as_json, together_as_json
from policystudio.simulator.why import Side, Why, WhyStatement


def why_as_json(found: Why) -> dict[str, Any]:
    """The answer for one cell; docs/rest.md describes it."""
    return {
        "identity": found.bearer.arn,
        "action": found.column.action,
        "resource_type": found.column.resource_type,
        "letter": found.letter.value,
        "verdict": VERDICTS[found.letter],
        "sentence": found.sentence,
        "residue": residue_as_json(found.residue, found.sentence),
        "layers": [
            {
                "layer": str(layer.layer),
                "name": layer.name,
                "letter": layer.letter.value,
                "verdict": VERDICTS[layer.letter],
                "policies": list(layer.policies),
                "denies": layer.denies,
            }
            for layer in found.layers
        ],
        "statements": [_statement(one) for one in found.statements],
        "allowed": _side(found.allowed),
        "denied": _side(found.denied),
        "missing_context_keys": list(found.missing_context_keys),
        "absent_keys": list(found.absent_keys),
        "also_needed": [
            {
                "action": one.action,
                "resource_type": one.resource_type,
                "letter": one.letter.value,
                "verdict": VERDICTS[one.letter],
            }
            for one in found.also_needed
        ],
        "together": together_as_json(found.together) if found.together else None,
    }


def _statement(one: WhyStatement) -> dict[str, Any]:
    attached = one.attached
    statement = one.trace.statement
    return {
        "layer": str(one.layer),
        "policy": one.policy.name,
        "arn": attached.key if attached and attached.kind != "inline" else None,
        "through": (attached.through or None) if attached else None,
        "sid": statement.sid,
        "effect": str(statement.effect),
        "first_line": one.first_line,
        "last_line": one.last_line,
        "matched_allowed": one.matched_allowed,
        "matched_denied": one.matched_denied,
        "kept": one.kept,
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    context = side.request.context
    return {
        "action": side.request.action,
        "resource": side.request.resource,
        "context": {context.name_of(key): list(context.values_of(key)) for key in context},
        "decision": str(side.decision.verdict),
    }
