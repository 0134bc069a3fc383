"""What an identity can do: how it is asked, and the answer as JSON."""

from typing import Any

from policystudio.simulator.proof_json import VERDICTS, residue_as_json
from policystudio.simulator.question import Query, Question, QuestionError, question_from_query
from policystudio.simulator.what_can import NEVER, POSSIBLE, Line, Summary
from policystudio.simulator.what_can_words import sentence_of, shared_of, shared_text, text_of

#: The parameters of a question that count here: the identity, which resource types, what is known, and what-ifs.
PARAMETERS = ("identity", "type", "region", "context", "exclude", "add", "boundary", "at", "change")


def question_of(query: Query) -> Question:
    """The question about one identity; raises ``QuestionError`` as ``question_from_query`` does."""
    question = question_from_query(query)
    if len(question.identities.arns) != 1:
        raise QuestionError([("identity", "name one identity, by its ARN")])
    return question


def summary_as_json(summary: Summary) -> dict[str, Any]:
    """The summary; docs/what-can.md describes it."""
    bearer, shared = summary.bearer, shared_of(summary)
    return {
        "arn": bearer.arn,
        "kind": bearer.kind,
        "name": bearer.name,
        "sentence": sentence_of(summary),
        "shared": shared_text(summary),
        "cells": len(summary.columns),
        "access_levels": [
            {"access_level": level, "possible": possible, "actions": every} for level, possible, every in summary.levels
        ],
        "lines": [_line(line, text_of(line, shared)) for line in summary.lines],
        "implicit_deny": summary.untold,
        "incomplete": [
            {
                "action": one.action,
                "requires": [
                    {"resource_type": name, "letter": verdict.value, "verdict": VERDICTS[verdict]}
                    for name, verdict in one.cells.items()
                ],
            }
            for one in summary.incomplete
        ],
    }


def _line(line: Line, text: str) -> dict[str, Any]:
    residue = residue_as_json(line.residue, text)
    return {
        "effect": "Allow" if line.verdict in POSSIBLE else "Deny" if line.verdict in NEVER else None,
        "letter": line.verdict.value,
        "verdict": VERDICTS[line.verdict],
        "text": text,
        "parts": [
            {
                "actions": list(block.names.include),
                "not_actions": list(block.names.exclude),
                "resource_types": list(block.types),
            }
            for block in line.blocks
        ],
        "cells": len(line.cells),
        "access_levels": dict(line.levels),
        "allow": residue["allow"],
        "deny": residue["deny"],
        "stands_in_the_way": [
            {"layer": str(one.layer), "name": one.name, "policies": list(one.policies), "denies": one.denies}
            for one in line.blames
        ],
        "undecided": line.undecided,
    }
