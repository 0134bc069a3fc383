"""Answers what there is to find in a policy document: as JSON, and as lines for people."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Finding, FindingType
from policystudio.engine.lint.registry import lint
from policystudio.engine.source import Source
from policystudio.lib.strict_json import JsonError, JsonValue, dumps, kind_of, loads
from policystudio.simulator.comparing import placed
from policystudio.simulator.comparisons import Answer, Outcome
from policystudio.simulator.evaluation_input import EvaluationInputError, InputProblem, PolicyCache, read_id
from policystudio.simulator.evaluation_policies import PolicyReader
from policystudio.simulator.lines import answered

TYPES = tuple(kind.value for kind in PolicyKind)


def answer_validate(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one `{id, policy, type}`; raises ``EvaluationInputError``."""
    reader = PolicyReader(cache)
    try:
        value = loads(text)
    except JsonError as error:
        raise EvaluationInputError(placed(problem, ()) for problem in error.problems) from None
    if not isinstance(value, dict):
        raise EvaluationInputError([InputProblem("", f"must be an object with a `policy`, not {kind_of(value)}")])
    for name in value:
        if name not in ("id", "policy", "type"):
            reader.problem((name,), "unknown input: there are id, policy, type")
    given = read_id(value.get("id"), ("id",), reader)
    kind, policy = _kind(value.get("type"), reader), value.get("policy")
    if not isinstance(policy, str | dict):
        said = "is missing" if policy is None else f"must be an object or its JSON text, not {kind_of(policy)}"
        reader.problem(("policy",), said)
    if reader.problems or not isinstance(policy, str | dict):
        raise EvaluationInputError(reader.problems)
    document = policy if isinstance(policy, str) else dumps(policy)
    found = lint(document, kind)
    return Answer(json.dumps({"id": given, **validation_as_json(document, found)}), outcome(found))


def _kind(value: JsonValue, reader: PolicyReader) -> PolicyKind:
    if value is None:
        return PolicyKind.IDENTITY
    if not isinstance(value, str) or value not in TYPES:
        reader.problem(("type",), f"must be one of {', '.join(TYPES)}")
        return PolicyKind.IDENTITY
    return PolicyKind(value)


def validate_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, policy, type}` of a stream, in order."""
    cache = PolicyCache()

    def answers(text: bytes) -> Iterator[Answer]:
        yield answer_validate(text, cache)

    return answered(stream, answers, lambda error: Answer(error, Outcome.UNKNOWN))


def outcome(found: Sequence[Finding]) -> Outcome:
    """Whether there are errors; warnings and suggestions are no reason to stop."""
    return Outcome.FOUND if any(finding.type is FindingType.ERROR for finding in found) else Outcome.FINE


def validation_as_json(text: str, found: Sequence[Finding]) -> dict[str, Any]:
    """The findings of a document as data; docs/findings.md describes them."""
    source = Source(text)
    return {"findings": [finding.as_json(source) for finding in found]}


def validation_as_text(file: str, text: str, found: Sequence[Finding]) -> Iterator[str]:
    """A line for each finding, as compilers write them; lines and columns count from 1."""
    source = Source(text)
    for finding in found:
        start = source.position(finding.places[0].start)
        yield f"{file}:{start.line}:{start.column}: {finding.type} {finding.code}: {finding.message}"
    if not found:
        yield f"{file}: no findings"
