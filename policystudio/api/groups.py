"""IAM groups of an account."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.identities import (
    POLICY_FIELDS,
    IdentityList,
    IdentitySerializer,
    OneIdentity,
    WithPoliciesSerializer,
)
from policystudio.identities.models import Identity


class GroupSerializer(WithPoliciesSerializer, IdentitySerializer):
    """A group with the policies that it gives its members."""

    members: serializers.Field = serializers.SlugRelatedField(
        "name", many=True, read_only=True, help_text="The names of its users."
    )

    class Meta(IdentitySerializer.Meta):
        fields = [*IdentitySerializer.Meta.fields, "members", *POLICY_FIELDS]


class Groups(IdentityList):
    """The IAM groups of an account."""

    kind = Identity.Kind.GROUP
    serializer_class = IdentitySerializer

    @extend_schema(operation_id="groups_list", summary="Groups", description="The account's IAM groups, by name.")
    def get(self, request: Request, number: str) -> Response:
        """One page of groups."""
        return self.list(request)


class OneGroup(OneIdentity):
    """One IAM group."""

    kind = Identity.Kind.GROUP
    serializer_class = GroupSerializer

    @extend_schema(
        operation_id="groups_get", summary="A group", description="Letter case of the name does not matter, as in IAM."
    )
    def get(self, request: Request, number: str, name: str) -> Response:
        """The group."""
        return self.respond(request, name)
