"""Answers AWS's other custom policy checks: is this access granted, is this role open to the public?"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.analyse.compare import access_not_granted
from policystudio.engine.analyse.comparison import Effective, Granted
from policystudio.engine.analyse.public import Public, no_public_access
from policystudio.engine.arn import is_account_id
from policystudio.engine.catalog.load import load_condition_keys
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse.patterns import action_problem, resource_problem
from policystudio.lib.said import Absent
from policystudio.lib.strict_json import JsonError, JsonPath, JsonValue, kind_of, loads
from policystudio.simulator.comparing import document_or_stack, is_document, placed
from policystudio.simulator.comparisons import SOME_ACCOUNT, Answer, Outcome, witness_as_json, witness_as_text
from policystudio.simulator.evaluation_input import EvaluationInputError, Id, InputProblem, PolicyCache, read_id
from policystudio.simulator.evaluation_policies import PolicyReader
from policystudio.simulator.lines import answered


@dataclass(frozen=True, slots=True)
class AccessQuestion:
    """Is any of these actions granted on any of these resources? None of them means all."""

    id: Id
    effective: Effective
    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublicQuestion:
    """May outsiders assume a role of this account that has this trust policy?"""

    id: Id
    trust: Policy
    account: str


# What is asked.


def read_access_question(text: str | bytes, cache: PolicyCache) -> AccessQuestion:
    """Decode the JSON text of `{id, policy, actions, resources}`; raises ``EvaluationInputError``."""
    reader = PolicyReader(cache)
    inputs = _object(text, ("id", "policy", "actions", "resources"), reader)
    return _access_question(inputs, _policy_given(inputs), reader)


def access_question(
    policy: str | bytes, actions: list[str], resources: list[str], cache: PolicyCache
) -> AccessQuestion:
    """The question about the text of a policy, with lines and columns of that text; raises likewise."""
    reader = PolicyReader(cache)
    inputs: dict[str, JsonValue] = {"actions": list(actions), "resources": list(resources)}
    return _access_question(inputs, _text(policy, reader), reader)


def read_public_question(text: str | bytes, cache: PolicyCache) -> PublicQuestion:
    """Decode the JSON text of `{id, policy, account}`; raises ``EvaluationInputError``."""
    reader = PolicyReader(cache)
    inputs = _object(text, ("id", "policy", "account"), reader)
    return _public_question(inputs, _policy_given(inputs), reader)


def public_question(policy: str | bytes, account: str, cache: PolicyCache) -> PublicQuestion:
    """The question about the text of a trust policy; raises likewise."""
    reader = PolicyReader(cache)
    return _public_question({"account": account or None}, _text(policy, reader), reader)


def _object(text: str | bytes, names: tuple[str, ...], reader: PolicyReader) -> dict[str, JsonValue]:
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


def _policy_given(inputs: Mapping[str, JsonValue]) -> JsonValue:
    return inputs.get("policy")


def _text(policy: str | bytes, reader: PolicyReader) -> JsonValue:
    """The value of a text; a document stays text, so that its lines and columns are those of the text."""
    try:
        value = loads(policy)
    except JsonError as error:
        reader.problems += [placed(problem, ("policy",)) for problem in error.problems]
        raise EvaluationInputError(reader.problems) from None
    if not is_document(value):
        return value
    return policy if isinstance(policy, str) else policy.decode()


def _access_question(inputs: Mapping[str, JsonValue], policy: JsonValue, reader: PolicyReader) -> AccessQuestion:
    effective = document_or_stack(policy, ("policy",), reader)
    actions = _patterns(inputs.get("actions"), ("actions",), reader, _action_fault)
    resources = _patterns(inputs.get("resources"), ("resources",), reader, _resource_fault)
    if not actions and not resources and not reader.problems:
        reader.problem(("actions",), "is missing: name actions, resources, or both")
    given = read_id(inputs.get("id"), ("id",), reader)
    if reader.problems or effective is None:
        raise EvaluationInputError(reader.problems)
    return AccessQuestion(given, effective, actions, resources)


def _public_question(inputs: Mapping[str, JsonValue], policy: JsonValue, reader: PolicyReader) -> PublicQuestion:
    if policy is None:
        reader.problem(("policy",), "is missing: write a trust policy")
    named = reader.policy(policy, ("policy",), PolicyKind.TRUST)
    account = inputs.get("account")
    if account is not None and not (isinstance(account, str) and is_account_id(account)):
        shown = f"`{account}`" if isinstance(account, str) else kind_of(account)
        reader.problem(("account",), f"must be a 12-digit account id in quotation marks, not {shown}")
    given = read_id(inputs.get("id"), ("id",), reader)
    if reader.problems or named is None:
        raise EvaluationInputError(reader.problems)
    return PublicQuestion(given, named.policy, account if isinstance(account, str) else SOME_ACCOUNT)


def _patterns(value: JsonValue, path: JsonPath, reader: PolicyReader, fault: Any) -> tuple[str, ...]:
    listed: JsonValue = [value] if isinstance(value, str) else value

    def read(item: JsonValue, place: JsonPath) -> str:
        if not isinstance(item, str):
            reader.problem(place, f"must be a text, not {kind_of(item)}")
            return ""
        found = fault(item)
        if found:
            reader.problem(place, found)
        return item

    return tuple(reader.items(listed, path, read))


def _action_fault(text: str) -> str:
    found = action_problem(text, PolicyKind.IDENTITY)
    if found is not None:
        return found[1]
    known = known_actions()
    if known.mask(text):
        return ""
    near = known.nearest(text)
    return Absent(f"no action that is known here matches `{text}`{f': did you mean `{near}`?' if near else ''}")


def _resource_fault(text: str) -> str:
    found = resource_problem(text)
    return "" if found is None else found[1]


# What is answered.


def is_granted(question: AccessQuestion) -> Granted:
    """Whether it is granted; raises ``EvaluationInputError`` where policies name principals and nobody asks."""
    try:
        return access_not_granted(question.effective, question.actions, question.resources)
    except ValueError as error:
        raise EvaluationInputError([InputProblem("policy", str(error))]) from None


def is_public(question: PublicQuestion) -> Public:
    """Whether outsiders get in."""
    return no_public_access(question.trust, question.account, load_condition_keys())


def granted_as_json(given: Id, found: Granted) -> dict[str, Any]:
    """The answer with an allowed request; ``granted`` is null where it could not be decided."""
    return {
        "id": given,
        "granted": found.granted,
        "undecided": found.undecided or None,
        "witness": witness_as_json(found.witness),
    }


def public_as_json(given: Id, found: Public) -> dict[str, Any]:
    """The answer with a request of an outsider; ``public`` is null where it could not be decided."""
    witness = witness_as_json(found.witness)
    return {
        "id": given,
        "public": found.public,
        "undecided": found.undecided or None,
        "witness": None if witness is None else {"principal": found.principal, **witness},
    }


def granted_as_text(found: Granted) -> Iterator[str]:
    """Lines for a person."""
    if found.granted is None:
        yield f"Not decided: {found.undecided}."
    elif found.witness is None:
        yield "Not granted, on no such resource and in no context."
    else:
        yield "Granted. For example:"
        yield from (f"  {line}" for line in witness_as_text(found.witness))


def public_as_text(found: Public) -> Iterator[str]:
    """Lines for a person."""
    if found.public is None:
        yield f"Not decided: {found.undecided}."
    elif found.witness is None:
        yield "Not public: nobody gets in whom the policy does not name."
    else:
        yield "Public: somebody gets in whom the policy does not name. For example:"
        yield f"  {found.principal}"
        yield from (f"  {line}" for line in witness_as_text(found.witness))


def outcome(claim: bool | None) -> Outcome:
    """Found, not found, or not decided."""
    if claim is None:
        return Outcome.UNKNOWN
    return Outcome.FOUND if claim else Outcome.FINE


def answer_access(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one question about access; raises ``EvaluationInputError``."""
    question = read_access_question(text, cache)
    found = is_granted(question)
    return Answer(json.dumps(granted_as_json(question.id, found)), outcome(found.granted))


def answer_public(text: str | bytes, cache: PolicyCache) -> Answer:
    """The answer to the JSON text of one question about the public; raises ``EvaluationInputError``."""
    question = read_public_question(text, cache)
    found = is_public(question)
    return Answer(json.dumps(public_as_json(question.id, found)), outcome(found.public))


def access_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, policy, actions, resources}` of a stream, in order."""
    cache = PolicyCache()
    return answered(stream, lambda text: iter([answer_access(text, cache)]), refused)


def public_stream(stream: BinaryIO) -> Iterator[Answer]:
    """The answer to each `{id, policy, account}` of a stream, in order."""
    cache = PolicyCache()
    return answered(stream, lambda text: iter([answer_public(text, cache)]), refused)


def refused(error: str) -> Answer:
    """The answer to what was not understood."""
    return Answer(error, Outcome.UNKNOWN)
