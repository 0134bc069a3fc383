"""What is decided, in the words and fields of AWS's answers."""

from collections.abc import Iterable, Sequence
from typing import Any

from policystudio.awsquery.simulation.deciding import Decided
from policystudio.awsquery.simulation.question import Simulation
from policystudio.awsquery.simulation.templates import template_for
from policystudio.engine.compile import Answer
from policystudio.engine.decision import Layer, LayerVerdict, StatementTrace, Verdict
from policystudio.engine.document import Effect
from policystudio.engine.source import Position

Result = dict[str, Any]

#: What the live service calls the kinds of policy; the API's own enumeration has other words, which it never writes.
SOURCE_TYPES = {
    Layer.IDENTITY: "IAM Policy",
    Layer.RESOURCE: "Resource Policy",
    Layer.BOUNDARY: "Permissions Boundary Policy",
}
#: The more restrictive, the higher.
_RESTRICTIVE = {Verdict.ALLOWED: 0, Verdict.IMPLICIT_DENY: 1, Verdict.EXPLICIT_DENY: 2}
#: Whose statements and keys are reported, and which statements determine a decision.
_REPORTED = frozenset({Layer.IDENTITY, Layer.RESOURCE})
_EFFECTS = {Verdict.EXPLICIT_DENY: Effect.DENY, Verdict.ALLOWED: Effect.ALLOW}
_DENIED = (LayerVerdict.IMPLICIT_DENY, LayerVerdict.EXPLICIT_DENY)


def evaluation_result(simulation: Simulation, action: str, decided: Sequence[Decided]) -> Result:
    """One `EvaluationResult`: the most restrictive decision of all resources, and each resource's own."""
    verdict = max((one.answer.verdict for one in decided), key=_RESTRICTIVE.__getitem__)
    named = [one.resource for one in decided if one.resource != "*"]
    result: Result = {
        "EvalActionName": action,
        "EvalResourceName": template_for(action, named),
        "EvalDecision": str(verdict),
        "MatchedStatements": _union(one.answer for one in decided if one.answer.verdict is verdict),
        "MissingContextValues": _missing(decided),
        **_boundary(decided),
    }
    if simulation.in_organization:
        allowed = all(one.answer.layers[Layer.SERVICE_CONTROL] not in _DENIED for one in decided)
        result["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": allowed}
    details = _details(decided)
    if details is not None:
        result["EvalDecisionDetails"] = details
    elif named and not _stopped(decided):
        result["EvalDecisionDetails"] = {}
    if named:
        result["ResourceSpecificResults"] = [_resource_result(one) for one in decided]
    return result


def _resource_result(one: Decided) -> Result:
    result: Result = {
        "EvalResourceName": one.resource,
        "EvalResourceDecision": str(one.answer.verdict),
        "MatchedStatements": _union([one.answer]),
        "MissingContextValues": list(one.missing),
        **_boundary([one]),
    }
    details = _details([one])
    if details is not None:
        result["EvalDecisionDetails"] = details
    return result


def _boundary(decided: Sequence[Decided]) -> Result:
    """What the permissions boundary says, where there is one: it must have an Allow and no Deny, everywhere."""
    said = [one.answer.layers[Layer.BOUNDARY] for one in decided]
    if LayerVerdict.NOT_APPLICABLE in said:
        return {}
    allowed = all(verdict is LayerVerdict.ALLOWED for verdict in said)
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": allowed}}


def _stopped(decided: Iterable[Decided]) -> bool:
    """Whether an organization's policy denies, where AWS's simulation ends."""
    return any(one.answer.layers[Layer.SERVICE_CONTROL] in _DENIED for one in decided)


def _details(decided: Sequence[Decided]) -> dict[str, str] | None:
    """What each type of policy says across accounts, the most restrictive of all resources; else None.

    Across accounts a resource policy must allow, so one that is not there is an implicit deny.
    """
    crossing = [one for one in decided if one.cross_account]
    if not crossing or _stopped(decided):
        return None
    details: dict[str, str] = {}
    for layer, name in SOURCE_TYPES.items():
        said = [one.answer.layers[layer] for one in crossing]
        if layer is Layer.RESOURCE:
            said = [LayerVerdict.IMPLICIT_DENY if one is LayerVerdict.NOT_APPLICABLE else one for one in said]
        if LayerVerdict.NOT_APPLICABLE not in said:
            details[name] = str(max((Verdict(one) for one in said), key=_RESTRICTIVE.__getitem__))
    return details


def _missing(decided: Iterable[Decided]) -> list[str]:
    """Each key once, in the spelling that comes first."""
    names: dict[str, str] = {}
    for one in decided:
        for name in one.missing:
            names.setdefault(name.lower(), name)
    return list(names.values())


def _union(answers: Iterable[Answer]) -> list[Result]:
    """The statements that determine the decision, each once."""
    found: dict[tuple[str, str, Position], Result] = {}
    for answer in answers:
        for trace in _determining(answer):
            key = (SOURCE_TYPES[trace.layer], trace.policy, trace.statement.span.start)
            if key not in found:
                found[key] = _statement(trace)
    return list(found.values())


def _determining(answer: Answer) -> Iterable[StatementTrace]:
    """Of an explicit deny the Deny statements, of an allow the Allow statements, of an implicit deny none.

    Those of policies of identities and resources only: what boundaries and organizations say has fields of its own.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    effect = _EFFECTS.get(answer.verdict)
    return (trace for trace in answer.matched if trace.layer in _REPORTED and trace.statement.effect is effect)


def _statement(trace: StatementTrace) -> Result:
    span = trace.statement.span
    return {
        "SourcePolicyId": trace.policy,
        "SourcePolicyType": SOURCE_TYPES[trace.layer],
        "StartPosition": _position(span.start),
        "EndPosition": _position(span.end),
    }


def _position(position: Position) -> Result:
    return {"Line": position.line, "Column": position.column}
