"""Search: what is called like this, in all accounts that you look after."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts import selectors as accounts
from policystudio.api.access import ApiView
from policystudio.api.problems import Fault, Refused
from policystudio.api.texts import NOT_BLANK
from policystudio.identities import selectors as identities
from policystudio.identities.models import Identity
from policystudio.policies import selectors as policies
from policystudio.resources import selectors as resources
from policystudio.simulator.selectors import catalog

#: Of each kind so many are told.
SHOWN = 25
KINDS = [str(kind) for kind in Identity.Kind.values]


class FoundAccountSerializer(serializers.Serializer):
    """An account."""

    number = serializers.CharField()
    name = serializers.CharField()


class FoundIdentitySerializer(serializers.Serializer):
    """A user, group or role."""

    account = serializers.CharField(source="account.number")
    kind = serializers.ChoiceField(KINDS)
    name = serializers.CharField()
    arn = serializers.CharField()


class FoundPolicySerializer(serializers.Serializer):
    """A managed policy."""

    account = serializers.CharField(source="account.number")
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    arn = serializers.CharField()


class FoundResourceSerializer(serializers.Serializer):
    """A SageMaker resource."""

    account = serializers.CharField(source="account.number")
    type = serializers.CharField()
    name = serializers.CharField()
    arn = serializers.CharField()


class SearchSerializer(serializers.Serializer):
    """What was found."""

    accounts = FoundAccountSerializer(many=True)
    identities = FoundIdentitySerializer(many=True)
    policies = FoundPolicySerializer(many=True)
    resources = FoundResourceSerializer(many=True)
    actions = serializers.ListField(child=serializers.CharField(), help_text="Of SageMaker.")
    cut = serializers.BooleanField(help_text=f"Whether there is more: of each kind {SHOWN} are told.")


class Search(ApiView):
    """What is called like this?"""

    parameters = frozenset({"text"})

    @extend_schema(
        operation_id="search",
        summary="Search",
        description="Identities, policies, resources, accounts and SageMaker's actions by a part of their name, path, "
        "ARN or number, in all accounts that you have a role in.",
        parameters=[
            OpenApiParameter("text", NOT_BLANK, required=True, description="What to look for, in any letter case.")
        ],
        responses=SearchSerializer,
        tags=["search"],
    )
    def get(self, request: Request) -> Response:
        """What was found."""
        text = request.query_params.get("text", "").strip()
        if not text:
            raise Refused([Fault("is missing: write a part of a name", "text", where="query")])
        mine = self.visible_accounts()
        wanted = text.lower().removeprefix("sagemaker:")
        found: dict[str, list[Any]] = {
            "accounts": _first(accounts.accounts_called(mine, text)),
            "identities": _first(identities.identities_called(mine, text)),
            "policies": _first(policies.policies_called(mine, text)),
            "resources": _first(resources.resources_called(mine, text)),
            "actions": [f"sagemaker:{one.name}" for one in catalog().actions if wanted in one.name.lower()],
        }
        shown = {name: rows[:SHOWN] for name, rows in found.items()}
        cut = any(len(rows) > SHOWN for rows in found.values())
        return Response(SearchSerializer({**shown, "cut": cut}).data)


def _first(rows: QuerySet[Any]) -> list[Any]:
    return list(rows[: SHOWN + 1])
