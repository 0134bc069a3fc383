"""Concrete requests against the policies that stand beside them in the body."""

from collections.abc import Callable, Mapping
from typing import IO, Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from policystudio.api import evaluation_shapes
from policystudio.api.access import ApiView
from policystudio.api.evaluation_shapes import CONTEXT, FEDERATED_BY, PRINCIPAL, document, one_or_many, policies
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import ACCOUNT, ANY, ARN_OR_ALL, ONE_ACTION, ShapedField
from policystudio.engine.decision import Layer, LayerVerdict, Verdict
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.request import PolicyStack
from policystudio.simulator.evaluation import Evaluator
from policystudio.simulator.evaluation_input import EvaluationInput, EvaluationInputError, read_evaluation

#: Bounds of one call, so that nobody keeps a web worker busy for long; `manage.py evaluate` has none.
MOST_REQUESTS = 2_000
MOST_WORK = 2_000_000


#: What a statement does.
EFFECTS = [str(effect) for effect in Effect]


class TextParser(BaseParser):
    """The bytes of a JSON body: the decoder reads them itself, strictly and with places."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body as it came, as bytes."""
        return stream.read()


class PolicyField(serializers.JSONField):
    """A policy document, or a statement of one, in an answer."""


@extend_schema_field(
    {"type": ["string", "integer", "null"], "pattern": ANY["pattern"], "minimum": 1 - 10**18, "maximum": 10**18 - 1}
)
class IdField(serializers.JSONField):
    """What a question is called by whoever asks: a text or a whole number."""


def _maybe(shape: dict[str, Any], said: str) -> ShapedField:
    """A value that may be left out or null."""
    return ShapedField(shape, required=False, allow_null=True, help_text=said)


class AskedSerializer(serializers.Serializer):
    """One request. What it leaves out, the object around it says."""

    id = IdField(required=False, help_text="Comes back with the result; a text or a whole number.")
    principal = _maybe(
        PRINCIPAL,
        "Who asks: the ARN of a user, role, session or root user, an account id, a service, or `anonymous`.",
    )
    action = ShapedField(ONE_ACTION, help_text="Such as `sagemaker:CreateModel`.")
    resource = _maybe(ARN_OR_ALL, "An ARN, or `*` for an action without a resource type; by default `*`.")
    resource_account = _maybe(ACCOUNT, "Who owns the resource, where its ARN does not say: 12 digits.")
    context = ShapedField(  # type: ignore[assignment]  # declared fields are taken out of the class
        CONTEXT,
        required=False,
        help_text="Condition keys with a value or a list of values; null or `[]`: the key is absent.",
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """What goes together."""
        return evaluation_shapes.request(schema)


class EvaluatedSerializer(AskedSerializer):
    """One request to policies in the body, of which nothing is known but what is said."""

    management_account = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether the principal is of its organization's management account."
    )
    resource_in_management_account = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether the resource is of its organization's management account."
    )
    federated_user_of = _maybe(
        FEDERATED_BY,
        "The user who made a federated-user session, which its ARN does not tell: `user/` with path and name, "
        "or the ARN.",
    )


_DOCUMENT = "A document is an object, its JSON text, or `{name, document}` with a name to report it under."


class EvaluationSerializer(EvaluatedSerializer):
    """Policies, and the requests that are put to them."""

    action = _maybe(ONE_ACTION, "For a single request; else each of `requests` has one.")
    requests = EvaluatedSerializer(
        many=True,
        required=False,
        allow_null=True,
        help_text=f"The requests, at most {MOST_REQUESTS:,}.",
    )
    identity_policies = _maybe(policies(PolicyKind.IDENTITY), _DOCUMENT)
    permissions_boundary = _maybe(document(PolicyKind.IDENTITY), "A document, or null.")
    session_policies = _maybe(policies(PolicyKind.IDENTITY), "Policies passed when the session was made.")
    service_control_policies = _maybe(
        policies(PolicyKind.SERVICE_CONTROL, levels=True),
        "By level, from the root through each unit to the account; null: the account is in no organization.",
    )
    resource_control_policies = _maybe(policies(PolicyKind.RESOURCE_CONTROL, levels=True), "By level, as well.")
    resource_policy = _maybe(
        {"anyOf": [document(PolicyKind.RESOURCE), document(PolicyKind.TRUST)]},
        "The resource's own policy; a role's trust policy for sts:AssumeRole.",
    )
    vpc_endpoint_policy = _maybe(document(PolicyKind.RESOURCE), "Where the request comes through a VPC endpoint.")

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A single request, or several."""
        return one_or_many(schema, MOST_REQUESTS)


class PlaceSerializer(serializers.Serializer):
    """A place in a policy's text; both count from 1."""

    line = serializers.IntegerField()
    column = serializers.IntegerField()


class MatchedStatementSerializer(serializers.Serializer):
    """A statement that matched."""

    policy = serializers.CharField(help_text="The name of its policy, or its place in the body.")
    sid = serializers.CharField(allow_null=True)
    index = serializers.IntegerField(help_text="Its index among the statements of its policy, from 0.")
    effect = serializers.ChoiceField(EFFECTS)
    layer = serializers.ChoiceField([str(layer) for layer in Layer])
    level = serializers.IntegerField(
        allow_null=True, help_text="Of service and resource control policies: the organization's level, 0 is the root."
    )
    start = PlaceSerializer(help_text="Just behind the token before the statement, as IAM's simulator counts.")
    end = PlaceSerializer(help_text="Just behind the statement.")


