"""SageMaker resources that exist in an account."""

from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountListView
from policystudio.api.filters import TagFilter
from policystudio.resources import selectors
from policystudio.resources.models import Resource


class ResourceSerializer(serializers.ModelSerializer):
    """A SageMaker resource."""

    tags = serializers.DictField(child=serializers.CharField())
    creator = serializers.CharField(
        source="creator.arn",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The ARN of the identity that created it, or null.",
    )

    class Meta:
        model = Resource
        fields = ["arn", "type", "region", "name", "tags", "creator", "created_at"]
        extra_kwargs = {"type": {"help_text": "The resource type's name in the catalogue; empty where none fits."}}


class ResourceFilter(django_filters.FilterSet):
    """Filters of the list of resources."""

    search = django_filters.CharFilter("arn", "icontains", help_text="A part of the ARN, in any letter case.")
    tag = TagFilter(help_text="A tag: `key=value`, or `key` for any value.")
    creator = django_filters.CharFilter("creator__arn", help_text="The ARN of the identity that created it.")
    type = django_filters.CharFilter(help_text="The name of the resource type, such as `endpoint`.")
    region = django_filters.CharFilter(help_text="Such as `eu-west-1`.")

    class Meta:
        model = Resource
        fields: ClassVar[list[str]] = []


class Resources(AccountListView[Resource]):
    """The SageMaker resources of an account."""

    queryset = Resource.objects.none()
    serializer_class = ResourceSerializer
    filterset_class = ResourceFilter
    orders = {
        "type": ("type", "name", "arn"),
        "name": ("name", "arn"),
        "region": ("region", "name"),
        "created_at": ("created_at",),
    }

    def get_queryset(self) -> QuerySet[Resource]:
        """By type and name."""
        return selectors.resources_of(self.account)

    @extend_schema(
        operation_id="resources_list",
        summary="Resources",
        description="The SageMaker resources that the account owns, as far as they were imported, by type and name.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of resources."""
        return self.list(request)
