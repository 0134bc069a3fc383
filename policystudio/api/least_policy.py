"""From what CloudTrail recorded, the least policy for a principal's use of SageMaker."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.compare import ExampleRequestSerializer
from policystudio.api.parsers import ExactJsonParser
from policystudio.api.problems import Fault, Refused
from policystudio.simulator.usage.answers import use_as_json
from policystudio.simulator.usage.events import UsageError, read_value
from policystudio.simulator.usage.names import Narrowing
from policystudio.simulator.usage.use import use_of

NARROWINGS = [str(one) for one in Narrowing]
_YES_OR_NO = {"true": True, "false": False}


class CallerSerializer(serializers.Serializer):
    """A caller of SageMaker in the events."""

    arn = serializers.CharField()
    calls = serializers.IntegerField()


class CallsSerializer(serializers.Serializer):
    """How often something was called."""

    action = serializers.CharField()
    calls = serializers.IntegerField()


class WidePermissionSerializer(serializers.Serializer):
    """A permission on a pattern, because the records do not tell the resource."""

    action = serializers.CharField()
    resource = serializers.CharField()


class AccessDifferenceSerializer(serializers.Serializer):
    """An action on a resource type that only one side allows, with a request."""

    action = serializers.CharField()
    resource_type = serializers.CharField()
    example = ExampleRequestSerializer()


class LeastPolicySerializer(serializers.Serializer):
    """The least policy, and what is beyond it."""

    principal = serializers.CharField()
    sentence = serializers.CharField()
    principals = CallerSerializer(many=True, help_text="Of this account; who called most comes first.")
    calls = serializers.IntegerField(help_text="How many calls count.")
    first = serializers.CharField(allow_null=True)
    last = serializers.CharField(allow_null=True)
    policy = serializers.CharField(allow_null=True, help_text="The document as text; null where nothing was needed.")
    size = serializers.IntegerField(help_text="Characters as IAM counts them.")
    fits = serializers.BooleanField(help_text="Whether IAM takes it as one managed policy.")
    narrowing = serializers.ChoiceField(NARROWINGS, allow_null=True, help_text="How it follows names.")
    wide = WidePermissionSerializer(many=True)
    refused = CallsSerializer(many=True, help_text="Calls that IAM refused.")
    unknown = CallsSerializer(many=True, help_text="Calls whose action is not known; they are left out.")
    other_services = serializers.IntegerField(help_text="Calls of other services; they are left out.")
    unclear = serializers.ListField(child=serializers.CharField())
    problems = serializers.ListField(child=serializers.CharField(), help_text="Records that were not understood.")
    beyond = AccessDifferenceSerializer(
        many=True, allow_null=True, help_text="What the present policies grant beyond it; null where not known."
    )
    missing = AccessDifferenceSerializer(
        many=True, allow_null=True, help_text="What it would newly allow; null where not known."
    )
    undecided = serializers.CharField(allow_null=True, help_text="Why `beyond` or `missing` may not be whole.")


_EXAMPLE = {
    "Records": [
        {
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::444455556666:user/dana"},
            "eventTime": "2026-11-03T10:00:00Z",
            "eventSource": "sagemaker.amazonaws.com",
            "eventName": "DescribeEndpoint",
            "awsRegion": "eu-west-1",
            "requestParameters": {"endpointName": "churn"},
            "eventID": "0f1e2d3c-0000-4000-8000-000000000001",
        }
    ]
}


class LeastPolicy(AccountView):
    """What does this principal really use?"""

    parser_classes = [ExactJsonParser]
    parameters = frozenset({"principal", "narrowing", "with_refused"})
    computes_only = True

    @extend_schema(
        operation_id="least_policy_create",
        summary="From use to policy",
        description="Propose the least policy for what a principal did in SageMaker, and say what its present policies "
        "grant beyond that. The body is what CloudTrail wrote: a log file, the answer of `lookup-events`, a list of "
        "events or one. Nothing of it is kept.",
        parameters=[
            OpenApiParameter(
                "principal", str, description="The ARN of a user or role; by default whoever called most."
            ),
            OpenApiParameter("narrowing", str, enum=NARROWINGS, description="How closely to follow names; auto."),
            OpenApiParameter("with_refused", bool, description="Whether calls that IAM refused count; false."),
        ],
        request={"application/json": OpenApiTypes.OBJECT},
        responses=LeastPolicySerializer,
        examples=[OpenApiExample("One event", value=_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """The policy."""
        query = request.query_params
        narrowing, refused = query.get("narrowing", "auto"), query.get("with_refused", "false").lower()
        faults = []
        if narrowing not in NARROWINGS:
            faults.append(Fault(f"must be one of {', '.join(NARROWINGS)}", "narrowing", where="query"))
        if refused not in _YES_OR_NO:
            faults.append(Fault("must be true or false", "with_refused", where="query"))
        if faults:
            raise Refused(faults)
        try:
            use = use_of(
                self.account,
                read_value(request.data),
                principal=query.get("principal", ""),
                narrowing=Narrowing(narrowing),
                with_refused=_YES_OR_NO[refused],
            )
        except UsageError as error:
            raise Refused([Fault(str(error))]) from None
        return Response(use_as_json(use))
