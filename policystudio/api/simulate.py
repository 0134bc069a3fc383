"""Concrete requests of identities that are stored, with what-ifs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account
from policystudio.api.access import AccountView
from policystudio.api.evaluate import (
    MOST_REQUESTS,
    AskedSerializer,
    ResultSerializer,
    refusal,
    refuse_too_much,
)
from policystudio.api.evaluation_shapes import STORED, one_or_many
from policystudio.api.parsers import ExactJsonParser
from policystudio.api.policy_shapes import named
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import EXCLUDED, MANAGED_POLICY, MOMENT, NUMBER, ONE_ACTION, ShapedField
from policystudio.engine.document import PolicyKind
from policystudio.engine.request import NamedPolicy
from policystudio.lib.said import Absent
from policystudio.lib.strict_json import JsonValue, Number, kind_of
from policystudio.policies import selectors as policies
from policystudio.policies.models import ManagedPolicy
from policystudio.simulator import selectors
from policystudio.simulator.answers import decision_as_json
from policystudio.simulator.asked import source_for
from policystudio.simulator.concrete import tags_of, with_facts_of
from policystudio.simulator.evaluation_input import (
    EvaluationInput,
    EvaluationInputError,
    EvaluationRequest,
    decode_evaluation,
)
from policystudio.simulator.question import ListQuery, Question, QuestionError, WhatIf, question_from_query
from policystudio.simulator.selectors import SimulateRequest, UnknownIdentity, UnreadablePolicies

INPUTS = (
    "id",
    "principal",
    "action",
    "resource",
    "resource_account",
    "context",
    "requests",
    "exclude",
    "add",
    "boundary",
    "at",
    "change",
)
MOST_ADDED = 10
#: Of when it is asked.
MOMENT_INPUTS = ("at", "change")
#: What `evaluate` does not take.
_OUR_OWN = ("exclude", "add", "boundary", "at", "change")
#: Stands where an ARN was given, so that the places of the documents beside it are right; it is never asked.
_PLACEHOLDER: JsonValue = {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}


#: A document as in `evaluate`, or the ARN of a managed policy of the account.
TRIED = {"anyOf": [*named(PolicyKind.IDENTITY)["anyOf"], MANAGED_POLICY]}


class AskedStoredSerializer(AskedSerializer):
    """One request of an identity of the account. What it leaves out, the object around it says."""

    principal = ShapedField(
        STORED, required=False, allow_null=True, help_text="The ARN of a user, role or root user of the account."
    )


class SimulationSerializer(AskedSerializer):
    """Requests of stored identities. What a request leaves out, the object around it says."""

    principal = ShapedField(
        STORED,
        required=False,
        allow_null=True,
        help_text="The ARN of a user, of a role (any session of it) or of the root user of the account.",
    )
    action = ShapedField(
        ONE_ACTION,
        required=False,
        allow_null=True,
        help_text="For a single request; else each of `requests` has one.",
    )
    requests = AskedStoredSerializer(many=True, required=False, allow_null=True)
    exclude = ShapedField(
        {"type": "array", "items": EXCLUDED},
        required=False,
        allow_null=True,
        help_text="What if this were taken away: a managed policy's ARN, `inline:<identity>/<policy>`, or `boundary`.",
    )
    add = ShapedField(
        {"type": "array", "items": TRIED, "maxItems": MOST_ADDED},
        required=False,
        allow_null=True,
        help_text="What if everyone had this: documents as in `evaluate`, or ARNs of managed policies of the account.",
    )
    boundary = ShapedField(
        TRIED,
        required=False,
        allow_null=True,
        help_text="What if they had this permissions boundary: a document or an ARN.",
    )
    at = ShapedField(
        MOMENT,
        required=False,
        allow_null=True,
        help_text="As of this date (the end of the day) or time (UTC unless it says), as `2026-11-01`.",
    )
    change = ShapedField(
        NUMBER,
        required=False,
        allow_null=True,
        help_text="As the change of this number would make it, if it were published.",
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A single request, or several."""
        return one_or_many(schema, MOST_REQUESTS)


class SimulatedSerializer(ResultSerializer):
    """The answer to one request."""

    decision = serializers.ChoiceField(
        ["allowed", "implicitDeny", "explicitDeny", "undecided"],
        help_text="`undecided` where policies of the identity could not be read; `reason` names them.",
    )


class SimulatedResultsSerializer(serializers.Serializer):
    """The answers, in the order of the requests."""

    results = SimulatedSerializer(many=True)


EXAMPLE = {
    "principal": "arn:aws:iam::111122223333:user/dana",
    "context": {"aws:MultiFactorAuthPresent": "true"},
    "requests": [
        {
            "id": "delete",
            "action": "sagemaker:DeleteEndpoint",
            "resource": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn",
        }
    ],
    "exclude": ["boundary"],
    "add": [
        {
            "name": "may delete endpoints",
            "document": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "sagemaker:DeleteEndpoint", "Resource": "*"}],
            },
        }
    ],
}