LAYER_VERDICTS = [str(verdict) for verdict in LayerVerdict]


class LayersSerializer(serializers.Serializer):
    """What each layer of policies says by itself."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """A field for each layer."""
        return {str(layer): serializers.ChoiceField(LAYER_VERDICTS) for layer in Layer}


class ResultSerializer(serializers.Serializer):
    """The answer to one request."""

    id = serializers.JSONField(help_text="The request's id, or null.")
    decision = serializers.ChoiceField([str(verdict) for verdict in Verdict])
    reason = serializers.CharField(help_text="Machine readable, such as `no_allow_in_permissions_boundary`.")
    layers = LayersSerializer()
    matched_statements = MatchedStatementSerializer(many=True)
    missing_context_keys = serializers.ListField(
        child=serializers.CharField(), help_text="Keys that policies read and the request does not have."
    )


class ResultsSerializer(serializers.Serializer):
    """The answers, in the order of the requests."""

    results = ResultSerializer(many=True)


EXAMPLE = {
    "principal": "arn:aws:iam::111122223333:user/dana",
    "identity_policies": [
        {
            "name": "training",
            "document": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "sagemaker:Create*", "Resource": "*"}],
            },
        }
    ],
    "permissions_boundary": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sagemaker:*TrainingJob", "Resource": "*"}],
    },
    "requests": [
        {
            "id": "train",
            "action": "sagemaker:CreateTrainingJob",
            "resource": "arn:aws:sagemaker:eu-west-1:111122223333:training-job/churn-1",
        },
        {
            "id": "serve",
            "action": "sagemaker:CreateEndpoint",
            "resource": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn",
        },
    ],
}


ANSWER = {
    "results": [
        {
            "id": "serve",
            "decision": "implicitDeny",
            "reason": "no_allow_in_permissions_boundary",
            "layers": {
                "service_control_policies": "notApplicable",
                "resource_control_policies": "notApplicable",
                "vpc_endpoint_policy": "notApplicable",
                "resource_policy": "notApplicable",
                "identity_policies": "allowed",
                "permissions_boundary": "implicitDeny",
                "session_policies": "notApplicable",
            },
            "matched_statements": [
                {
                    "policy": "training",
                    "sid": None,
                    "index": 0,
                    "effect": "Allow",
                    "layer": "identity_policies",
                    "level": None,
                    "start": {"line": 1, "column": 41},
                    "end": {"line": 1, "column": 108},
                }
            ],
            "missing_context_keys": [],
        }
    ]
}


class Evaluate(ApiView):
    """Decisions about policies that are not stored anywhere."""

    parser_classes = [TextParser]
    computes_only = True

    @extend_schema(
        operation_id="evaluate_create",
        summary="Evaluate policies",
        description="Decide concrete requests against the policies in the body, with every layer of AWS's evaluation. "
        "The body is the same object as a line for `manage.py evaluate`.",
        request=EvaluationSerializer,
        responses=ResultsSerializer,
        examples=[
            OpenApiExample("Two requests of one user with a boundary", value=EXAMPLE, request_only=True),
            OpenApiExample("The second one's result", value=ANSWER, response_only=True),
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        """The results, written by the evaluator itself."""
        evaluator = Evaluator()
        body: Any = request.data  # no bytes where there is no body
        try:
            evaluation = read_evaluation(body or b"", evaluator.policies)
            refuse_too_much(evaluation)
            results = ", ".join(evaluator.results(evaluation))
        except EvaluationInputError as error:
            raise refusal(error) from None
        return HttpResponse(f'{{"results": [{results}]}}', content_type="application/json")


def refusal(error: EvaluationInputError) -> Refused:
    """The problems of an input as a problem of the request."""
    return Refused(
        Fault(problem.message, problem.path, line=problem.line or None, column=problem.column)
        for problem in error.problems
    )


def refuse_too_much(evaluation: EvaluationInput) -> None:
    """Refuse what would take long; the message says how to go on."""
    count = len(evaluation.requests)
    if count > MOST_REQUESTS:
        raise Refused([Fault(f"there are {count:,}, at most {MOST_REQUESTS:,} are decided in one call", "requests")])
    if count * _statements(evaluation.stack) > MOST_WORK:
        detail = "so many statements for so many requests would take long: send fewer requests in one call"
        raise Refused([Fault(detail, "requests")])


def _statements(stack: PolicyStack) -> int:
    single = [stack.permissions_boundary, stack.resource_policy, stack.vpc_endpoint_policy]
    levels = [*(stack.service_control_policies or ()), *(stack.resource_control_policies or ())]
    policies = [
        *stack.identity_policies,
        *(stack.session_policies or ()),
        *single,
        *(one for many in levels for one in many),
    ]
    return sum(len(named.policy.statements) for named in policies if named is not None)
