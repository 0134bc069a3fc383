"""What `compare` is given: two sides, each a policy document or the object that `evaluate` takes, made comparable."""

from dataclasses import dataclass, replace

from policystudio.engine.analyse.comparison import Effective, effective_for
from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.request import Context, PolicyStack, Principal
from policystudio.lib.said import Contrary
from policystudio.lib.strict_json import JsonError, JsonPath, JsonProblem, JsonValue, kind_of, loads, write_path
from policystudio.simulator.evaluation_input import (
    EvaluationInputError,
    Id,
    InputProblem,
    PolicyCache,
    Standing,
    decode_standing,
    kind_by_content,
    read_id,
    refusal_of_json,
)
from policystudio.simulator.evaluation_policies import PolicyReader

SIDES = ("before", "after")
_INPUTS = ("id", *SIDES)
#: Elements that only a policy document has.
_OF_A_DOCUMENT = ("Statement", "Version")
_OWNER = "aws:ResourceAccount"


@dataclass(frozen=True, slots=True)
class TrustPair:
    """Two trust policies of a role, with the id that the answer repeats."""

    id: Id
    before: Policy
    after: Policy


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides that are about the same requests, with the id that the answer repeats."""

    id: Id
    before: Effective
    after: Effective


def read_pair(text: str | bytes, cache: PolicyCache) -> Pair | TrustPair:
    """Decode the JSON text of `{id, before, after}`; raises ``EvaluationInputError`` with every problem."""
    try:
        value = loads(text)
    except JsonError as error:
        raise refusal_of_json(error) from None
    reader = PolicyReader(cache)
    if not isinstance(value, dict):
        raise EvaluationInputError(
            [InputProblem("", f"must be an object with `before` and `after`, not {kind_of(value)}")]
        )
    for name in value:
        if name not in _INPUTS:
            reader.problem((name,), f"unknown input: there are {', '.join(_INPUTS)}")
    given = read_id(value.get("id"), ("id",), reader)
    sides = [_side(value.get(name), (name,), reader) for name in SIDES]
    return _pair_or_trust(given, sides[0], sides[1], reader)


def read_texts(before: str | bytes, after: str | bytes, cache: PolicyCache) -> Pair | TrustPair:
    """Decode two texts, one a side. Lines and columns of what is wrong with a document are those of its text.

    Raises ``EvaluationInputError`` with the problems of both.
    """
    reader = PolicyReader(cache)
    sides = [_text_side(text, (name,), reader) for name, text in zip(SIDES, (before, after), strict=True)]
    return _pair_or_trust(None, sides[0], sides[1], reader)


def is_document(value: JsonValue) -> bool:
    """Whether a value is a policy document, and not an object around several."""
    return isinstance(value, dict) and any(name in value for name in _OF_A_DOCUMENT)


def document_or_stack(value: JsonValue, path: JsonPath, reader: PolicyReader) -> Effective | None:
    """What applies by itself: a document, or the object that `evaluate` takes; None where something is wrong with it.

    What is wrong is added to the problems of ``reader``.
    """
    before = len(reader.problems)
    side = _side(value, path, reader)
    if side.trust is not None:
        reader.problem(path, "is a trust policy: it says who may assume a role, not what somebody may do")
    if len(reader.problems) > before:
        return None
    return _pair(None, side, side, reader).after


def _text_side(text: str | bytes, path: JsonPath, reader: PolicyReader) -> "_Side":
    try:
        value = loads(text)
    except JsonError as error:
        reader.problems += [placed(problem, path) for problem in error.problems]
        return _NOTHING
    if is_document(value):
        value = text if isinstance(text, str) else text.decode()
    return _side(value, path, reader)


def placed(problem: JsonProblem, path: JsonPath) -> InputProblem:
    """A problem of one text of several, with what the text is for before its place."""
    return InputProblem(write_path((*path, *problem.path)), problem.message, problem.line, problem.column)


@dataclass(frozen=True, slots=True)
class _Side:
    """What applies; or a trust policy, which says who it is for instead."""

    standing: Standing
    trust: Policy | None = None


_NOTHING = _Side(Standing(PolicyStack(), None, "", {}))


def _side(value: JsonValue, path: JsonPath, reader: PolicyReader) -> _Side:
    """One side; a document is the only identity policy of whoever the other side is about."""
    if value is None or value == {}:
        hint = "write a policy document, or the object that `evaluate` takes"
        reader.problem(path, f"is {'missing' if value is None else 'empty'}: {hint}")
        return _NOTHING
    if isinstance(value, str) or is_document(value) or (isinstance(value, dict) and "document" in value):
        is_trust = kind_by_content(value) is PolicyKind.TRUST
        named = reader.policy(value, path, PolicyKind.TRUST if is_trust else PolicyKind.IDENTITY)
        if is_trust:
            return _Side(_NOTHING.standing, named.policy if named else None)
        return _Side(Standing(PolicyStack((named,) if named else ()), None, "", {}))
    return _Side(decode_standing(value, path, reader))


def _pair_or_trust(given: Id, before: _Side, after: _Side, reader: PolicyReader) -> Pair | TrustPair:
    if before.trust is None and after.trust is None:
        return _pair(given, before, after, reader)
    if not reader.problems and (before.trust is None or after.trust is None):
        name = "after" if before.trust is None else "before"
        said = "is a trust policy and the other side is none: compare two trust policies"
        reader.problem((name,), Contrary(said))
    if reader.problems or before.trust is None or after.trust is None:
        raise EvaluationInputError(reader.problems)
    return TrustPair(given, before.trust, after.trust)


def _pair(given: Id, before: _Side, after: _Side, reader: PolicyReader) -> Pair:
    principal = _principal(before.standing, after.standing, reader)
    context = _context(before.standing, after.standing, reader)
    context = _with_owner(context, before.standing, after.standing, reader)
    if reader.problems:
        raise EvaluationInputError(reader.problems)
    sides = [effective_for(_applying(one.standing.stack, principal), principal, context) for one in (before, after)]
    return Pair(given, sides[0], sides[1])


def _principal(before: Standing, after: Standing, reader: PolicyReader) -> Principal | None:
    """Who both sides are about; named on one side only, it counts for the other."""
    one, other = before.principal, after.principal
    if one is not None and other is not None and one != other:
        same = one.arn == other.arn
        said = "says otherwise of it than `before`" if same else f"is not that of `before`, `{one.arn}`"
        reader.problem(("after", "principal"), Contrary(f"`{other.arn}` {said}: compare the policies of one principal"))
    return one or other


def _context(before: Standing, after: Standing, reader: PolicyReader) -> Context:
    """What is known of every request; a key that one side gives counts for both."""
    merged: dict[str, tuple[str, ...]] = dict(before.context)
    written = {key.lower(): key for key in before.context}
    for key, values in after.context.items():
        earlier = written.get(key.lower())
        if earlier is None:
            merged[key] = values
        elif before.context[earlier] != values:
            place = ("after", "context", key)
            reader.problem(place, Contrary("is not as in `before`: the two sides are compared for the same requests"))
    return Context(merged)


def _with_owner(context: Context, before: Standing, after: Standing, reader: PolicyReader) -> Context:
    """The context with the resources' owner, where a side names one; it counts for both."""
    owners = [side.resource_account for side in (before, after) if side.resource_account]
    if len(set(owners)) > 1:
        said = f"`{owners[1]}` is not that of `before`, `{owners[0]}`"
        said = Contrary(f"{said}: the two sides are compared for the same requests")
        reader.problem(("after", "resource_account"), said)
    if not owners or context.values_of(_OWNER.lower()):
        return context
    return Context({**{context.name_of(key): context[key] for key in context}, _OWNER: owners[:1]})


def _applying(stack: PolicyStack, principal: Principal | None) -> PolicyStack:
    """The stack without what does not reach this principal."""
    if principal is not None and (principal.in_management_account or principal.service_linked):
        return replace(stack, service_control_policies=None, resource_control_policies=None)
    return stack
