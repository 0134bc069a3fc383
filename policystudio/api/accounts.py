"""AWS accounts that the user has a role in."""

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts import selectors, services
from policystudio.accounts.models import Account, Role
from policystudio.api.access import AccountView, ListView
from policystudio.api.bodies import Body
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_sealed_tag, stale, tag_of
from policystudio.identities import selectors as identities


class OrganizationSerializer(serializers.Serializer):
    """The organization that an account stands in."""

    id = serializers.CharField(source="org_id", help_text="Such as `o-exampleorgid`.")
    name = serializers.CharField()


class UnitSerializer(serializers.Serializer):
    """The organizational unit that an account stands in, or the root."""

    id = serializers.CharField(source="unit_id", help_text="Such as `ou-exam-research1`.")
    name = serializers.CharField()


class AccountSerializer(serializers.ModelSerializer):
    """An AWS account."""

    organization = OrganizationSerializer(allow_null=True, help_text="Null: in none that we know of.")
    unit = UnitSerializer(allow_null=True)
    role = serializers.SerializerMethodField(help_text="Your role: viewer, author, approver or administrator.")

    class Meta:
        model = Account
        fields = [
            "number",
            "name",
            "partition",
            "is_management",
            "organization",
            "unit",
            "role",
            "needs_second_person",
            "needs_second_factor",
            "read_at",
            "read_by",
        ]
        extra_kwargs = {
            "number": {"help_text": "The 12 digits."},
            "is_management": {"help_text": "Whether it is its organization's management account."},
            "needs_second_person": {
                "help_text": "Whether a change is approved by somebody who wrote none of its edits."
            },
            "needs_second_factor": {
                "help_text": "Whether whoever has a role here and signs in by password has to have a second factor."
            },
            "read_at": {"help_text": "When its identities were last read; null: never."},
            "read_by": {"help_text": "Who did that."},
        }

    def get_role(self, account: Account) -> str:
        """The role of who asks; the view knows them all."""
        return str(self.context["roles"][account.pk])


class OneAccountSerializer(AccountSerializer):
    """An AWS account, with how many identities it has."""

    identities = serializers.SerializerMethodField(help_text="How many users, groups and roles, by kind.")

    class Meta(AccountSerializer.Meta):
        fields = [*AccountSerializer.Meta.fields, "identities"]

    def get_identities(self, account: Account) -> dict[str, int]:
        """Counts by kind."""
        return identities.counts_by_kind(account)


class AccountFilter(django_filters.FilterSet):
    """Filters of the list of accounts."""

    search = django_filters.CharFilter(method="by_search", help_text="A part of the name or of the number.")
    partition = django_filters.CharFilter(help_text="Such as `aws`, `aws-cn` or `aws-us-gov`.")

    class Meta:
        model = Account
        fields: ClassVar[list[str]] = []

    def by_search(self, rows: QuerySet[Account], _name: str, value: str) -> QuerySet[Account]:
        """Accounts whose name or number contains the text."""
        return rows.filter(Q(name__icontains=value) | Q(number__contains=value))


class Accounts(ListView[Account]):
    """The accounts that you have a role in."""

    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    orders = {"name": ("name", "number"), "number": ("number",), "read_at": ("read_at",)}

    def get_queryset(self) -> QuerySet[Account]:
        """Those that the user may see."""
        return self.visible_accounts()

    def get_serializer_context(self) -> dict[str, Any]:
        """The roles of who asks, in one query for the whole page."""
        return {**super().get_serializer_context(), "roles": selectors.roles_of(self.request.user)}

    @extend_schema(
        operation_id="accounts_list", summary="Accounts", description="Every AWS account that you have a role in."
    )
    def get(self, request: Request) -> Response:
        """One page of accounts."""
        return self.list(request)


class AccountSettingsSerializer(Body):
    """What administrators decide about an account."""

    needs_second_person = serializers.BooleanField(
        required=False,
        help_text="Whether a change is approved by somebody who wrote none of its edits. Left out: as it was.",
    )
    needs_second_factor = serializers.BooleanField(
        required=False,
        help_text="Whether whoever has a role here and signs in by password has to have a second factor. "
        "Left out: as it was.",
    )


class OneAccount(AccountView):
    """One AWS account."""

    http_method_names = ["get", "head", "patch"]
    writing_role = Role.ADMINISTRATOR

    @extend_schema(operation_id="accounts_get", summary="An account", responses=OneAccountSerializer)
    def get(self, request: Request, number: str) -> Response:
        """The account."""
        return self._told(request)

    @extend_schema(
        operation_id="accounts_update",
        summary="Whether changes need a second person, and people a second factor",
        description="This needs the role administrator.",
        parameters=[IF_MATCH],
        request=AccountSettingsSerializer,
        responses={200: OneAccountSerializer, **PRECONDITION_PROBLEMS},
        examples=[OpenApiExample("They do", value={"needs_second_person": True}, request_only=True)],
    )
    def patch(self, request: Request, number: str) -> Response:
        """Decide it."""
        seen = expected_sealed_tag(request)
        if seen not in (None, self._tag()):
            raise stale("somebody decided otherwise meanwhile: read the account again")
        given = AccountSettingsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        deciding = {"person": services.second_person_set, "factor": services.second_factor_demand}
        with transaction.atomic():
            for name, decide in deciding.items():
                needed = given.validated_data.get(f"needs_second_{name}")
                if needed is not None:
                    decide(by=self.person, account=self.account, needed=needed)
        return self._told(request)

    def _told(self, request: Request) -> Response:
        roles = {self.account.pk: selectors.role_of(request.user, self.account)}
        response = Response(OneAccountSerializer(self.account, context={"roles": roles}).data)
        response.headers["ETag"] = f'"{self._tag()}"'
        return response

    def _tag(self) -> str:
        """Another one whenever anything that is told of the account is."""
        account = self.account
        organization = account.organization
        decided = (account.needs_second_person, account.needs_second_factor)
        parts = (account.name, *decided, account.revision, account.read_at, account.unit_id)
        role = selectors.role_of(self.person, account)
        text = repr((*parts, organization.revision if organization else "", str(role)))
        return tag_of(text)
