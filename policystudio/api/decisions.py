"""What a change would decide differently, for everybody whom it touches."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.compare import ChangeSerializer, ExampleRequestSerializer
from policystudio.changes.models import Change
from policystudio.changes.selectors import change_get
from policystudio.simulator.decision_words import as_json
from policystudio.simulator.drafts import change_decisions


class CellChangeSerializer(ChangeSerializer):
    """A cell of SageMaker's that changes."""

    before = serializers.CharField(help_text="Its letter as things are.")
    after = serializers.CharField(help_text="Its letter with the change.")


class ClaimsSerializer(serializers.Serializer):
    """What a comparison claims, with a request for each direction; null where it could not be decided."""

    account = serializers.CharField()
    standing = serializers.ChoiceField(["kept", "new", "removed"])
    no_new_access = serializers.BooleanField(allow_null=True)
    no_lost_access = serializers.BooleanField(allow_null=True)
    undecided = serializers.CharField(allow_null=True, help_text="The reason of a null.")
    newly_allowed = ExampleRequestSerializer(allow_null=True)
    newly_denied = ExampleRequestSerializer(allow_null=True)


class DecisionGroupSerializer(ClaimsSerializer):
    """Identities for which the same changes; the requests are of the first of them."""

    identities = serializers.ListField(child=serializers.CharField(), help_text="ARNs.")
    cells = CellChangeSerializer(many=True)
    other_services = ChangeSerializer(many=True)


class RoleAccessSerializer(ClaimsSerializer):
    """A role that others can assume than before; the requests name who asks."""

    role = serializers.CharField(help_text="Its ARN.")
    changes = ChangeSerializer(many=True)


class IdentityCountsSerializer(serializers.Serializer):
    """How many identities there are of each kind."""

    total = serializers.IntegerField(help_text="All that were looked at.")
    touched = serializers.IntegerField(help_text="Those to which other policies or facts apply than before.")
    gaining = serializers.IntegerField()
    losing = serializers.IntegerField()
    undecided = serializers.IntegerField()
    same = serializers.IntegerField(help_text="Those of the touched that may do what they could before.")
    not_compared = serializers.ListField(child=serializers.CharField(), help_text="ARNs: it would take too long.")


class DecisionsSerializer(serializers.Serializer):
    """What a change would decide differently."""

    answer = serializers.CharField(help_text="In one sentence.")
    complete = serializers.BooleanField(help_text="Whether everything was applied, compared and decided.")
    identities = IdentityCountsSerializer()
    groups = DecisionGroupSerializer(many=True, help_text="The largest first.")
    roles = RoleAccessSerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField(), help_text="Edits that cannot be applied, and why.")


_EXAMPLE: dict[str, Any] = {
    "answer": "Gives 2 of 12 identities new access: 1 cell; takes nothing away.",
    "complete": True,
    "identities": {
        "total": 12,
        "touched": 2,
        "gaining": 2,
        "losing": 0,
        "undecided": 0,
        "same": 0,
        "not_compared": [],
    },
    "groups": [],
    "roles": [],
    "problems": [],
}


class Decisions(AccountView):
    """What a change would decide differently."""

    @extend_schema(
        operation_id="change_decisions",
        summary="What a change would decide differently",
        tags=["changes"],
        responses=DecisionsSerializer,
        examples=[OpenApiExample("Two gain something", value=_EXAMPLE, response_only=True)],
    )
    def get(self, _request: Request, number: str, change: int) -> Response:
        """Compares each identity that the change touches, as it is and as publishing the change would make it.

        Of a published change: as it was before that moment, and with it.

        Exact: every claim comes with a concrete request. Identities that the change cannot tell apart are a group.
        """
        try:
            found = change_get(self.account, change)
        except Change.DoesNotExist:
            raise Http404(f"no change {change} in account {number}") from None
        return Response(as_json(change_decisions(found, visible=self.visible_accounts())))
