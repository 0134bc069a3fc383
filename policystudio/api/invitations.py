"""Invitations to an account or an organization, and accepting one."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts import selectors, services
from policystudio.accounts.models import Account, Invitation, Organization, Role
from policystudio.api.access import AccountListView, AccountView, ApiView, ListView
from policystudio.api.bodies import Body
from policystudio.api.members import ROLES, WholeOrganizationView
from policystudio.api.problems import Fault, ProblemSerializer, Refused

_NEW = OpenApiExample("An author", value={"addressee": "nora@example.com", "role": "author"}, request_only=True)
_ORDERS = {"newest": ("-created_at",)}


class NewInvitationSerializer(Body):
    """Whom to invite."""

    addressee = serializers.CharField(
        max_length=254, help_text="A name, or the e-mail address that the link is sent to where e-mail is set up."
    )
    role = serializers.ChoiceField(ROLES, help_text="viewer, author, approver or administrator.")
    days = serializers.IntegerField(
        min_value=1, max_value=services.LONGEST_DAYS, default=services.USUAL_DAYS, help_text="It ends after so many."
    )


class InvitationSerializer(serializers.Serializer):
    """An invitation that can be accepted."""

    id = serializers.IntegerField()
    addressee = serializers.CharField(help_text="Whom the inviter meant; whoever has the link may accept.")
    role = serializers.ChoiceField(ROLES)
    invited_by = serializers.CharField(source="invited_by.username", help_text="Void once they do not administer it.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class MadeInvitationSerializer(InvitationSerializer):
    """A new invitation with its link."""

    link = serializers.CharField(help_text="It is good once. It is shown this once and stored only as a hash.")
    sent = serializers.BooleanField(help_text="Whether the link was sent to the addressee by e-mail.")


class AcceptedSerializer(Body):
    """Which invitation to accept."""

    token = serializers.CharField(max_length=200, help_text="The last part of the link.")


class GivenRoleSerializer(serializers.Serializer):
    """What accepting gave."""

    role = serializers.ChoiceField(ROLES, help_text="Whoever had a higher one keeps it.")
    account = serializers.CharField(allow_null=True, help_text="The account that it is of, or null.")
    organization = serializers.CharField(allow_null=True, help_text="The organization that it is of, or null.")


class InvitationFilter(django_filters.FilterSet):
    """Filters of the list."""

    role = django_filters.ChoiceFilter(choices=Role.choices, help_text="Just this role.")

    class Meta:
        model = Invitation
        fields: ClassVar[list[str]] = []


class Invitations(AccountListView[Invitation]):
    """Invitations to an account; for its administrators."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    orders = _ORDERS
    needed_role = Role.ADMINISTRATOR
    tells_secret = True

    def get_queryset(self) -> QuerySet[Invitation]:
        """Those that can be accepted."""
        return selectors.open_invitations(self.account, timezone.now())

    @extend_schema(operation_id="invitations_list", summary="Invitations to an account")
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="invitations_create",
        summary="Invite to an account",
        request=NewInvitationSerializer,
        responses={201: MadeInvitationSerializer},
        examples=[_NEW],
    )
    def post(self, request: Request, number: str) -> Response:
        """Make one."""
        return _made(request, self.account)


class OneInvitation(AccountView):
    """An invitation to an account."""

    http_method_names = ["delete"]
    writing_role = Role.ADMINISTRATOR

    @extend_schema(operation_id="invitations_revoke", summary="Take an invitation back", responses={204: None})
    def delete(self, request: Request, number: str, id: int) -> Response:
        """Take it back."""
        return _revoked(request, self.account, id)


class OrganizationInvitations(WholeOrganizationView, ListView[Invitation]):
    """Invitations to a whole organization; for its administrators."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilter
    orders = _ORDERS
    needed_role = Role.ADMINISTRATOR
    tells_secret = True

    def get_queryset(self) -> QuerySet[Invitation]:
        """Those that can be accepted."""
        return selectors.open_invitations(self.organization, timezone.now())

    @extend_schema(operation_id="organizations_invitations_list", summary="Invitations to an organization")
    def get(self, request: Request, id: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="organizations_invitations_create",
        summary="Invite to an organization",
        request=NewInvitationSerializer,
        responses={201: MadeInvitationSerializer},
        examples=[_NEW],
    )
    def post(self, request: Request, id: str) -> Response:
        """Make one."""
        return _made(request, self.organization)


class OneOrganizationInvitation(WholeOrganizationView):
    """An invitation to an organization."""

    http_method_names = ["delete"]

    @extend_schema(
        operation_id="organizations_invitations_revoke",
        summary="Take an invitation to an organization back",
        responses={204: None},
    )
    def delete(self, request: Request, id: str, invitation: int) -> Response:
        """Take it back."""
        return _revoked(request, self.organization, invitation)


class AcceptInvitation(ApiView):
    """Accepting an invitation."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="invitations_accept",
        summary="Accept an invitation",
        description="As whoever asks; somebody new opens the link in a browser.",
        request=AcceptedSerializer,
        responses={200: GivenRoleSerializer, 409: OpenApiResponse(ProblemSerializer, "It is not good any more.")},
        examples=[OpenApiExample("By its token", value={"token": "kZ0…"}, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Accept it."""
        given = AcceptedSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        now = timezone.now()
        found = selectors.invitation_by_token(given.validated_data["token"], now)
        token = self.token()
        if found is None or (token is not None and token.account_id not in (None, found.account_id)):
            raise _void()
        try:
            services.invitation_accept(by=self.person, invitation=found, now=now)
        except services.InvitationError:
            raise _void() from None
        organization = found.organization.org_id if found.organization else None
        account = found.account.number if found.account else None
        return Response({"role": found.role, "account": account, "organization": organization})


def _void() -> Refused:
    """Whatever is wrong with an invitation, the answer is the same."""
    return Refused([Fault("this invitation is not good any more", "token")], status_code=status.HTTP_409_CONFLICT)


def _made(request: Request, whole: Account | Organization) -> Response:
    given = NewInvitationSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    values = given.validated_data
    user: Any = request.user
    try:
        made, token = services.invitation_create(
            by=user,
            whole=whole,
            role=Role(values["role"]),
            addressee=values["addressee"],
            days=values["days"],
            now=timezone.now(),
        )
    except services.InvitationError as error:
        raise Refused([Fault(str(error), error.place)]) from None
    link = request.build_absolute_uri(reverse("web:invitation-open", args=[token]))
    sent = services.invitation_send(invitation=made, link=link)
    data = {**InvitationSerializer(made).data, "link": link, "sent": sent}
    return Response(data, status=status.HTTP_201_CREATED)


def _revoked(request: Request, whole: Account | Organization, pk: int) -> Response:
    found = selectors.open_invitations(whole, timezone.now()).filter(pk=pk).first()
    if found is None:
        raise Http404
    user: Any = request.user
    services.invitation_revoke(by=user, invitation=found, now=timezone.now())
    return Response(status=status.HTTP_204_NO_CONTENT)
