"""Organizations as far as they stand above accounts of yours: their units, policies, and what is attached where."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts import selectors
from policystudio.accounts.models import (
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationPolicyTarget,
)
from policystudio.api.access import AccountView, ApiView, ListView
from policystudio.api.policies import DocumentProblemSerializer

POLICY_KINDS = [str(one) for one in OrganizationPolicy.Kind.values]
LEVEL_KINDS = ["root", "unit", "account"]


class WholeOrganizationSerializer(serializers.ModelSerializer):
    """An organization."""

    id = serializers.CharField(source="org_id", help_text="Such as `o-exampleorgid`.")
    management_account = serializers.CharField(source="master_account_number", help_text="Its 12 digits, or empty.")

    class Meta:
        model = Organization
        fields = ["id", "name", "management_account"]


class OrganizationalUnitSerializer(serializers.ModelSerializer):
    """The root, or an organizational unit."""

    id = serializers.CharField(source="unit_id", help_text="Such as `ou-exam-research1`, or `r-exam` for the root.")
    parent = serializers.CharField(  # type: ignore[assignment]  # declared fields are taken out of the class
        source="parent.unit_id",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="Its id; null: it is the root.",
    )

    class Meta:
        model = OrganizationalUnit
        fields = ["id", "name", "parent"]


class OrganizationPolicyInListSerializer(serializers.ModelSerializer):
    """An organization policy, as it stands in a list."""

    id = serializers.CharField(source="policy_id", help_text="AWS's own id, such as `p-FullAWSAccess`.")
    kind = serializers.ChoiceField(POLICY_KINDS, help_text="`scp` or `rcp`.")

    class Meta:
        model = OrganizationPolicy
        fields = ["id", "kind", "name", "description", "digest"]


class OrganizationPolicySerializer(OrganizationPolicyInListSerializer):
    """An organization policy with its text."""

    problems = DocumentProblemSerializer(
        many=True, allow_null=True, help_text="Null where the text parses; else whom it reaches is undecided."
    )

    class Meta(OrganizationPolicyInListSerializer.Meta):
        fields = [*OrganizationPolicyInListSerializer.Meta.fields, "text", "problems"]


class OrganizationAttachmentSerializer(serializers.ModelSerializer):
    """An organization policy on the root, on a unit, or on an account."""

    policy = serializers.CharField(source="policy.policy_id")
    kind = serializers.ChoiceField(POLICY_KINDS, source="policy.kind")
    unit = serializers.CharField(source="unit.unit_id", default=None, read_only=True, allow_null=True)
    account = serializers.CharField(source="account.number", default=None, read_only=True, allow_null=True)

    class Meta:
        model = OrganizationPolicyTarget
        fields = ["policy", "kind", "unit", "account"]


class LevelPolicySerializer(serializers.Serializer):
    """An organization policy at a level."""

    id = serializers.CharField(source="policy_id")
    name = serializers.CharField()


class OrganizationLevelSerializer(serializers.Serializer):
    """A level: the root, an organizational unit, or the account itself. One without policies allows nothing."""

    kind = serializers.ChoiceField(LEVEL_KINDS)
    id = serializers.CharField()
    name = serializers.CharField()
    policies = LevelPolicySerializer(many=True)


class OrganizationLevelsSerializer(serializers.Serializer):
    """Which organization policies limit an account, level by level from the root down."""

    scp = OrganizationLevelSerializer(many=True, allow_null=True, help_text="Null: none apply to the account.")
    rcp = OrganizationLevelSerializer(many=True, allow_null=True, help_text="Null: none apply to the account.")


class OrganizationFilter(django_filters.FilterSet):
    """Filters of the list."""

    search = django_filters.CharFilter("name", "icontains", help_text="A part of the name, in any letter case.")

    class Meta:
        model = Organization
        fields: ClassVar[list[str]] = []


class UnitFilter(django_filters.FilterSet):
    """Filters of the list."""

    search = django_filters.CharFilter("name", "icontains", help_text="A part of the name, in any letter case.")
    parent = django_filters.CharFilter("parent__unit_id", help_text="The id of the unit right above.")

    class Meta:
        model = OrganizationalUnit
        fields: ClassVar[list[str]] = []


class OrganizationPolicyFilter(django_filters.FilterSet):
    """Filters of the list."""

    search = django_filters.CharFilter("name", "icontains", help_text="A part of the name, in any letter case.")
    kind = django_filters.ChoiceFilter(choices=OrganizationPolicy.Kind.choices, help_text="`scp` or `rcp`.")

    class Meta:
        model = OrganizationPolicy
        fields: ClassVar[list[str]] = []


class OrganizationAttachmentFilter(django_filters.FilterSet):
    """Filters of the list."""

    policy = django_filters.CharFilter("policy__policy_id", help_text="The id of the organization policy.")
    unit = django_filters.CharFilter("unit__unit_id", help_text="The id of the root or unit.")
    account = django_filters.CharFilter("account__number", help_text="The 12 digits of the account.")

    class Meta:
        model = OrganizationPolicyTarget
        fields: ClassVar[list[str]] = []


class OrganizationView(ApiView):
    """An endpoint below `organizations/{id}`: 404 for whoever has no role in an account that stands in it."""

    organization: Organization

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the organization as well."""
        super().initial(request, *args, **kwargs)
        found = selectors.organizations_of(self.visible_accounts()).filter(org_id=kwargs["id"]).first()
        if found is None:
            raise Http404
        self.organization = found


