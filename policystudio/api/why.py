"""Why a cell says what it says: the layers, the statements that count, a request on each side."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.matrix import QUESTION_PARAMETERS
from policystudio.api.problems import Fault, Refused
from policystudio.api.proof import CellWitnessSerializer, ResidueSerializer, TogetherSerializer
from policystudio.api.texts import IDENTITY, ONE_ACTION, or_none, resource_types
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.exact.cell import CellVerdict
from policystudio.lib.said import Absent
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.question import ListQuery, QuestionError, question_from_query
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.why import UnknownCell, why
from policystudio.simulator.why_answers import why_as_json

LETTERS = [verdict.value for verdict in CellVerdict]
EFFECTS = ["Allow", "Deny"]
#: What of a question counts for one cell.
SHARED = ("region", "context", "exclude", "add", "boundary", "at", "change")


class WhyLayerSerializer(serializers.Serializer):
    """A layer, or a level of the organization, and what it says of the cell by itself."""

    layer = serializers.CharField(help_text="Such as `permissions_boundary`.")
    name = serializers.CharField(help_text="Of an organization's layer, the level's name.")
    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))
    policies = serializers.ListField(child=serializers.CharField())
    denies = serializers.BooleanField(help_text="Whether a Deny of it takes part.")


class WhyStatementSerializer(serializers.Serializer):
    """A statement that bears on the cell, and where it stands in its policy."""

    layer = serializers.CharField()
    policy = serializers.CharField()
    arn = serializers.CharField(allow_null=True, help_text="Of a managed policy.")
    through = serializers.CharField(allow_null=True, help_text="The group that it comes from.")
    sid = serializers.CharField(allow_null=True)
    effect = serializers.ChoiceField(EFFECTS)
    first_line = serializers.IntegerField()
    last_line = serializers.IntegerField()
    matched_allowed = serializers.BooleanField(allow_null=True, help_text="Whether it matches the allowed request.")
    matched_denied = serializers.BooleanField(allow_null=True, help_text="Whether it matches the denied request.")
    kept = serializers.CharField(help_text="What kept it from matching, where it nearly did.")


class AlsoNeededSerializer(serializers.Serializer):
    """Another permission that the operation needs."""

    action = serializers.CharField()
    resource_type = serializers.CharField()
    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))


class WhySerializer(serializers.Serializer):
    """The answer for one cell."""

    identity = serializers.CharField()
    action = serializers.CharField()
    resource_type = serializers.CharField()
    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))
    sentence = serializers.CharField(help_text="Why, in words.")
    residue = ResidueSerializer()
    layers = WhyLayerSerializer(many=True)
    statements = WhyStatementSerializer(many=True)
    allowed = CellWitnessSerializer(allow_null=True)
    denied = CellWitnessSerializer(allow_null=True)
    missing_context_keys = serializers.ListField(child=serializers.CharField())
    absent_keys = serializers.ListField(child=serializers.CharField())
    also_needed = AlsoNeededSerializer(many=True)
    together = TogetherSerializer(allow_null=True, help_text="Of an action with several required resource types.")


_OWN = [
    OpenApiParameter("identity", IDENTITY, required=True, description="A user, group, role or the root user: its ARN."),
    OpenApiParameter("action", ONE_ACTION, required=True, description="Such as `sagemaker:CreateModel`."),
    OpenApiParameter(
        "type",
        or_none({"type": "string", "enum": resource_types()}),
        description="Such as `model`; by default `*`: an action without a resource type.",
    ),
]


class Why(AccountView):
    """Why this verdict?"""

    parameters = frozenset({"identity", "action", "type", *SHARED})

    @extend_schema(
        operation_id="why_get",
        summary="Why can it, or why not?",
        description="One cell of the matrix in full: its verdict, each layer by itself, the statements that count with "
        "their lines and what kept those that nearly match, a request on each side, and what the operation needs "
        "besides.",
        parameters=[*_OWN, *(one for one in QUESTION_PARAMETERS if one.name in SHARED)],
        responses=WhySerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """The answer."""
        asked = request.query_params
        missing = [name for name in ("identity", "action") if not asked.get(name)]
        if missing:
            raise Refused(Fault("is missing", name, where="query") for name in missing)
        pairs = [(name, value) for name in SHARED for value in asked.getlist(name)]
        try:
            question = question_from_query(ListQuery(pairs))
            found = why(self.account, question, asked["identity"], asked["action"], asked.get("type") or NO_TYPE)
        except QuestionError as error:
            raise Refused(Fault(message, name, where="query") for name, message in error.problems) from None
        except UnknownIdentity as error:
            raise Refused([Fault(Absent(str(error)), "identity", where="query")]) from None
        except UnknownCell as error:
            raise Refused([Fault(Absent(str(error)), "action", where="query")]) from None
        return Response(why_as_json(found))
