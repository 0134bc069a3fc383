"""Answers what has no effect in policies, and with shorter texts of them: as JSON, and as lines for people."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from policystudio.engine.analyse.elements import Element
from policystudio.engine.analyse.minify import Minified, minify
from policystudio.engine.analyse.shadow import KINDS
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.lib.quotas import (
    INLINE_POLICIES_SIZE,
    MANAGED_POLICY_SIZE,
    ORGANIZATION_POLICY_SIZE,
    TRUST_POLICY_SIZE,
    policy_size,
)
from policystudio.lib.strict_json import JsonError, JsonValue, kind_of, loads
from policystudio.simulator.comparing import document_or_stack, is_document, placed
from policystudio.simulator.comparisons import Answer, Outcome
from policystudio.simulator.evaluation_input import EvaluationInputError, InputProblem, PolicyCache, read_id
from policystudio.simulator.evaluation_policies import PolicyReader
from policystudio.simulator.lines import answered
from policystudio.simulator.redundancy import Found, as_json, of_document, of_stack, told, told_aside
from policystudio.simulator.redundancy_words import statement_name

#: The size that AWS lets a document of each kind have, by what it is attached to; in characters without white space.
QUOTAS: Mapping[PolicyKind, Mapping[str, int]] = {
    PolicyKind.IDENTITY: {
        "managed policy": MANAGED_POLICY_SIZE,
        **{f"inline policies of a {kind}": size for kind, size in INLINE_POLICIES_SIZE.items()},
    },
    PolicyKind.TRUST: {"trust policy": TRUST_POLICY_SIZE},
    PolicyKind.SERVICE_CONTROL: {"service control policy": ORGANIZATION_POLICY_SIZE["scp"]},
    PolicyKind.RESOURCE_CONTROL: {"resource control policy": ORGANIZATION_POLICY_SIZE["rcp"]},
    PolicyKind.RESOURCE: {},
}


# What has no effect.


def answer_redundant(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one `{id, policy}`; raises ``EvaluationInputError``."""
    reader = PolicyReader(cache)
    inputs = _inputs(text, ("id", "policy"), reader)
    given = read_id(inputs.get("id"), ("id",), reader)
    found = _found(inputs.get("policy"), reader)
    return Answer(json.dumps(as_json(found, given)), outcome(found))


