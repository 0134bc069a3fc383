"""Who has what: managed policies on identities, permissions boundaries, and users in groups."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountListView
from policystudio.identities import selectors
from policystudio.identities.models import GroupMembership, Identity, PolicyAttachment

KINDS = [str(kind) for kind in Identity.Kind.values]


class HasSerializer(serializers.ModelSerializer):
    """A managed policy that an identity has."""

    identity = serializers.CharField(source="identity.arn", help_text="Its ARN.")
    kind = serializers.ChoiceField(KINDS, source="identity.kind", help_text="Of the identity.")
    policy = serializers.CharField(source="policy.arn", help_text="Its ARN.")
    policy_id = serializers.IntegerField(help_text="Its id below `policies/`.")

    class Meta:
        model = PolicyAttachment
        fields = ["identity", "kind", "policy", "policy_id"]


class BoundarySerializer(serializers.ModelSerializer):
    """The permissions boundary of a user or role."""

    identity = serializers.CharField(source="arn", help_text="Its ARN.")
    kind = serializers.ChoiceField(KINDS, help_text="Of the identity.")
    policy = serializers.CharField(source="boundary.arn", help_text="The ARN of the policy that bounds it.")
    policy_id = serializers.IntegerField(source="boundary_id", help_text="Its id below `policies/`.")

    class Meta:
        model = Identity
        fields = ["identity", "kind", "policy", "policy_id"]


class InGroupSerializer(serializers.ModelSerializer):
    """A user in a group."""

    user = serializers.CharField(source="user.arn", help_text="Its ARN.")
    group = serializers.CharField(source="group.arn", help_text="Its ARN.")

    class Meta:
        model = GroupMembership
        fields = ["user", "group"]


class AttachmentFilter(django_filters.FilterSet):
    """Filters of the list."""

    identity = django_filters.CharFilter("identity__arn", help_text="The ARN of the identity.")
    kind = django_filters.ChoiceFilter(
        field_name="identity__kind", choices=Identity.Kind.choices, help_text="Only those of users, groups or roles."
    )
    policy = django_filters.CharFilter("policy__arn", help_text="The ARN of the policy.")

    class Meta:
        model = PolicyAttachment
        fields: ClassVar[list[str]] = []


class BoundaryFilter(django_filters.FilterSet):
    """Filters of the list."""

    identity = django_filters.CharFilter("arn", help_text="The ARN of the user or role.")
    policy = django_filters.CharFilter("boundary__arn", help_text="The ARN of the policy.")

    class Meta:
        model = Identity
        fields: ClassVar[list[str]] = []


class InGroupFilter(django_filters.FilterSet):
    """Filters of the list."""

    user = django_filters.CharFilter("user__arn", help_text="The ARN of the user.")
    group = django_filters.CharFilter("group__arn", help_text="The ARN of the group.")

    class Meta:
        model = GroupMembership
        fields: ClassVar[list[str]] = []


class Attachments(AccountListView[PolicyAttachment]):
    """Managed policies on identities."""

    queryset = PolicyAttachment.objects.none()
    serializer_class = HasSerializer
    filterset_class = AttachmentFilter
    orders = {"identity": ("identity__kind", "identity__name"), "policy": ("policy__name", "policy__arn")}

    def get_queryset(self) -> QuerySet[PolicyAttachment]:
        """Those of the account."""
        return selectors.attachments_of(self.account)

    @extend_schema(
        operation_id="attachments_list",
        summary="Attachments",
        description="Which managed policy is attached to which user, group or role. A change attaches and detaches.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)


class Boundaries(AccountListView[Identity]):
    """Permissions boundaries."""

    queryset = Identity.objects.none()
    serializer_class = BoundarySerializer
    filterset_class = BoundaryFilter
    orders = {"identity": ("kind", "name"), "policy": ("boundary__name", "boundary__arn")}

    def get_queryset(self) -> QuerySet[Identity]:
        """The identities that have one."""
        return selectors.identities_of(self.account).filter(boundary__isnull=False)

    @extend_schema(
        operation_id="boundaries_list",
        summary="Permissions boundaries",
        description="Which managed policy bounds which user or role. A change sets and removes boundaries.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)


class GroupMemberships(AccountListView[GroupMembership]):
    """Users in groups."""

    queryset = GroupMembership.objects.none()
    serializer_class = InGroupSerializer
    filterset_class = InGroupFilter
    orders = {"user": ("user__name", "group__name"), "group": ("group__name", "user__name")}

    def get_queryset(self) -> QuerySet[GroupMembership]:
        """Those of the account."""
        return selectors.group_memberships_of(self.account)

    @extend_schema(
        operation_id="group_memberships_list",
        summary="Group memberships",
        description="Which user is in which group. A change lets users join and leave.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)
