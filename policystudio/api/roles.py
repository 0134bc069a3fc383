"""IAM roles of an account."""

from typing import Any

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
from policystudio.api.policies import DocumentSerializer
from policystudio.identities.models import Identity


class RoleInListSerializer(BoundedSerializer):
    """A role, as it stands in a list."""

    class Meta(BoundedSerializer.Meta):
        fields = [*BoundedSerializer.Meta.fields, "service_linked"]
        extra_kwargs = BoundedSerializer.Meta.extra_kwargs | {
            "service_linked": {
                "help_text": "Whether it is a service-linked role, which organization policies do not reach."
            }
        }


class RoleSerializer(WithPoliciesSerializer, RoleInListSerializer):
    """A role with its trust policy and all that gives its sessions permissions."""

    trust_policy = DocumentSerializer(source="trust_document", help_text="Who may assume it.")
    last_used = serializers.DictField(
        child=serializers.CharField(),
        help_text="`LastUsedDate` and `Region` as AWS tells them; empty where it does not.",
    )
    instance_profiles: Any = serializers.SlugRelatedField(
        slug_field="arn",
        many=True,
        read_only=True,
        help_text="The ARNs of the instance profiles that hand it to EC2 instances, by name.",
    )

    class Meta(RoleInListSerializer.Meta):
        fields = [
            *RoleInListSerializer.Meta.fields,
            "description",
            "max_session_duration",
            "trust_policy",
            "last_used",
            "instance_profiles",
            *POLICY_FIELDS,
        ]
        extra_kwargs = RoleInListSerializer.Meta.extra_kwargs | {
            "description": {"help_text": "Empty where nobody told one; account exports of AWS's leave it out."},
            "max_session_duration": {
                "help_text": "The longest that its sessions may last, in seconds; null where nobody told it."
            },
        }


class Roles(IdentityList):
    """The IAM roles of an account."""

    kind = Identity.Kind.ROLE
    serializer_class = RoleInListSerializer

    @extend_schema(operation_id="roles_list", summary="Roles", description="The account's IAM roles, by name.")
    def get(self, request: Request, number: str) -> Response:
        """One page of roles."""
        return self.list(request)


class OneRole(OneIdentity):
    """One IAM role."""

    kind = Identity.Kind.ROLE
    serializer_class = RoleSerializer

    @extend_schema(
        operation_id="roles_get", summary="A role", description="Letter case of the name does not matter, as in IAM."
    )
    def get(self, request: Request, number: str, name: str) -> Response:
        """The role."""
        return self.respond(request, name)
