"""Managed policies of an account and their versions."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountListView, AccountView
from policystudio.api.filters import SearchFilter, TagFilter
from policystudio.policies import selectors
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion


class DocumentProblemSerializer(serializers.Serializer):
    """Something that is wrong in a policy's text."""

    message = serializers.CharField()
    line = serializers.IntegerField()
    column = serializers.IntegerField()


class DocumentSerializer(serializers.ModelSerializer):
    """A policy document."""

    problems = DocumentProblemSerializer(
        many=True,
        allow_null=True,
        help_text="Null where the text parses; else the verdicts of who has it are undecided.",
    )

    class Meta:
        model = Document
        fields = ["text", "digest", "problems"]
        extra_kwargs = {
            "text": {"help_text": "The JSON text, exactly as it was imported."},
            "digest": {"help_text": "Of kind and text: two documents with the same digest are the same."},
        }


class PolicySerializer(serializers.ModelSerializer):
    """A managed policy."""

    id = serializers.IntegerField(source="pk", help_text="Its id here, for the address of the policy.")
    tags = serializers.DictField(child=serializers.CharField())
    default_version = serializers.SerializerMethodField(
        help_text="The id of the version in force, such as `v3`; null where the export did not carry the document."
    )

    class Meta:
        model = ManagedPolicy
        fields = [
            "id",
            "arn",
            "name",
            "path",
            "policy_id",
            "description",
            "is_aws_managed",
            "default_version",
            "tags",
            "created_at",
            "updated_at",
        ]
        extra_kwargs = {"policy_id": {"help_text": "AWS's own id, such as `ANPAEXAMPLE`."}}

    def get_default_version(self, policy: ManagedPolicy) -> str | None:
        """Of the versions that the selector prefetched."""
        return next((version.version_id for version in policy.default_versions), None)  # type: ignore[attr-defined]  # to_attr


class VersionSerializer(serializers.ModelSerializer):
    """One version of a managed policy."""

    document = DocumentSerializer()

    class Meta:
        model = PolicyVersion
        fields = ["version_id", "is_default", "created_at", "document"]
        extra_kwargs = {"is_default": {"help_text": "Whether this version is the one in force."}}


class PolicyFilter(django_filters.FilterSet):
    """Filters of the list of policies."""

    search = SearchFilter(help_text="A part of the name or of the path, in any letter case.")
    path = django_filters.CharFilter(lookup_expr="startswith", help_text="What the path begins with.")
    tag = TagFilter(help_text="A tag: `key=value`, or `key` for any value.")
    arn = django_filters.CharFilter(help_text="The whole ARN.")
    is_aws_managed = django_filters.BooleanFilter(help_text="`true`: only AWS managed policies; `false`: only others.")

    class Meta:
        model = ManagedPolicy
        fields: ClassVar[list[str]] = []


class VersionFilter(django_filters.FilterSet):
    """Filters of the list of versions."""

    is_default = django_filters.BooleanFilter(help_text="`true`: only the version in force.")

    class Meta:
        model = PolicyVersion
        fields: ClassVar[list[str]] = []


class Policies(AccountListView[ManagedPolicy]):
    """The managed policies of an account."""

    queryset = ManagedPolicy.objects.none()
    serializer_class = PolicySerializer
    filterset_class = PolicyFilter
    orders = {
        "manager": ("is_aws_managed", "name", "arn"),
        "name": ("name", "arn"),
        "path": ("path", "name"),
        "created_at": ("created_at",),
        "updated_at": ("updated_at",),
    }

    def get_queryset(self) -> QuerySet[ManagedPolicy]:
        """The account's own first, then those of AWS."""
        return selectors.policies_of(self.account)

    @extend_schema(
        operation_id="policies_list",
        summary="Managed policies",
        description="The account's customer managed policies, then the AWS managed ones that its export told of.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of policies."""
        return self.list(request)


class OnePolicy(AccountView):
    """One managed policy."""

    @extend_schema(operation_id="policies_get", summary="A managed policy", responses=PolicySerializer)
    def get(self, request: Request, number: str, id: int) -> Response:
        """The policy."""
        policy = selectors.policies_of(self.account).filter(pk=id).first()
        if policy is None:
            raise Http404
        return Response(PolicySerializer(policy).data)


class PolicyView(AccountView):
    """An endpoint below `policies/{id}/`."""

    policy: ManagedPolicy

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the policy as well."""
        super().initial(request, *args, **kwargs)
        try:
            self.policy = selectors.policy_get(self.account, kwargs["id"])
        except ManagedPolicy.DoesNotExist:
            raise Http404 from None


class Versions(PolicyView, AccountListView[PolicyVersion]):
    """The versions of a managed policy."""

    queryset = PolicyVersion.objects.none()
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    orders = {"in_force": ("-is_default", "-created_at", "-pk"), "created_at": ("created_at",)}

    def get_queryset(self) -> QuerySet[PolicyVersion]:
        """The default version first, then the newest."""
        return selectors.versions_of(self.policy)

    @extend_schema(
        operation_id="policies_versions_list",
        summary="Versions of a policy",
        description="With their documents; the version in force first, then the newest. AWS keeps at most five.",
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """The versions."""
        return self.list(request)


class OneVersion(PolicyView):
    """One version of a managed policy."""

    @extend_schema(operation_id="policies_versions_get", summary="A version of a policy", responses=VersionSerializer)
    def get(self, request: Request, number: str, id: int, version_id: str) -> Response:
        """The version with its document."""
        version = selectors.versions_of(self.policy).filter(version_id=version_id).first()
        if version is None:
            raise Http404
        return Response(VersionSerializer(version).data)
