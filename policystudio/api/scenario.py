"""Whether an identity can run an operation: every permission, the role's trust, and the role's own reach."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.matrix import QUESTION_PARAMETERS
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import ARN_OR_NONE, IDENTITY, ONE_OPERATION, TAG, form, or_none
from policystudio.engine.analyse.service_trust import Trusted
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.lib.said import Absent, Contrary
from policystudio.simulator.question import QuestionError
from policystudio.simulator.scenario_answers import VERDICTS, scenario_as_json
from policystudio.simulator.scenario_question import PARAMETERS, SHARED, scenario_from_query
from policystudio.simulator.scenarios import GroupIsNoPrincipal, scenario
from policystudio.simulator.selectors import UnknownIdentity

ANSWERS = ["yes", "no", "depends"]
VERDICT_NAMES = list(VERDICTS.values())
TRUSTED = [str(one) for one in Trusted]


class RequestedSerializer(serializers.Serializer):
    """A concrete request."""

    action = serializers.CharField()
    resource = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields and ``context``, which is a name of REST framework's own."""
        values = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "context": serializers.DictField(child=values)}


class ObstacleSerializer(serializers.Serializer):
    """A layer that stands in the way of a permission."""

    layer = serializers.CharField(help_text="Such as `permissions_boundary`.")
    name = serializers.CharField(help_text="Of an organization's layer, the level's name.")
    policies = serializers.ListField(child=serializers.CharField())
    denies = serializers.BooleanField(help_text="Whether it denies; else it does not allow.")


class StepSerializer(serializers.Serializer):
    """One permission with its verdict."""

    action = serializers.CharField()
    resource_type = serializers.CharField(help_text="`*` for an action without a resource.")
    resource = serializers.CharField(help_text="What it was asked on: an ARN, or a pattern of ARNs.")
    needed = serializers.ChoiceField(["yes", "when", "no"], help_text="`when`: only in the circumstance `when`.")
    when = serializers.CharField(allow_null=True, help_text="The name of the circumstance, such as `vpc`.")
    verdict = serializers.ChoiceField(VERDICT_NAMES)
    sentence = serializers.CharField()
    stands_in_the_way = ObstacleSerializer(many=True)
    allowed = RequestedSerializer(allow_null=True, help_text="A request that is allowed, confirmed by `authorize`.")
    denied = RequestedSerializer(allow_null=True, help_text="A request that is not.")
    note = serializers.CharField(allow_null=True)


class RoleNeedSerializer(StepSerializer):
    """A permission that AWS documents for the execution role, with the role's own verdict."""

    purpose = serializers.CharField()
    page = serializers.URLField(help_text="Where AWS documents it.")


class OpenSerializer(serializers.Serializer):
    """A circumstance of which nothing is known."""

    name = serializers.CharField()
    when = serializers.CharField()
    verdict = serializers.ChoiceField(VERDICT_NAMES, help_text="Of what it asks for in addition.")


class TrustSerializer(serializers.Serializer):
    """Whether the service may assume the role. Where not, the call fails with an error of the service."""

    service = serializers.CharField()
    trusted = serializers.ChoiceField(TRUSTED)
    sentence = serializers.CharField()
    page = serializers.URLField(allow_null=True, help_text="Where AWS says which `aws:SourceArn` the service sends.")
    allowed = RequestedSerializer(allow_null=True)
    denied = RequestedSerializer(allow_null=True)


class RoleChoiceSerializer(serializers.Serializer):
    """A role of the account as one to pass."""

    arn = serializers.CharField()
    works = serializers.ChoiceField(ANSWERS)
    pass_role = serializers.ChoiceField(VERDICT_NAMES)
    trusted = serializers.ChoiceField(TRUSTED)


class OwnerSerializer(serializers.Serializer):
    """Who will own what the operation makes."""

    account = serializers.CharField()
    sentence = serializers.CharField()


class JointSerializer(serializers.Serializer):
    """One context, and a resource for each type, with which every needed step is allowed."""

    resources = serializers.DictField(child=serializers.CharField())

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields and ``context``, which is a name of REST framework's own."""
        values = serializers.ListField(child=serializers.CharField())
        return {"context": serializers.DictField(child=values), **super().get_fields()}


