"""The root user of an account, whom only organization policies limit."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.what_can import WhatCanSerializer
from policystudio.simulator.question import IdentityFilter, Question
from policystudio.simulator.what_can import what_can
from policystudio.simulator.what_can_answers import summary_as_json


class RootSerializer(serializers.Serializer):
    """The root user."""

    arn = serializers.CharField()
    limited_by = serializers.CharField(allow_null=True, help_text="The id of the organization that limits it, or null.")
    what_can = WhatCanSerializer()


class Root(AccountView):
    """The root user."""

    @extend_schema(
        operation_id="root_get",
        summary="The root user",
        description="What it can do, as `what-can` tells of every identity. It has no policies of its own; service "
        "control policies limit it, but not that of the management account.",
        responses=RootSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """The root user with its summary."""
        arn = f"arn:{self.account.partition}:iam::{self.account.number}:root"
        summary = what_can(self.account, Question(identities=IdentityFilter(arns=(arn,))))
        organization = None if self.account.is_management else self.account.organization
        return Response(
            {
                "arn": arn,
                "limited_by": organization.org_id if organization else None,
                "what_can": summary_as_json(summary),
            }
        )