class Simulate(AccountView):
    """Decisions about identities as they are, or as they would be."""

    parser_classes = [ExactJsonParser]
    computes_only = True

    @extend_schema(
        operation_id="simulate_create",
        summary="Simulate requests",
        description="Decide concrete requests of the account's identities: with the policies that they have, their "
        "groups', their boundary, and the organization's service control policies. What is known of an identity (its "
        "tags, its name) is in the context already; `context` goes before it. `exclude` and `add` try a change.",
        request=SimulationSerializer,
        responses=SimulatedResultsSerializer,
        examples=[OpenApiExample("May Dana delete the endpoint, if …?", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """The results."""
        body = _object(request.data)
        asked = decode_asked(body)
        what_if = what_if_of(self.account, body, asked)
        moment = moment_of(self.account, body)
        tags = tags_of(self.account, (one.request.resource for one in asked.requests))
        wanted = [_wanted(one, tags.get(one.request.resource, {})) for one in asked.requests]
        answers = selectors.simulate(self.account, wanted, what_if, moment)
        unknown = [
            Fault(Absent(str(answer)), f"requests[{index}].principal" if "requests" in body else "principal")
            for index, answer in enumerate(answers)
            if isinstance(answer, UnknownIdentity)
        ]
        if unknown:
            raise Refused(unknown)
        results = [{"id": one.id, **_result(answer)} for one, answer in zip(asked.requests, answers, strict=True)]
        return Response({"results": results})


def moment_of(account: Account, body: dict[str, JsonValue]) -> Question:
    """Which moment or change the requests are about; raises ``Refused`` where it cannot be asked."""
    given = {name: body[name] for name in MOMENT_INPUTS if body.get(name) is not None}
    pairs = [(name, value.text if isinstance(value, Number) else str(value)) for name, value in given.items()]
    try:
        question = question_from_query(ListQuery(pairs))
        source_for(account, question)
    except QuestionError as error:
        raise Refused(Fault(message, name) for name, message in error.problems) from None
    return question


def _object(body: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(body, dict):
        raise Refused([Fault(f"must be an object, not {kind_of(body)}")])
    unknown = [Fault(f"unknown input: the inputs are {', '.join(INPUTS)}", name) for name in body if name not in INPUTS]
    if unknown:
        raise Refused(unknown)
    return body


def decode_asked(body: dict[str, JsonValue]) -> EvaluationInput:
    """Requests, and added documents as identity policies: both are read as those of ``evaluate`` are.

    Raises ``Refused`` with the place of each fault.
    """
    inputs = {name: value for name, value in body.items() if name not in _OUR_OWN}
    documents = [None if _is_arn(entry) else entry for entry in _list(body, "add")]
    inputs["identity_policies"] = [_PLACEHOLDER if entry is None else entry for entry in documents]
    inputs["permissions_boundary"] = _PLACEHOLDER if _is_arn(body.get("boundary")) else body.get("boundary")
    try:
        decoded = decode_evaluation(inputs)
    except EvaluationInputError as error:
        raise refusal(EvaluationInputError(replace(one, path=_renamed(one.path)) for one in error.problems)) from None
    refuse_too_much(decoded)
    return decoded


def what_if_of(account: Account, body: dict[str, JsonValue], asked: EvaluationInput) -> WhatIf:
    """The change to try; raises ``Refused`` for policies that the account does not have."""
    faults: list[Fault] = []
    added: list[tuple[str, NamedPolicy | None]] = []
    for index, (entry, read) in enumerate(zip(_list(body, "add"), asked.stack.identity_policies, strict=True)):
        if isinstance(entry, str) and _is_arn(entry):
            faults += _unknown_policy(account, entry, f"add[{index}]")
            added.append((entry, None))
        else:
            name = read.name.replace("identity_policies[", "add[", 1)
            added.append((name, replace(read, name=name)))
    excluded: list[str] = []
    for index, entry in enumerate(_list(body, "exclude")):
        if not isinstance(entry, str) or not (entry == "boundary" or entry.startswith(("arn:", "inline:"))):
            message = "must be the ARN of a managed policy, `inline:<identity>/<policy>` or `boundary`"
            faults.append(Fault(message, f"exclude[{index}]"))
        else:
            excluded.append(entry)
            faults += _unknown_policy(account, entry, f"exclude[{index}]") if entry.startswith("arn:") else []
    boundary: tuple[str, NamedPolicy | None] | None = None
    given, written = asked.stack.permissions_boundary, body.get("boundary")
    if isinstance(written, str) and _is_arn(written):
        faults += _unknown_policy(account, written, "boundary")
        boundary = written, None
    elif given is not None:
        boundary = "boundary", replace(given, name="boundary")
    if faults:
        raise Refused(faults)
    return WhatIf(tuple(excluded), tuple(added), boundary)


def _renamed(place: str) -> str:
    """The place in the body of what was read as an input of ``evaluate``."""
    return place.replace("identity_policies[", "add[", 1).replace("permissions_boundary", "boundary", 1)


def _list(body: dict[str, JsonValue], name: str) -> list[JsonValue]:
    value = body.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused([Fault(f"must be a list, not {kind_of(value)}", name)])
    if len(value) > MOST_ADDED and name == "add":
        raise Refused([Fault(f"at most {MOST_ADDED} policies can be added at once", name)])
    return value


def _is_arn(entry: JsonValue) -> bool:
    return isinstance(entry, str) and entry.startswith("arn:")


def _unknown_policy(account: Account, arn: str, place: str) -> list[Fault]:
    try:
        policies.policy_by_arn(account, arn)
    except ManagedPolicy.DoesNotExist:
        return [Fault(Absent(f"the account has no managed policy `{arn}`"), place)]
    return []


def _wanted(one: EvaluationRequest, tags: Mapping[str, str]) -> SimulateRequest:
    context = one.request.context
    given = {context.name_of(key): context.values_of(key) for key in context}
    return SimulateRequest(
        identity_arn=one.request.principal.arn,
        action=one.request.action,
        resource=one.request.resource,
        context=with_facts_of(one.request.resource, tags, given),
        resource_account=one.request.resource_account,
    )


def _result(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, UnreadablePolicies):
        return decision_as_json(answer)
    return {
        "decision": "undecided",
        "reason": f"unreadable_policies: {', '.join(answer.names)}",
        "layers": {},
        "matched_statements": [],
        "missing_context_keys": [],
    }
