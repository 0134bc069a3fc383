"""IAM users of an account."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.identities import (
    POLICY_FIELDS,
    BoundedSerializer,
    IdentityList,
    OneIdentity,
    WithPoliciesSerializer,
)
from policystudio.identities.models import Identity


class UserSerializer(WithPoliciesSerializer, BoundedSerializer):
    """A user with all that gives it permissions; its groups' policies count as well."""

    groups: serializers.Field = serializers.SlugRelatedField(
        "name", many=True, read_only=True, help_text="The names of its groups."
    )

    class Meta(BoundedSerializer.Meta):
        fields = [*BoundedSerializer.Meta.fields, "groups", *POLICY_FIELDS]


class Users(IdentityList):
    """The IAM users of an account."""

    kind = Identity.Kind.USER
    serializer_class = BoundedSerializer

    @extend_schema(operation_id="users_list", summary="Users", description="The account's IAM users, by name.")
    def get(self, request: Request, number: str) -> Response:
        """One page of users."""
        return self.list(request)


class OneUser(OneIdentity):
    """One IAM user."""

    kind = Identity.Kind.USER
    serializer_class = UserSerializer

    @extend_schema(
        operation_id="users_get", summary="A user", description="Letter case of the name does not matter, as in IAM."
    )
    def get(self, request: Request, number: str, name: str) -> Response:
        """The user."""
        return self.respond(request, name)