class Organizations(ListView[Organization]):
    """The organizations of your accounts."""

    queryset = Organization.objects.none()
    serializer_class = WholeOrganizationSerializer
    filterset_class = OrganizationFilter
    orders = {"name": ("name", "org_id"), "id": ("org_id",)}

    def get_queryset(self) -> QuerySet[Organization]:
        """Those in which accounts of the user stand."""
        return selectors.organizations_of(self.visible_accounts())

    @extend_schema(
        operation_id="organizations_list",
        summary="Organizations",
        description="Those in which accounts stand that you have a role in.",
    )
    def get(self, request: Request) -> Response:
        """One page of them."""
        return self.list(request)


class OneOrganization(OrganizationView):
    """One organization."""

    @extend_schema(operation_id="organizations_get", summary="An organization", responses=WholeOrganizationSerializer)
    def get(self, request: Request, id: str) -> Response:
        """The organization."""
        return Response(WholeOrganizationSerializer(self.organization).data)


class Units(OrganizationView, ListView[OrganizationalUnit]):
    """The organizational units above accounts of yours."""

    queryset = OrganizationalUnit.objects.none()
    serializer_class = OrganizationalUnitSerializer
    filterset_class = UnitFilter
    orders = {"name": ("name", "unit_id"), "id": ("unit_id",)}

    def get_queryset(self) -> QuerySet[OrganizationalUnit]:
        """Those above."""
        return selectors.units_above(self.visible_accounts(), self.organization)

    @extend_schema(
        operation_id="organizations_units_list",
        summary="Organizational units",
        description="The root and the units above accounts that you have a role in.",
    )
    def get(self, request: Request, id: str) -> Response:
        """One page of them."""
        return self.list(request)


class OrganizationPolicies(OrganizationView, ListView[OrganizationPolicy]):
    """The organization policies that reach accounts of yours."""

    queryset = OrganizationPolicy.objects.none()
    serializer_class = OrganizationPolicyInListSerializer
    filterset_class = OrganizationPolicyFilter
    orders = {"kind": ("kind", "name", "policy_id"), "name": ("name", "policy_id"), "id": ("policy_id",)}

    def get_queryset(self) -> QuerySet[OrganizationPolicy]:
        """Those that reach them."""
        return selectors.policies_above(self.visible_accounts(), self.organization)

    @extend_schema(
        operation_id="organizations_policies_list",
        summary="Organization policies",
        description="Service and resource control policies that are attached above accounts that you have a role in, "
        "or to them.",
    )
    def get(self, request: Request, id: str) -> Response:
        """One page of them."""
        return self.list(request)


class OneOrganizationPolicy(OrganizationView):
    """One organization policy."""

    @extend_schema(
        operation_id="organizations_policies_get",
        summary="An organization policy",
        description="With its text. AWS keeps no versions; `accounts/{number}/earlier` tells what it said before.",
        responses=OrganizationPolicySerializer,
    )
    def get(self, request: Request, id: str, policy: str) -> Response:
        """The policy; its digest is the ETag."""
        found = selectors.policies_above(self.visible_accounts(), self.organization).filter(policy_id=policy).first()
        if found is None:
            raise Http404
        response = Response(OrganizationPolicySerializer(found).data)
        response.headers["ETag"] = f'"{found.digest}"'
        return response


class OrganizationAttachments(OrganizationView, ListView[OrganizationPolicyTarget]):
    """Which organization policies are attached where."""

    queryset = OrganizationPolicyTarget.objects.none()
    serializer_class = OrganizationAttachmentSerializer
    filterset_class = OrganizationAttachmentFilter
    orders = {"policy": ("policy__name", "policy__policy_id"), "kind": ("policy__kind", "policy__name")}

    def get_queryset(self) -> QuerySet[OrganizationPolicyTarget]:
        """On accounts of the user, and above them."""
        return selectors.targets_above(self.visible_accounts(), self.organization)

    @extend_schema(
        operation_id="organizations_attachments_list",
        summary="Attachments of organization policies",
        description="To the root, to units above accounts that you have a role in, and to these accounts.",
    )
    def get(self, request: Request, id: str) -> Response:
        """One page of them."""
        return self.list(request)


class OrganizationLevels(AccountView):
    """Which organization policies limit an account."""

    @extend_schema(
        operation_id="organization_levels_get",
        summary="Which organization policies limit an account",
        description="Level by level from the root down to the account itself. What is allowed must be allowed at each.",
        responses=OrganizationLevelsSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """The levels of both kinds."""
        levels = {kind: selectors.organization_levels(self.account, kind) for kind in POLICY_KINDS}
        return Response(OrganizationLevelsSerializer(levels).data)
