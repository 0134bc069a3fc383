"""What to change so that an identity may do what it may not: statements, with the proof that they do it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account
from policystudio.api.access import AccountView
from policystudio.api.evaluate import PolicyField
from policystudio.api.evaluation_shapes import CONTEXT
from policystudio.api.parsers import ExactJsonParser
from policystudio.api.policy_shapes import closed
from policystudio.api.problems import Fault, Refused
from policystudio.api.simulate import MOMENT_INPUTS, MOST_ADDED, TRIED, decode_asked, moment_of, what_if_of
from policystudio.api.texts import (
    ARN_OR_ALL,
    EXCLUDED,
    IDENTITY,
    MOMENT,
    NUMBER,
    ONE_ACTION,
    REGION_OR_NONE,
    ShapedField,
    resource_types,
)
from policystudio.engine.analyse.draft import EditKind
from policystudio.engine.decision import Layer
from policystudio.lib.said import Absent, Contrary
from policystudio.lib.strict_json import JsonValue, kind_of
from policystudio.simulator.concrete import NoSuchTypeError
from policystudio.simulator.fix_answers import VERDICTS, offer_as_json
from policystudio.simulator.fixes import NoActionError, Offer, cell_offer, request_offer
from policystudio.simulator.question import ListQuery, QuestionError, question_from_query
from policystudio.simulator.selectors import UnknownIdentity, UnreadablePolicies
from policystudio.simulator.why import UnknownCell

INPUTS = (
    "principal",
    "action",
    "resource",
    "resource_type",
    "region",
    "context",
    "exclude",
    "add",
    "boundary",
    *MOMENT_INPUTS,
)
_WORDS = list(VERDICTS)
EDIT_KINDS = [kind.value for kind in EditKind]


class WantedSerializer(serializers.Serializer):
    """What is to become allowed: an action on one resource, or on all resources of a type."""

    principal = ShapedField(IDENTITY, help_text="The ARN of a user, group, role or root user of the account.")
    action = ShapedField(ONE_ACTION, help_text="Such as `sagemaker:CreateModel`.")
    resource = ShapedField(
        ARN_OR_ALL,
        required=False,
        help_text="One resource: its ARN, or `*`. Context keys that nobody names are absent then.",
    )
    resource_type = ShapedField(
        {"type": "string", "enum": resource_types()},
        required=False,
        help_text="Instead of `resource`: all of a type, such as `model`, in every context.",
    )
    region = ShapedField(REGION_OR_NONE, required=False, help_text="With `resource_type`: in this Region.")
    exclude = ShapedField(
        {"type": "array", "items": EXCLUDED},
        required=False,
        allow_null=True,
        help_text="As for `simulate`: on top of this what-if.",
    )
    add = ShapedField(
        {"type": "array", "items": TRIED, "maxItems": MOST_ADDED},
        required=False,
        allow_null=True,
        help_text="As for `simulate`.",
    )
    boundary = ShapedField(TRIED, required=False, allow_null=True, help_text="As for `simulate`.")
    at = ShapedField(MOMENT, required=False, allow_null=True, help_text="As for `simulate`: of what there was then.")
    change = ShapedField(
        NUMBER, required=False, allow_null=True, help_text="As for `simulate`: if this change were published."
    )

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """A resource, or all of a type."""
        given = schema["properties"]
        one = {name: shape for name, shape in given.items() if name not in ("resource_type", "region")}
        every = {name: shape for name, shape in given.items() if name != "resource"}
        shapes = [
            closed(one, ["principal", "action", "resource"]),
            closed(every, ["principal", "action", "resource_type"]),
        ]
        return {"anyOf": shapes, "description": schema["description"]}

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields and ``context``, which is a name of REST framework's own."""
        text = "Condition keys that are known, with a value or a list of values; null or `[]`: the key is absent."
        return {**super().get_fields(), "context": ShapedField(CONTEXT, required=False, help_text=text)}


class AlteredSerializer(serializers.Serializer):
    """One change of one statement."""

    kind = serializers.ChoiceField(EDIT_KINDS)
    layer = serializers.ChoiceField([layer.value for layer in Layer])
    level = serializers.IntegerField(allow_null=True, help_text="The organization's level; 0 is the root.")
    level_name = serializers.CharField(allow_blank=True)
    policy = serializers.CharField(allow_null=True, help_text="The name of its policy; null: a policy is to be added.")
    policy_key = serializers.CharField(
        allow_null=True, help_text="How `exclude` names it; null for policies of the organization."
    )
    aws_managed = serializers.BooleanField(help_text="It cannot be edited: use a copy of it with the change.")
    shared = serializers.BooleanField(help_text="Others have the policy as well; the change is for this identity.")
    sid = serializers.CharField(allow_null=True)
    lines = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="The statement's first and last line, as it is."
    )
    before = PolicyField(allow_null=True, help_text="The statement as it is; null: it is to be added.")
    after = serializers.ListField(child=PolicyField(), help_text="What is to stand there; empty: remove it.")
    document = serializers.CharField(
        allow_null=True, help_text="The whole policy with all changes to it; null: nothing of it is left."
    )
    sentence = serializers.CharField()
    then = serializers.ChoiceField(_WORDS, help_text="The verdict after this change and those before it.")


