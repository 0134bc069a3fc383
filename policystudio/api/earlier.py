"""What policies said before, as it was recorded."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.paging import DEFAULT_LIMIT, MAX_LIMIT, limit_of, page_parameters, start_of, worked_out_page
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import NOT_BLANK
from policystudio.changes.selectors import earlier_texts

KINDS = ["managed-policy", "inline-policy", "trust-policy", "organization-policy"]
_CURSOR = "earlier"


class EarlierTextSerializer(serializers.Serializer):
    """A text that a policy had."""

    record = serializers.IntegerField(help_text="Names it among all that was recorded.")
    text = serializers.CharField()
    since = serializers.DateTimeField(help_text="When it was first seen.")
    until = serializers.DateTimeField(allow_null=True, help_text="Null: it still says so.")


class EarlierTextsSerializer(serializers.Serializer):
    """The texts of a policy."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    results = EarlierTextSerializer(many=True)


class Earlier(AccountView):
    """What did this policy say before?"""

    parameters = frozenset({"kind", "target", "name", "limit", "cursor"})

    @extend_schema(
        operation_id="earlier_list",
        summary="What did a policy say before?",
        description="Every text that was recorded of it, the newest first: managed, inline and trust policies, and "
        "those of the organization. An edit of a change that has one of the texts brings it back.",
        parameters=[
            OpenApiParameter("kind", str, required=True, enum=KINDS, description="What kind of policy it is."),
            OpenApiParameter(
                "target",
                NOT_BLANK,
                required=True,
                description="Its ARN, that of who has it, or an organization policy's id.",
            ),
            OpenApiParameter("name", str, description="The name of an inline policy."),
            *(
                OpenApiParameter(one["name"], one["schema"], description=one["description"])
                for one in page_parameters(DEFAULT_LIMIT, MAX_LIMIT)
            ),
        ],
        responses=EarlierTextsSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        asked = request.query_params
        kind, target = asked.get("kind", ""), asked.get("target", "")
        faults = [] if kind in KINDS else [Fault(f"must be one of {', '.join(KINDS)}", "kind", where="query")]
        faults += [] if target else [Fault("is missing: name the policy", "target", where="query")]
        if faults:
            raise Refused(faults)
        limit = limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
        found = earlier_texts(self.account, kind, target, asked.get("name", ""))
        names = [str(one.record) for one in found]
        start = start_of(request, _CURSOR, names)
        page = worked_out_page(request, _CURSOR, names, start, limit)
        return Response({**page, "results": EarlierTextSerializer(found[start : start + limit], many=True).data})
