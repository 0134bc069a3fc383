"""What of policies has no effect, and shorter texts of them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api import evaluation_shapes
from policystudio.api.access import AccountView
from policystudio.api.compare import AnsweringView, QuestionSerializer
from policystudio.api.evaluate import EvaluationSerializer
from policystudio.api.policy_shapes import of_its_kind
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import ShapedField
from policystudio.engine.analyse.cover import Reason
from policystudio.engine.analyse.elements import Part
from policystudio.engine.document import PolicyKind
from policystudio.lib.said import Absent
from policystudio.simulator.redundancy import NoDocument, as_json, of_identity, of_policy, unknown_policy
from policystudio.simulator.redundancy_answers import answer_minify, answer_redundant, minify_stream, redundant_stream
from policystudio.simulator.selectors import UnknownIdentity

_LINES = "With `application/x-ndjson` it takes one question a line and answers a line for each."


class ElementSerializer(serializers.Serializer):
    """An element of a policy, and where it stands."""

    policy = serializers.CharField(
        help_text="The name of its policy; of a stored identity's the ARN, or `inline:<identity>/<policy>`."
    )
    through = serializers.CharField(allow_null=True, help_text="The group that the policy comes from: its ARN.")
    element = serializers.ChoiceField([part.value for part in Part])
    statement = serializers.IntegerField(allow_null=True, help_text="From 1; null for a whole policy.")
    sid = serializers.CharField(allow_null=True)
    text = serializers.CharField(allow_null=True, help_text="The entry or value; of a condition operator and key.")
    condition = serializers.CharField(
        allow_null=True, help_text="Operator and key of the condition that it is, or is a value of."
    )
    line = serializers.IntegerField(help_text="Where it begins, from 1.")
    end_line = serializers.IntegerField()


class FindingSerializer(ElementSerializer):
    """An element without effect, and why."""

    reason = serializers.ChoiceField([reason.value for reason in Reason])
    message = serializers.CharField()
    by = ElementSerializer(many=True, help_text="The statements that show it.")
    entries = serializers.ListField(child=serializers.CharField(), help_text="Entries of the same list that do.")
    limits = serializers.ListField(child=serializers.CharField(), help_text="Boundary and organization policies.")
    keys = serializers.ListField(child=serializers.CharField(), help_text="Context keys of conditions that never hold.")
    near = serializers.CharField(allow_null=True, help_text="An action that may have been meant.")
    proof = serializers.ChoiceField(
        ["comparison", "catalogue"], help_text="Proved by comparing with and without it, or shown by the catalogue."
    )


class RedundancySerializer(serializers.Serializer):
    """What has no effect. Without all of it, or any part of it, exactly the same is allowed."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    redundant = FindingSerializer(many=True)
    aside = ElementSerializer(many=True, help_text="Deny statements of nothing that the document itself allows.")
    complete = serializers.BooleanField(help_text="False where the search was cut off.")
    undecided = serializers.IntegerField(help_text="How often it could not be decided; nothing of that is reported.")
    unreadable = serializers.ListField(
        child=serializers.CharField(), help_text="What of the identity's policies is not known."
    )


class RedundancyRequestSerializer(QuestionSerializer):
    """Policies to look through."""

    policy = ShapedField(
        {},
        help_text="A policy document, its JSON text, `{name, document}`, or an object as `evaluate` takes it, without "
        "requests: then its policies are those of one identity.",
    )

    @staticmethod
    def shaped(schema: dict[str, Any], of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A document, or what somebody has."""
        policy = evaluation_shapes.of_somebody(of(EvaluationSerializer())["properties"], of_resources=False)
        given = {**schema["properties"], "policy": {**policy, **schema["properties"]["policy"]}}
        return {**schema, "properties": given, "additionalProperties": False}


class MinifyRequestSerializer(QuestionSerializer):
    """A document to shorten."""

    policy = ShapedField({}, help_text="A policy document of the kind, its JSON text, or `{name, document}`.")
    kind = serializers.ChoiceField(
        [kind.value for kind in PolicyKind], required=False, allow_null=True, help_text="By default identity."
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A document of its kind."""
        return of_its_kind(schema)


class DroppedSerializer(serializers.Serializer):
    """An element that was left out."""

    element = serializers.ChoiceField([part.value for part in Part])
    statement = serializers.IntegerField(help_text="From 1.")
    index = serializers.IntegerField(help_text="Of the entry or condition, from 0.")


class MinifiedSerializer(serializers.Serializer):
    """A shorter text that says the same."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    text = serializers.CharField()
    proved = serializers.BooleanField(help_text="False where white space is all that was removed.")
    size_before = serializers.IntegerField(help_text="As AWS counts: without white space.")
    size_after = serializers.IntegerField()
    quotas = serializers.DictField(child=serializers.IntegerField(), help_text="By what such a policy is attached to.")
    merged = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Statements, from 1, that are one now.",
    )
    dropped = DroppedSerializer(many=True)


EXAMPLE = {
    "id": "look",
    "policy": {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sagemaker:List*", "Resource": "*"},
            {"Sid": "Models", "Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"},
        ],
    },
}


class Redundant(AnsweringView):
    """Policies in the body."""

    one = staticmethod(answer_redundant)
    many = staticmethod(redundant_stream)

    @extend_schema(
        operation_id="redundant_create",
        summary="Find what has no effect",
        description="Name the statements, entries and conditions without which exactly the same is allowed, each with "
        f"its reason. {_LINES}",
        request=RedundancyRequestSerializer,
        responses=RedundancySerializer,
        examples=[OpenApiExample("A statement too many", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """What has no effect."""
        return self.answered(request)


class Minify(AnsweringView):
    """A document in the body."""

    one = staticmethod(answer_minify)
    many = staticmethod(minify_stream)

    @extend_schema(
        operation_id="minify_create",
        summary="Shorten a document",
        description="Write a document as short as it can be while it is proved to allow and deny exactly the same. "
        f"{_LINES}",
        request=MinifyRequestSerializer,
        responses=MinifiedSerializer,
        examples=[OpenApiExample("A statement too many", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """The shorter text."""
        return self.answered(request)


class AccountRedundant(AccountView):
    """Policies that are stored."""

    parameters = frozenset({"policy", "identity"})
    throttle_scope = "compare"

    @extend_schema(
        operation_id="account_redundant_retrieve",
        summary="Find what has no effect in an account",
        description="As `redundant`, of a managed policy of the account, or of all policies of one of its identities.",
        parameters=[
            OpenApiParameter("policy", str, description="The ARN of a managed policy."),
            OpenApiParameter("identity", str, description="Instead: the ARN of a user, group or role."),
        ],
        responses=RedundancySerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """What has no effect."""
        policy, identity = (request.query_params.get(name, "") for name in ("policy", "identity"))
        if bool(policy) is bool(identity):
            raise Refused([Fault(Absent("name either a `policy` or an `identity`"), "policy", where="query")])
        return Response(self._answer(policy, identity))

    def _answer(self, policy: str, identity: str) -> dict[str, Any]:
        try:
            return as_json(of_policy(self.account, policy) if policy else of_identity(self.account, identity))
        except ObjectDoesNotExist:
            raise Refused([Fault(Absent(unknown_policy(self.account, policy)), "policy", where="query")]) from None
        except (NoDocument, UnknownIdentity) as error:
            raise Refused([Fault(Absent(str(error)), "policy" if policy else "identity", where="query")]) from None