class ShownSerializer(serializers.Serializer):
    """A concrete request."""

    action = serializers.CharField(required=False)
    resource = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields and ``context``, which is a name of REST framework's own."""
        values = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "context": serializers.DictField(child=values)}


class ChangeProofSerializer(serializers.Serializer):
    """What the changes change besides, over every request that the identity can make."""

    nothing_else = serializers.BooleanField(allow_null=True, help_text="Null: it could not be decided.")
    newly_allowed = ShownSerializer(allow_null=True, help_text="A request beyond what was asked.")
    newly_denied = ShownSerializer(allow_null=True)
    undecided = serializers.CharField(allow_blank=True, help_text="Why it could not be decided.")


class SmallestChangeSerializer(serializers.Serializer):
    """The changes, in order: all of them are needed."""

    identity = serializers.CharField()
    action = serializers.CharField()
    resource_type = serializers.CharField(required=False)
    resource = serializers.CharField(required=False)
    before = serializers.ChoiceField(_WORDS)
    after = serializers.ChoiceField(_WORDS, help_text="With all changes, as evaluated again.")
    impossible = serializers.CharField(allow_blank=True, help_text="Why no change of policies would do.")
    changes = AlteredSerializer(many=True)
    proof = ChangeProofSerializer(allow_null=True)
    or_send = ShownSerializer(allow_null=True, help_text="A request with other keys that is allowed as things are.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields and ``context``, which is a name of REST framework's own."""
        values = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "context": serializers.DictField(child=values)}


EXAMPLE = {
    "principal": "arn:aws:iam::111122223333:user/dana",
    "action": "sagemaker:CreateModel",
    "resource_type": "model",
}


class SmallestChange(AccountView):
    """The least change of policies that allows something, as a what-if that is shown to work."""

    parser_classes = [ExactJsonParser]
    computes_only = True

    @extend_schema(
        operation_id="smallest_change_create",
        summary="Smallest change",
        description="What to change so that an identity of the account may do an action: the least statement to add, "
        "the statement that has to give way, the boundary or service control policy that stands in the way. The "
        "result is evaluated again, and compared with the policies as they are.",
        request=WantedSerializer,
        responses=SmallestChangeSerializer,
        examples=[OpenApiExample("What would let Dana create models?", value=EXAMPLE, request_only=True)],
    )
    def post(self, request: Request, number: str) -> Response:
        """The changes."""
        return Response(offer_as_json(_offer(self.account, _object(request.data))))


def _object(body: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(body, dict):
        raise Refused([Fault(f"must be an object, not {kind_of(body)}")])
    faults = [Fault(f"unknown input: the inputs are {', '.join(INPUTS)}", name) for name in body if name not in INPUTS]
    faults += [Fault("is missing", name) for name in ("principal", "action") if name not in body]
    for name in ("principal", "action", "resource", "resource_type", "region"):
        value = body.get(name, "")
        if not isinstance(value, str):
            faults.append(Fault(f"must be text, not {kind_of(value)}", name))
    if not faults and ("resource" in body) is ("resource_type" in body):
        faults.append(Fault("give either `resource` or `resource_type`", "resource"))
    if not faults and "region" in body and "resource" in body:
        faults.append(Fault("goes with `resource_type`: the ARN of a resource names its Region", "region"))
    if faults:
        raise Refused(faults)
    return body


def _offer(account: Account, body: dict[str, JsonValue]) -> Offer:
    """Asked of the simulator; whatever it does not know is told with its place."""
    inputs = {name: value for name, value in body.items() if name in ("context", "add", "exclude", "boundary")}
    # What reads requests reads single callers: a group is none, and it is looked for by its ARN alone.
    somebody = f"arn:{account.partition}:iam::{account.number}:root"
    asked = decode_asked({**inputs, "principal": somebody, "action": body["action"], "resource": "*"})
    given = asked.requests[0].request.context
    question = replace(
        moment_of(account, body),
        region=_region(str(body.get("region", ""))),
        context={given.name_of(key): given.values_of(key) for key in given},
        what_if=what_if_of(account, body, asked),
    )
    principal, action = str(body["principal"]), str(body["action"])
    try:
        if "resource" in body:
            return request_offer(account, question, principal, action, str(body["resource"]))
        return cell_offer(account, question, principal, action, str(body["resource_type"]))
    except UnknownIdentity as error:
        raise Refused([Fault(Absent(str(error)), "principal")]) from None
    except UnreadablePolicies as error:
        raise Refused([Fault(Contrary(str(error)), "principal")]) from None
    except NoActionError as error:
        raise Refused([Fault(Absent(str(error)), "action")]) from None
    except NoSuchTypeError as error:
        raise Refused([Fault(Absent(str(error)), "resource")]) from None
    except UnknownCell as error:
        raise Refused([Fault(Absent(str(error)), "resource_type")]) from None


def _region(text: str) -> str:
    try:
        return question_from_query(ListQuery([("region", text)])).region
    except QuestionError as error:
        raise Refused([Fault(message, "region") for _, message in error.problems]) from None
