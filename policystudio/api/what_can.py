"""What an identity can do, as a few lines like a policy's."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.matrix import QUESTION_PARAMETERS, ROW_KINDS
from policystudio.api.problems import Fault, Refused
from policystudio.api.proof import AllowSerializer, DenySerializer, RequiredSerializer
from policystudio.api.scenario import ObstacleSerializer
from policystudio.api.texts import IDENTITY
from policystudio.engine.catalog.types import ACCESS_LEVELS
from policystudio.engine.exact.cell import CellVerdict
from policystudio.lib.said import Absent
from policystudio.simulator.proof_json import VERDICTS
from policystudio.simulator.question import QuestionError
from policystudio.simulator.selectors import UnknownIdentity
from policystudio.simulator.what_can import what_can
from policystudio.simulator.what_can_answers import PARAMETERS, question_of, summary_as_json

LINE_EFFECTS = ["Allow", "Deny"]


class LevelSerializer(serializers.Serializer):
    """The actions of an access level."""

    access_level = serializers.ChoiceField(list(ACCESS_LEVELS))
    possible = serializers.IntegerField(help_text="How many are possible on any resource in any context.")
    actions = serializers.IntegerField(help_text="How many there are.")


class PartSerializer(serializers.Serializer):
    """Cells by their names: an action on a type is meant if `actions` and `resource_types` name it."""

    actions = serializers.ListField(
        child=serializers.CharField(), help_text="Patterns, of which one must match: `sagemaker:Describe*`."
    )
    not_actions = serializers.ListField(child=serializers.CharField(), help_text="Patterns, of which none may match.")
    resource_types = serializers.ListField(
        child=serializers.CharField(), help_text="Empty: every type that was asked about."
    )


class LineSerializer(serializers.Serializer):
    """Cells of which the same can be said."""

    effect = serializers.ChoiceField(LINE_EFFECTS, allow_null=True, help_text="Null where undecided.")
    letter = serializers.ChoiceField([verdict.value for verdict in CellVerdict])
    verdict = serializers.ChoiceField(list(VERDICTS.values()), help_text="The exact verdict of each cell.")
    text = serializers.CharField(help_text="Where and when, or why not; without what `shared` says.")
    parts = PartSerializer(many=True, help_text="The cells; no two parts or lines have one in common.")
    cells = serializers.IntegerField(help_text="How many cells.")
    access_levels = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many actions of each level that there is."
    )
    allow = AllowSerializer(many=True)
    deny = DenySerializer(many=True)
    stands_in_the_way = ObstacleSerializer(many=True, help_text="Of what is never allowed.")
    undecided = serializers.CharField(help_text="Why there is no verdict; else empty.")


class IncompleteSerializer(serializers.Serializer):
    """An action that is possible on one of its required types and never on another one."""

    action = serializers.CharField()
    requires = RequiredSerializer(many=True)


class WhatCanSerializer(serializers.Serializer):
    """The summary."""

    arn = serializers.CharField()
    kind = serializers.ChoiceField(ROW_KINDS)
    name = serializers.CharField()
    sentence = serializers.CharField(help_text="How many actions are possible.")
    shared = serializers.CharField(help_text="What all of it takes; empty where there is nothing of the kind.")
    cells = serializers.IntegerField(help_text="How many actions on resource types were asked about.")
    access_levels = LevelSerializer(many=True)
    lines = LineSerializer(many=True)
    implicit_deny = serializers.IntegerField(
        help_text="How many cells no line has: none of the identity's policies allows anything there."
    )
    incomplete = IncompleteSerializer(many=True)


_EXAMPLE = OpenApiExample(
    "A deployer who may not delete",
    value={
        "arn": "arn:aws:iam::111122223333:role/deploy",
        "kind": "role",
        "name": "deploy",
        "sentence": "1 of 460 actions is possible, on some resources or under conditions.",
        "shared": "",
        "cells": 684,
        "access_levels": [{"access_level": "Write", "possible": 1, "actions": 257}],
        "lines": [
            {
                "effect": "Allow",
                "letter": "S",
                "verdict": "some",
                "text": "on model/dev-*",
                "parts": [{"actions": ["sagemaker:CreateModel"], "not_actions": [], "resource_types": []}],
                "cells": 1,
                "access_levels": {"Write": 1},
                "allow": [],
                "deny": [],
                "stands_in_the_way": [],
                "undecided": "",
            }
        ],
        "implicit_deny": 683,
        "incomplete": [],
    },
    response_only=True,
)
_IDENTITY = OpenApiParameter(
    "identity", IDENTITY, required=True, description="A user, group, role or the root user: its ARN."
)


class WhatCan(AccountView):
    """What can this identity do?"""

    parameters = frozenset(PARAMETERS)

    @extend_schema(
        operation_id="what_can_get",
        summary="What can it do?",
        description="Everything that an identity can do in SageMaker as a few lines like a policy's: which actions "
        "always, on some resources or under conditions; what is kept away, and by which layer. Every line stands for "
        "exact cells of the matrix, and each cell comes again from the lines: what none of them has is an implicit "
        "deny.",
        parameters=[
            _IDENTITY,
            *(one for one in QUESTION_PARAMETERS if one.name in PARAMETERS and one.name != _IDENTITY.name),
        ],
        responses=WhatCanSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, number: str) -> Response:
        """The summary."""
        try:
            summary = what_can(self.account, question_of(request.query_params))
        except QuestionError as error:
            raise Refused(Fault(message, name, where="query") for name, message in error.problems) from None
        except UnknownIdentity as error:
            raise Refused([Fault(Absent(str(error)), "identity", where="query")]) from None
        if summary.problems:
            raise Refused(Fault(Absent(message), "add", where="query") for message in summary.problems)
        return Response(summary_as_json(summary))
