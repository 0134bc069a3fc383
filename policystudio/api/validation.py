"""What there is to find in a policy document that stands in the body."""

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from policystudio.api.compare import AnsweringView, QuestionSerializer
from policystudio.api.policy_shapes import OBJECT
from policystudio.api.texts import ANY, ShapedField
from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.simulator.validation import TYPES, answer_validate, validate_stream

FINDING_TYPES = [each.value for each in FindingType]
ORIGINS = [each.value for each in Origin]


class PathElementSerializer(serializers.Serializer):
    """One step of a path: exactly one of these."""

    value = serializers.CharField(required=False, help_text="The value of this key of an object.")
    index = serializers.IntegerField(required=False, help_text="This item of an array.")
    key = serializers.CharField(required=False, help_text="This key itself.")


class TextPositionSerializer(serializers.Serializer):
    """A place in the text, as AWS counts."""

    line = serializers.IntegerField(help_text="From 1.")
    column = serializers.IntegerField(help_text="From 0.")
    offset = serializers.IntegerField(help_text="In characters from 0.")


class LocationSerializer(serializers.Serializer):
    """A part of the document."""

    path = PathElementSerializer(many=True)
    start = TextPositionSerializer()
    end = TextPositionSerializer(help_text="Just behind its last character.")


class PolicyFindingSerializer(LocationSerializer):
    """A finding. ``path``, ``start`` and ``end`` are those of the first of its ``locations``."""

    code = serializers.CharField(help_text="AWS's issue code, or one that begins with `STUDIO_`.")
    type = serializers.ChoiceField(FINDING_TYPES)
    message = serializers.CharField()
    locations = LocationSerializer(many=True, help_text="All parts of the document that it is about.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `source`, whose name the class has for itself."""
        origins = serializers.ChoiceField(ORIGINS, help_text="Whose check it is.")
        return {**super().get_fields(), "source": origins}


class ValidationSerializer(serializers.Serializer):
    """What was found."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    findings = PolicyFindingSerializer(many=True, help_text="In the order of the text.")


class ValidationRequestSerializer(QuestionSerializer):
    """A document to look at."""

    policy = ShapedField(
        {"anyOf": [ANY, OBJECT]},
        help_text="A policy document, or its JSON text, which need not be a policy, nor JSON. Places in a document "
        "that is an object are those of its text on one line.",
    )
    type = serializers.ChoiceField(TYPES, required=False, allow_null=True, help_text="By default identity.")


EXAMPLE = {
    "policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sagemaker:ListModel", "Resource": "*"}],
    }
}


class Validate(AnsweringView):
    """A document in the body."""

    one = staticmethod(answer_validate)
    many = staticmethod(validate_stream)

    @extend_schema(
        operation_id="validate_create",
        summary="Find what is wrong in a document",
        description="Say what is wrong, risky or needless in a policy document, with the codes of AWS's policy "
        "validation. With `application/x-ndjson` it takes one question a line and answers a line for each.",
        request=ValidationRequestSerializer,
        responses=ValidationSerializer,
        examples=[OpenApiExample("An action that does not exist", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """What is found."""
        return self.answered(request)
