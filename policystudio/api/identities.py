"""What users, groups and roles have in common; each has a module of its own with its endpoints."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountListView, AccountView
from policystudio.api.filters import SearchFilter, TagFilter
from policystudio.api.policies import DocumentSerializer
from policystudio.identities import selectors
from policystudio.identities.models import Identity, InlinePolicy, PolicyAttachment

FIELDS = ["name", "path", "arn", "unique_id", "tags", "created_at"]


class IdentitySerializer(serializers.ModelSerializer):
    """A user, group or role, as it stands in a list."""

    tags = serializers.DictField(child=serializers.CharField(), help_text="Its tags.")

    class Meta:
        model = Identity
        fields = FIELDS
        extra_kwargs = {
            "unique_id": {"help_text": "AWS's own id, such as `AIDAEXAMPLE`."},
            "path": {"help_text": "Such as `/data-science/`."},
        }


class BoundedSerializer(IdentitySerializer):
    """A user or role, as it stands in a list."""

    permissions_boundary = serializers.CharField(
        source="boundary.arn",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The ARN of its permissions boundary, or null.",
    )

    class Meta(IdentitySerializer.Meta):
        fields = [*FIELDS, "permissions_boundary"]


class AttachedPolicySerializer(serializers.ModelSerializer):
    """A managed policy that is attached."""

    id = serializers.IntegerField(source="policy.pk", help_text="Its id below `policies/`.")
    arn = serializers.CharField(source="policy.arn")
    name = serializers.CharField(source="policy.name")

    class Meta:
        model = PolicyAttachment
        fields = ["id", "arn", "name"]


class InlinePolicySerializer(serializers.ModelSerializer):
    """A policy that is part of the identity."""

    document = DocumentSerializer()

    class Meta:
        model = InlinePolicy
        fields = ["name", "document"]


class WithPoliciesSerializer(serializers.Serializer):
    """The fields that show what gives an identity its permissions."""

    attached_policies = AttachedPolicySerializer(source="attachments", many=True, help_text="Managed policies.")
    inline_policies = InlinePolicySerializer(many=True)
    gaps = serializers.ListField(
        child=serializers.CharField(),
        help_text="What the account's export left unknown about its permissions; where there is something, "
        "its verdicts are undecided.",
    )


POLICY_FIELDS = ["attached_policies", "inline_policies", "gaps"]


class IdentityFilter(django_filters.FilterSet):
    """Filters of the lists of users, groups and roles."""

    search = SearchFilter(help_text="A part of the name or of the path, in any letter case.")
    path = django_filters.CharFilter(lookup_expr="startswith", help_text="What the path begins with, such as `/ci/`.")
    tag = TagFilter(help_text="A tag: `key=value`, or `key` for any value.")

    class Meta:
        model = Identity
        fields: ClassVar[list[str]] = []


class IdentityList(AccountListView[Identity]):
    """The identities of one kind."""

    kind: ClassVar[Identity.Kind]
    queryset = Identity.objects.none()
    filterset_class = IdentityFilter
    orders = {"name": ("name",), "path": ("path", "name"), "created_at": ("created_at",)}

    def get_queryset(self) -> QuerySet[Identity]:
        """Those of the account, by name."""
        return selectors.identities_of(self.account, kind=self.kind)


class OneIdentity(AccountView):
    """One identity with all that gives it permissions."""

    kind: ClassVar[Identity.Kind]
    serializer_class: ClassVar[type[serializers.BaseSerializer[Any]]]

    def respond(self, request: Request, name: str) -> Response:
        """The identity of this name, in any letter case; 404 where there is none."""
        found = selectors.identities_of(self.account, kind=self.kind).filter(name__iexact=name).first()
        if found is None:
            raise Http404
        identity = selectors.identity_get(self.account, found.pk)
        return Response(self.serializer_class(identity).data)