class ScenarioSerializer(serializers.Serializer):
    """The answer."""

    operation = serializers.CharField()
    identity = serializers.CharField()
    role = serializers.CharField(allow_null=True)
    at = serializers.CharField(allow_null=True, help_text="The moment that was asked about; null: now.")
    change = serializers.IntegerField(allow_null=True, help_text="The change that was taken for published.")
    answer = serializers.ChoiceField(ANSWERS)
    sentence = serializers.CharField(help_text="The answer in words, naming what stands in the way.")
    steps = StepSerializer(many=True)
    open = OpenSerializer(many=True)
    trust = TrustSerializer(allow_null=True)
    execution_role = RoleNeedSerializer(many=True)
    execution_role_sentence = serializers.CharField(allow_null=True)
    roles = RoleChoiceSerializer(
        many=True, help_text="Without a chosen role: the account's roles, those that work first."
    )
    owner = OwnerSerializer(allow_null=True)
    example = JointSerializer(allow_null=True)


def _many(name: str, description: str, items: dict[str, Any]) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "array", "items": items}, description=description)


_SWITCHES = or_none({"type": "string", "enum": list(load_scenario_facts().switches)})
_RESOURCE = form(r"[a-z][a-z-]*=(arn:[^:\s\x00?$]+:[^:\s\x00?$]+:[^:\s\x00?$]*:[^:\s\x00?$]*:[^\s\x00?$]+)?")
_OWN = [
    OpenApiParameter("operation", ONE_OPERATION, required=True, description="Such as `CreateTrainingJob`."),
    OpenApiParameter("identity", IDENTITY, required=True, description="The ARN of a user, role or root user."),
    OpenApiParameter(
        "role", ARN_OR_NONE, description="The role that the call passes, by ARN; without it, which would work."
    ),
    _many("resource", "A resource that the call names: `type=ARN`; `*` may stand in the ARN. Or a place of the "
          "execution role: `input`, `output`, `image`, `volume-key`, …", _RESOURCE),
    _many("tag", "A tag that the call passes: `key=value`.", TAG),
    _many("with", "A circumstance that the call has.", _SWITCHES),
    _many("without", "A circumstance that the call does not have; of the others nothing is known.", _SWITCHES),
]  # fmt: skip
_SHARED = [parameter for parameter in QUESTION_PARAMETERS if parameter.name in SHARED]
_EXAMPLE = OpenApiExample(
    "No role of the account will do",
    value={
        "operation": "CreateModel",
        "identity": "arn:aws:iam::111122223333:user/dana",
        "role": "arn:aws:iam::111122223333:role/jobs",
        "at": None,
        "change": None,
        "answer": "no",
        "sentence": "user/dana cannot run CreateModel with role jobs: iam:PassRole on role/jobs is denied by "
        "permissions boundary `ml-boundary`.",
        "steps": [],
        "open": [],
        "trust": None,
        "execution_role": [],
        "execution_role_sentence": None,
        "roles": [],
        "owner": None,
        "example": None,
    },
    response_only=True,
)


class OneScenario(AccountView):
    """Can this identity run this operation?"""

    parameters = frozenset(PARAMETERS)

    @extend_schema(
        operation_id="scenario_get",
        summary="Can it run this operation?",
        description="Every permission that a call of the operation needs, each with its own verdict: the action on "
        "each resource type, dependent actions, iam:PassRole, sagemaker:AddTags. Told apart from them: whether the "
        "role trusts the service, and what the role itself can reach. The query parameters are those of the page.",
        parameters=[*_OWN, *_SHARED],
        responses=ScenarioSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, number: str) -> Response:
        """The answer."""
        try:
            answer = scenario(self.account, scenario_from_query(request.query_params))
        except QuestionError as error:
            raise Refused(Fault(message, name, where="query") for name, message in error.problems) from None
        except UnknownIdentity as error:
            place = "role" if error.arn == request.query_params.get("role") else "identity"
            raise Refused([Fault(Absent(str(error)), place, where="query")]) from None
        except GroupIsNoPrincipal as error:
            raise Refused([Fault(Contrary(str(error)), "identity", where="query")]) from None
        if answer.problems:
            raise Refused(Fault(Absent(message), "add", where="query") for message in answer.problems)
        return Response(scenario_as_json(answer))
