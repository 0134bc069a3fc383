"""Who can do an action on a resource, directly or by assuming roles."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.matrix import QUESTION_PARAMETERS
from policystudio.api.paging import limit_of, page_parameters, start_of, worked_out_page
from policystudio.api.problems import Fault, Refused
from policystudio.api.proof import CellRuleSerializer, CellWitnessSerializer, ResidueSerializer
from policystudio.api.texts import CONTEXT, ONE_ACTION, form
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.outsiders import OUTSIDER_KINDS
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.question import KINDS, QuestionError
from policystudio.simulator.who_can import who_can
from policystudio.simulator.who_can_answers import answer_as_json, rows_as_json
from policystudio.simulator.who_can_question import DEFAULT_HOPS, MAX_HOPS, PARAMETERS, who_can_question

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000
LETTERS = [verdict.value for verdict in CellVerdict]
VERDICT_NAMES = list(VERDICTS.values())
PRINCIPAL_KINDS = [*KINDS, *OUTSIDER_KINDS]


class NamedRuleSerializer(CellRuleSerializer):
    """A condition that counts, with the name by which people call it."""

    name = serializers.CharField(allow_null=True, help_text="Such as `MFA` or `ExternalId`.")
    denies = serializers.BooleanField(help_text="Whether a Deny statement has it, so that it must not hold.")


class StepCellSerializer(serializers.Serializer):
    """What is decided, with what it takes and a request that is allowed."""

    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(VERDICT_NAMES)
    text = serializers.CharField(help_text="The verdict in words.")
    besides = serializers.CharField(
        allow_null=True, help_text="What must be so besides, and the policies that are known do not tell."
    )
    conditions = NamedRuleSerializer(many=True)
    residue = ResidueSerializer()
    principal = serializers.CharField(
        allow_null=True,
        help_text="Who makes the requests: an identity, one session of a role, a member of a group, a service or a "
        "provider. Null where there are none, and for somebody of an account that is not known.",
    )
    allowed = CellWitnessSerializer(allow_null=True)
    undecided = serializers.CharField(help_text="Why there is no verdict; else empty.")


class DirectSerializer(StepCellSerializer):
    """What somebody can without assuming a role."""

    by_resource = serializers.BooleanField(help_text="Whether it depends on the resource.")
    by_context = serializers.BooleanField(help_text="Whether it depends on context that is not known.")
    denied = CellWitnessSerializer(allow_null=True, help_text="A request that is not allowed.")


class AssumedSerializer(StepCellSerializer):
    """A role that is assumed."""

    action = serializers.CharField(help_text="`sts:AssumeRole`, or the action of an identity provider.")
    role = serializers.CharField(help_text="Its ARN; a pattern for the roles of an account that is not known.")


class ChainSerializer(serializers.Serializer):
    """Roles that are assumed one after the other."""

    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(VERDICT_NAMES, help_text="Of the worst step, what the last role can among them.")
    text = serializers.CharField()
    steps = AssumedSerializer(many=True)


class ByRolesSerializer(serializers.Serializer):
    """How somebody gets there by assuming roles."""

    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(VERDICT_NAMES, help_text="Of the best chain.")
    chains = ChainSerializer(many=True, help_text="The best ones first, of these the shortest.")
    more = serializers.BooleanField(help_text="Whether there may be more chains.")


class PrincipalSerializer(serializers.Serializer):
    """Somebody who can, or cannot."""

    arn = serializers.CharField(
        help_text="Of an identity or a session; the name of a service; `*` for everyone; "
        "`trusted-by:` and a role's ARN for whoever a trust policy names that cannot be read."
    )
    kind = serializers.ChoiceField(PRINCIPAL_KINDS)
    name = serializers.CharField()
    account = serializers.CharField(allow_null=True)
    letter = serializers.ChoiceField(LETTERS)
    verdict = serializers.ChoiceField(VERDICT_NAMES, help_text="The best of all ways.")
    hops = serializers.IntegerField(help_text="How many roles it takes at least.")
    direct = DirectSerializer()
    by_roles = ByRolesSerializer(allow_null=True)


class WhoCanSerializer(serializers.Serializer):
    """The answer, with one page of the principals that the filters leave."""

    count = serializers.IntegerField(help_text="How many principals the filters leave, on all pages.")
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    action = serializers.CharField()
    resource = serializers.CharField()
    account = serializers.CharField(help_text="Whose identities are listed whatever their verdict.")
    owner = serializers.CharField(help_text="The account that owns the resource.")
    hops = serializers.IntegerField()
    at = serializers.CharField(allow_null=True, help_text="The moment that was asked about; null: now.")
    change = serializers.IntegerField(allow_null=True, help_text="The change that was taken for published.")
    question = serializers.CharField()
    sentence = serializers.CharField(help_text="The answer in words.")
    verdicts = serializers.DictField(child=serializers.IntegerField(), help_text="How many of all have each verdict.")
    cut = serializers.BooleanField(help_text="Whether more hops would let others in.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What the answer cannot tell.")
    rows = PrincipalSerializer(many=True)


#: Partition and service are written out; more wildcards than a few are refused.
_RESOURCE = form(
    r"(\*|arn:[^:\s\x00*?]+:[^:\s\x00*?]*:[^:\s\x00*?]*:([0-9]{12}|aws|\*)?:[^\s\x00*?]+\*?)?", maxLength=2048
)
_PARAMETERS = [
    OpenApiParameter(
        "action",
        ONE_ACTION,
        required=True,
        description="One action of any AWS service, such as `sagemaker:DeleteEndpoint`.",
    ),
    OpenApiParameter(
        "resource",
        _RESOURCE,
        description="An ARN, or a pattern of ARNs with `*` and `?`; without it, or by `*`, every resource of the type "
        "on which SageMaker's action works.",
    ),
    OpenApiParameter(
        "hops",
        {"type": "integer", "minimum": 0, "maximum": MAX_HOPS, "default": DEFAULT_HOPS},
        description="How many roles may be assumed one after the other.",
    ),
    OpenApiParameter(
        "context",
        {"type": "array", "items": {"anyOf": [CONTEXT, {"type": "string", "maxLength": 0}]}},
        description="A context key that is known in every request on the way: `key=value`, again for several values; "
        "`!key` for a key known to be absent.",
    ),
    *(parameter for parameter in QUESTION_PARAMETERS if parameter.name in ("at", "change")),
    OpenApiParameter(
        "verdict",
        {"type": "array", "items": form("[ASCEIU]*")},
        description="Only those with one of these letters as their verdict.",
    ),
    OpenApiParameter("direct", bool, description="Only those who need assume no role."),
    *(
        OpenApiParameter(item["name"], item["schema"], description=item["description"])
        for item in page_parameters(DEFAULT_LIMIT, MAX_LIMIT)
    ),
]
_NO_RESIDUE = {"text": "", "allow": [], "deny": []}
_CELL: dict[str, Any] = {
    "letter": "A",
    "verdict": "allowed",
    "text": "allowed",
    "besides": None,
    "conditions": [],
    "residue": _NO_RESIDUE,
    "principal": "arn:aws:iam::111122223333:role/operator",
    "allowed": None,
    "undecided": "",
}
_EXAMPLE = OpenApiExample(
    "An operator's role deletes endpoints",
    value={
        "count": 1,
        "next": None,
        "action": "sagemaker:DeleteEndpoint",
        "resource": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/prod-1",
        "account": "111122223333",
        "owner": "111122223333",
        "hops": 3,
        "at": None,
        "change": None,
        "question": "Who can DeleteEndpoint on endpoint/prod-1 in eu-west-1?",
        "sentence": "role/operator can.",
        "verdicts": {"allowed": 1, "implicitDeny": 7},
        "cut": False,
        "notes": [],
        "rows": [
            {
                "arn": "arn:aws:iam::111122223333:role/operator",
                "kind": "role",
                "name": "operator",
                "account": "111122223333",
                "letter": "A",
                "verdict": "allowed",
                "hops": 0,
                "direct": {**_CELL, "by_resource": False, "by_context": False, "denied": None},
                "by_roles": None,
            }
        ],
    },
    response_only=True,
)


_CURSOR = "who-can"


class WhoCan(AccountView):
    """Who can do an action on a resource?"""

    parameters = frozenset({*PARAMETERS, "limit", "cursor"})

    @extend_schema(
        operation_id="who_can_get",
        summary="Who can do it?",
        description="Who can do an action on an ARN, or on any of a pattern: the account's identities with verdict and "
        "conditions, by their own policies or by assuming roles, one after the other and across the accounts that you "
        "may see; and whom trust policies let in besides. The query parameters are those of the page.",
        parameters=_PARAMETERS,
        responses=WhoCanSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, number: str) -> Response:
        """The answer with one page of rows."""
        limit = limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
        try:
            question = who_can_question(self.account, dict(request.query_params.lists()))
            answer = who_can(self.account, question, self.visible_accounts())
        except QuestionError as error:
            raise Refused(Fault(message, name, where="query") for name, message in error.problems) from None
        rows = answer.chosen(question)
        names = [row.arn for row in rows]
        start = start_of(request, _CURSOR, names)
        return Response(
            {
                **worked_out_page(request, _CURSOR, names, start, limit),
                **answer_as_json(answer, question),
                "rows": rows_as_json(answer, rows[start : start + limit]),
            }
        )
