"""What a change of policies changes, what a policy grants, and whether a role is public: about policies in the body."""

import io
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from policystudio.api import evaluation_shapes
from policystudio.api.access import ApiView
from policystudio.api.evaluate import EvaluationSerializer, IdField, TextParser, refusal
from policystudio.api.policy_shapes import named
from policystudio.api.texts import ACCOUNT, ShapedField, form
from policystudio.engine.document import PolicyKind
from policystudio.engine.effort import TooCostlyError
from policystudio.simulator.access_checks import access_stream, answer_access, answer_public, public_stream
from policystudio.simulator.comparisons import Answer, compare_stream, compared
from policystudio.simulator.evaluation_input import EvaluationInputError, PolicyCache

#: Bounds of one call with several lines; the commands have none.
MOST_LINES = 200
NDJSON = "application/x-ndjson"


class LinesParser(BaseParser):
    """The bytes of JSON Lines, which are cut and decoded one after the other."""

    media_type = NDJSON

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The lines, as a stream."""
        return io.BytesIO(stream.read())


class AnsweringView(ApiView):
    """Answers one JSON object with one, and JSON Lines with as many lines, in their order."""

    parser_classes = [TextParser, LinesParser]
    computes_only = True
    throttle_scope = "compare"
    one: Callable[[bytes, PolicyCache], Answer]
    many: Callable[[io.BytesIO], Iterator[Answer]]

    def answered(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """The answer, written by the simulator itself."""
        body: Any = request.data
        if isinstance(body, io.BytesIO):
            return StreamingHttpResponse(_lines(type(self).many(body)), content_type=NDJSON)
        try:
            answer = type(self).one(body or b"", PolicyCache())
        except EvaluationInputError as error:
            raise refusal(error) from None
        return HttpResponse(answer.text, content_type="application/json")


def _lines(answers: Iterator[Answer]) -> Iterator[str]:
    try:
        for number, answer in enumerate(answers):
            if number == MOST_LINES:
                yield _last(f"at most {MOST_LINES} lines are answered in one call: send the others in another one")
                return
            yield f"{answer.text}\n"
    except TooCostlyError as error:
        yield _last(f"{error}: send the others in another call, or shorter ones")


def _last(left: str) -> str:
    """The line that ends an answer before its time."""
    return f'{{"error": {{"message": "{left}", "problems": []}}}}\n'


class QuestionSerializer(serializers.Serializer):
    """What every question of a line may have."""

    id = IdField(required=False, help_text="Comes back with the answer; a text or a whole number.")

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Nothing else."""
        return {**schema, "additionalProperties": False}


_ACTION = form(r"\*|[A-Za-z0-9.*?-]+:[A-Za-z0-9_.*?-]+")
_RESOURCE = form(r"\*|arn:[^:$\x00]+:[^:*?$\x00]+(:[^\x00]*)?")
_SIDE = "A policy document, its JSON text, `{name, document}`, or an object as `evaluate` takes it, without requests."