def redundant_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, policy}` of a stream, in order."""
    cache = PolicyCache()

    def answers(text: bytes) -> Iterator[Answer]:
        yield answer_redundant(text, cache)

    return answered(stream, answers, lambda error: Answer(error, Outcome.UNKNOWN))


def redundant_text(text: bytes, cache: PolicyCache) -> Found:
    """What has no effect in the text of a document, or of an object as `evaluate` takes it; raises likewise."""
    reader = PolicyReader(cache)
    try:
        value = loads(text)
    except JsonError as error:
        raise EvaluationInputError(placed(problem, ("policy",)) for problem in error.problems) from None
    return _found(text.decode() if is_document(value) else value, reader)


def _inputs(text: str | bytes, names: tuple[str, ...], reader: PolicyReader) -> dict[str, JsonValue]:
    try:
        value = loads(text)
    except JsonError as error:
        raise EvaluationInputError(placed(problem, ()) for problem in error.problems) from None
    if not isinstance(value, dict):
        raise EvaluationInputError([InputProblem("", f"must be an object with a `policy`, not {kind_of(value)}")])
    for name in value:
        if name not in names:
            reader.problem((name,), f"unknown input: there are {', '.join(names)}")
    return value


def _found(value: JsonValue, reader: PolicyReader) -> Found:
    """A bare document by itself, whatever else is attached; an object with policies as the stack that it is."""
    named = None
    if isinstance(value, str) or is_document(value) or (isinstance(value, dict) and "document" in value):
        named = reader.policy(value, ("policy",), PolicyKind.IDENTITY)
    effective = None if named else document_or_stack(value, ("policy",), reader)
    if reader.problems:
        raise EvaluationInputError(reader.problems)
    if named is not None:
        return of_document(named)
    if effective is None:
        raise EvaluationInputError([InputProblem("policy", "is missing")])
    stack = effective.stack
    if stack.resource_policy or stack.vpc_endpoint_policy:
        raise EvaluationInputError([InputProblem("policy", "leave out the policies of resources and VPC endpoints")])
    return of_stack(stack, effective.facts)


def outcome(found: Found) -> Outcome:
    """Something found, nothing, or not all could be looked through."""
    if found.result.findings:
        return Outcome.FOUND
    return Outcome.FINE if found.result.complete and not found.unreadable else Outcome.UNKNOWN


def headline(found: Found) -> str:
    """The answer in words: `3 of its elements have no effect.`"""
    count = len(told(found))
    said = {0: "Everything in it has an effect.", 1: "One thing has no effect."}.get(
        count, f"{count} things have no effect."
    )
    if not found.result.complete:
        said += " The search was cut off: there may be more."
    if found.result.undecided:
        said += f" Undecided, and so left alone: {found.result.undecided}."
    return said


def redundancy_as_text(found: Found) -> Iterator[str]:
    """Lines for a person: the answer, each finding, and the Deny statements that matter beside other policies only."""
    yield headline(found)
    if found.unreadable:
        yield f"Not known: {', '.join(found.unreadable)}. Only what changes nothing whatever they say is found."
    for one in told(found):
        yield f"  {one.message}"
    aside = told_aside(found)
    if aside:
        yield "Not counted, as they matter beside other policies: Deny statements of nothing that the document allows."
        yield from (f"  {statement_name(one, several=False)}" for one in aside)


# Shorter texts.


def answer_minify(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one `{id, policy, kind}`; raises ``EvaluationInputError``."""
    reader = PolicyReader(cache)
    inputs = _inputs(text, ("id", "policy", "kind"), reader)
    given = read_id(inputs.get("id"), ("id",), reader)
    kind = _kind(inputs.get("kind"), reader)
    named = reader.policy(inputs.get("policy"), ("policy",), kind)
    if named is None and not reader.problems:
        reader.problem(("policy",), "is missing: write a policy document")
    if reader.problems or named is None:
        raise EvaluationInputError(reader.problems)
    found = minify(named.policy)
    return Answer(json.dumps(minified_as_json(named.policy, found, given)), Outcome.FINE)


def minify_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, policy, kind}` of a stream, in order."""
    cache = PolicyCache()

    def answers(text: bytes) -> Iterator[Answer]:
        yield answer_minify(text, cache)

    return answered(stream, answers, lambda error: Answer(error, Outcome.UNKNOWN))


def read_policy(text: bytes, kind: str) -> Policy:
    """The policy of a file; raises ``EvaluationInputError`` with lines and columns of its text."""
    try:
        return parse_policy(text.decode(), PolicyKind(kind))
    except UnicodeDecodeError:
        raise EvaluationInputError([InputProblem("policy", "is not text in UTF-8")]) from None
    except PolicyError as error:
        problems = [
            InputProblem("policy", one.message, one.span.start.line, one.span.start.column) for one in error.problems
        ]
        raise EvaluationInputError(problems) from None


def _kind(value: JsonValue, reader: PolicyReader) -> PolicyKind:
    known = [kind.value for kind in PolicyKind]
    if value is None:
        return PolicyKind.IDENTITY
    if not isinstance(value, str) or value not in known:
        reader.problem(("kind",), f"must be one of {', '.join(known)}")
        return PolicyKind.IDENTITY
    return PolicyKind(value)


def sizes(policy: Policy, found: Minified) -> tuple[int, int]:
    """The size before and after, as AWS counts it: without white space."""
    return policy_size(policy.text), policy_size(found.text)


def minified_as_json(policy: Policy, found: Minified, given: Any = None) -> dict[str, Any]:
    """A shorter text as data; docs/redundant.md describes it."""
    before, after = sizes(policy, found)
    return {
        "id": given,
        "text": found.text,
        "proved": found.proved,
        "size_before": before,
        "size_after": after,
        "quotas": dict(QUOTAS[policy.kind]),
        "merged": [[number + 1 for number in group] for group in found.merged],
        "dropped": [_dropped(one) for one in found.dropped],
    }


def _dropped(element: Element) -> dict[str, Any]:
    return {"element": element.part.value, "statement": element.statement + 1, "index": max(element.entry, 0)}


def what_was_done(policy: Policy, found: Minified) -> Iterator[str]:
    """What became of the document, in sentences."""
    before, after = sizes(policy, found)
    yield f"{before:,} characters before, {after:,} after, as AWS counts them: without white space."
    over = [f"{what} ({size:,})" for what, size in QUOTAS[policy.kind].items() if after > size]
    fits = [f"{what} ({size:,})" for what, size in QUOTAS[policy.kind].items() if after <= size]
    if fits:
        yield f"It fits: {', '.join(fits)}."
    if over:
        yield f"It is too large for: {', '.join(over)}."
    if policy.kind not in KINDS:
        yield "Only white space was removed: the policy names principals."
    elif not found.proved:
        yield "Only white space was removed: nothing else that is shorter is proved to say the same."
    else:
        yield "Proved by comparison: it allows and denies exactly the same."
    for group in found.merged:
        yield f"Merged into one: statements {_statements(policy, group)}."
    if found.dropped:
        count = len(found.dropped)
        yield f"Left out as without effect: {count} element{'s' if count > 1 else ''}."


def _statements(policy: Policy, group: tuple[int, ...]) -> str:
    names = []
    for number in group:
        sid = policy.statements[number].sid
        names.append(f"{number + 1} (`{sid}`)" if sid else str(number + 1))
    return f"{', '.join(names[:-1])} and {names[-1]}"