class ComparisonRequestSerializer(QuestionSerializer):
    """Two sides of a change. Whom and what one side names of principal and context counts for both."""

    before = ShapedField({}, help_text=f"{_SIDE} What applies before the change.")
    after = ShapedField({}, help_text="The same, after it.")

    @staticmethod
    def shaped(schema: dict[str, Any], of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Both about the same."""
        side = evaluation_shapes.side(of(EvaluationSerializer())["properties"])
        given = {name: {**side, **schema["properties"][name]} for name in ("before", "after")}
        return {**schema, "properties": {**schema["properties"], **given}, "additionalProperties": False}


class ExampleRequestSerializer(serializers.Serializer):
    """A concrete request."""

    principal = serializers.CharField(required=False, help_text="Who asks, where trust policies are compared.")
    action = serializers.CharField()
    resource = serializers.CharField(help_text="An ARN, or `*`.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `context`, whose name the class has for itself."""
        values = serializers.ListField(child=serializers.CharField())
        said = "Condition keys with their values; an empty list: the key is absent."
        return {**super().get_fields(), "context": serializers.DictField(child=values, help_text=said)}


class ChangeSerializer(serializers.Serializer):
    """What changes about one action on one resource type."""

    action = serializers.CharField()
    resource_type = serializers.CharField(help_text="`*` where the action has none.")
    newly_allowed = ExampleRequestSerializer(
        allow_null=True, help_text="A request that is allowed after the change only."
    )
    newly_denied = ExampleRequestSerializer(
        allow_null=True, help_text="A request that is allowed before the change only."
    )
    undecided = serializers.CharField(allow_null=True, help_text="Why something could not be decided.")


class ComparisonSerializer(serializers.Serializer):
    """What a change of policies changes."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    no_new_access = serializers.BooleanField(allow_null=True, help_text="Null where that could not be decided.")
    no_lost_access = serializers.BooleanField(allow_null=True, help_text="Null where that could not be decided.")
    undecided = serializers.CharField(allow_null=True, help_text="The reason of a null.")
    newly_allowed = ExampleRequestSerializer(
        allow_null=True, help_text="A request that is allowed after the change only."
    )
    newly_denied = ExampleRequestSerializer(
        allow_null=True, help_text="A request that is allowed before the change only."
    )
    changes = ChangeSerializer(many=True, help_text="By action and type, those of SageMaker first.")


class AccessRequestSerializer(QuestionSerializer):
    """A policy, and access that it may grant."""

    policy = ShapedField({}, help_text=_SIDE)
    actions = ShapedField(
        evaluation_shapes.one_or_several(_ACTION),
        required=False,
        help_text="Such as `s3:Delete*`; none means every action. One that matches nothing known is 404.",
    )
    resources = ShapedField(
        evaluation_shapes.one_or_several(_RESOURCE),
        required=False,
        help_text="ARNs, perhaps with wildcards; none means every one.",
    )

    @staticmethod
    def shaped(schema: dict[str, Any], of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """Actions, resources or both."""
        return evaluation_shapes.access(schema, of(EvaluationSerializer())["properties"])


class AccessAnswerSerializer(serializers.Serializer):
    """Whether any of the actions is granted on any of the resources."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    granted = serializers.BooleanField(allow_null=True, help_text="Null where that could not be decided.")
    undecided = serializers.CharField(allow_null=True, help_text="The reason of a null.")
    witness = ExampleRequestSerializer(allow_null=True, help_text="A request that is allowed.")


class PublicRequestSerializer(QuestionSerializer):
    """A trust policy."""

    policy = ShapedField(named(PolicyKind.TRUST), help_text="A trust policy, its JSON text, or `{name, document}`.")
    account = ShapedField(ACCOUNT, required=False, allow_null=True, help_text="The account of the role: 12 digits.")


class OutsiderSerializer(ExampleRequestSerializer):
    """A request by which an outsider assumes the role."""

    principal = serializers.CharField(help_text="Who asks: an ARN, or the name of an identity provider.")


class PublicAnswerSerializer(serializers.Serializer):
    """Whether the role is open to the public."""

    id = serializers.JSONField(help_text="The id of the question, or null.")
    public = serializers.BooleanField(allow_null=True, help_text="Null where that could not be decided.")
    undecided = serializers.CharField(allow_null=True, help_text="The reason of a null.")
    witness = OutsiderSerializer(allow_null=True, help_text="Somebody who gets in.")


_LIST = {"Effect": "Allow", "Action": "sagemaker:ListModels", "Resource": "*"}
_CREATE = {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "arn:aws:sagemaker:*:*:model/dev-*"}
_LINES = f"`{NDJSON}` with a question a line is answered with an answer a line, at most {MOST_LINES} of them; one that "
_LINES += "is not understood gets an `error`, as on the command line."

EXAMPLE = {
    "id": "release-41",
    "before": {"Version": "2012-10-17", "Statement": [_LIST]},
    "after": {"Version": "2012-10-17", "Statement": [_LIST, _CREATE]},
}
ACCESS_EXAMPLE = {
    "id": "no-deletion",
    "policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
    "actions": ["s3:DeleteBucket*"],
    "resources": ["arn:aws:s3:::production*"],
}
PUBLIC_EXAMPLE = {
    "id": "ci-role",
    "account": "111122223333",
    "policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    },
}


class Compare(AnsweringView):
    """Two sides of a change."""

    one = staticmethod(compared)
    many = staticmethod(compare_stream)

    @extend_schema(
        operation_id="compare_create",
        summary="Compare policies",
        description="Decide exactly whether a change of policies gives new access or takes some away, with a request "
        f"for each claim. {_LINES}",
        request=ComparisonRequestSerializer,
        responses=ComparisonSerializer,
        examples=[OpenApiExample("A statement more", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """What changes."""
        return self.answered(request)


class CheckAccess(AnsweringView):
    """Access that a policy may grant."""

    one = staticmethod(answer_access)
    many = staticmethod(access_stream)

    @extend_schema(
        operation_id="check_access_create",
        summary="Check that access is not granted",
        description="Decide exactly whether a policy grants any of these actions on any of these resources, in some "
        f"context. AWS's CheckAccessNotGranted, with a request. {_LINES}",
        request=AccessRequestSerializer,
        responses=AccessAnswerSerializer,
        examples=[OpenApiExample("Deleting buckets", value=ACCESS_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """Whether it is granted."""
        return self.answered(request)


class CheckPublic(AnsweringView):
    """A role that may be open to the public."""

    one = staticmethod(answer_public)
    many = staticmethod(public_stream)

    @extend_schema(
        operation_id="check_public_create",
        summary="Check that a role is not public",
        description="Decide whether a trust policy lets somebody assume its role whom it does not name. AWS's "
        f"CheckNoPublicAccess, with a request. {_LINES}",
        request=PublicRequestSerializer,
        responses=PublicAnswerSerializer,
        examples=[OpenApiExample("Everybody", value=PUBLIC_EXAMPLE, request_only=True)],
    )
    def post(self, request: Request) -> HttpResponse | StreamingHttpResponse:
        """Whether it is public."""
        return self.answered(request)
