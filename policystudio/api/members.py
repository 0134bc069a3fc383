"""Who has which role in an account, or in every account of an organization."""

from typing import Any, ClassVar

import django_filters
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts import selectors, services
from policystudio.accounts.models import Membership, Organization, OrganizationMembership, Role, Source
from policystudio.api.access import AccountListView, AccountView, ApiView, ListView
from policystudio.api.bodies import Body
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_tag, stale
from policystudio.api.problems import Fault, Refused

ROLES = [str(one) for one in Role.values]
SOURCES = [str(one) for one in Source.values]
_ORDERS = {"user": ("user__username", "source")}
_ONE = "Of two roles the one that was given, whose version the ETag is; of a role by groups alone, the ETag of none."
_GIVE = (
    "In the place of the one that they were given before; `If-Match: *` whichever that is, also where it is none. "
    "Just to somebody with a role in {}: nobody learns here who else signs in. Others are sent an invitation."
)
_AUTHOR = OpenApiExample("An author", value={"role": "author"}, request_only=True)


class WantedRoleSerializer(Body):
    """The role that somebody is to have."""

    role = serializers.ChoiceField(ROLES, help_text="viewer, author, approver or administrator.")


class MemberSerializer(serializers.Serializer):
    """Somebody with a role."""

    user = serializers.CharField(source="user.username", help_text="The sign-in name.")
    role = serializers.ChoiceField(ROLES, help_text="Of several, the highest counts.")
    source = serializers.ChoiceField(  # type: ignore[assignment]  # declared fields are taken out of the class
        SOURCES,
        help_text="`granted`: by an administrator; `groups`: by groups at the identity provider.",
    )


class MemberFilter(django_filters.FilterSet):
    """Filters of the list."""

    user = django_filters.CharFilter("user__username", help_text="The sign-in name.")
    role = django_filters.ChoiceFilter(choices=Role.choices, help_text="Just this role.")

    class Meta:
        model = Membership
        fields: ClassVar[list[str]] = []


class OrganizationMemberFilter(MemberFilter):
    """The same for the members of an organization."""

    class Meta:
        model = OrganizationMembership
        fields: ClassVar[list[str]] = []


class WholeOrganizationView(ApiView):
    """An endpoint about all of an organization: 404 for whoever has no role in the whole of it, nor may a token that is
    for one account ask; 403 for a lesser role than it needs."""

    needed_role: ClassVar[Role] = Role.VIEWER
    writing_role: ClassVar[Role] = Role.ADMINISTRATOR
    organization: Organization

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the organization as well."""
        super().initial(request, *args, **kwargs)
        token = self.token()
        found = selectors.organizations_visible_to(request.user).filter(org_id=kwargs["id"]).first()
        if found is None or (token is not None and token.account_id is not None):
            raise Http404
        role = self.needed_role if request.method in SAFE_METHODS else self.writing_role
        if not selectors.may_in_organization(request.user, found, role):
            raise PermissionDenied(f"this needs the role {role.label} in the whole organization")
        self.organization = found


class Members(AccountListView[Membership]):
    """The members of an account."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    filterset_class = MemberFilter
    orders = _ORDERS

    def get_queryset(self) -> QuerySet[Membership]:
        """Those of the account."""
        return selectors.members_of(self.account)

    @extend_schema(
        operation_id="members_list",
        summary="Members of an account",
        description="Those with a role in it. Whoever has one in the whole organization is among its members.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)


class OneMember(AccountView):
    """The role of somebody in an account."""

    http_method_names = ["get", "head", "put", "delete"]
    writing_role = Role.ADMINISTRATOR

    @extend_schema(
        operation_id="members_get", summary="A member of an account", description=_ONE, responses=MemberSerializer
    )
    def get(self, request: Request, number: str, user: str) -> Response:
        """Their role."""
        return _held(selectors.members_of(self.account), user)

    @extend_schema(
        operation_id="members_set",
        summary="Give a role",
        description=_GIVE.format("an account that you see"),
        parameters=[IF_MATCH],
        request=WantedRoleSerializer,
        responses={200: MemberSerializer, **PRECONDITION_PROBLEMS},
        examples=[_AUTHOR],
    )
    def put(self, request: Request, number: str, user: str) -> Response:
        """Give it."""
        seen, role, who = expected_tag(request), _role(request), _person(self, user)
        return _tried(services.membership_grant, by=self.person, user=who, account=self.account, role=role, seen=seen)

    @extend_schema(
        operation_id="members_remove",
        summary="Take a role away",
        parameters=[IF_MATCH],
        responses={204: None, **PRECONDITION_PROBLEMS},
    )
    def delete(self, request: Request, number: str, user: str) -> Response:
        """Take it away."""
        seen, who = expected_tag(request), _granted(selectors.members_of(self.account), user)
        return _tried(services.membership_revoke, by=self.person, user=who, account=self.account, seen=seen)


class OrganizationMembers(WholeOrganizationView, ListView[OrganizationMembership]):
    """The members of a whole organization."""

    queryset = OrganizationMembership.objects.none()
    serializer_class = MemberSerializer
    filterset_class = OrganizationMemberFilter
    orders = _ORDERS

    def get_queryset(self) -> QuerySet[OrganizationMembership]:
        """Those of the organization."""
        return selectors.organization_members_of(self.organization)

    @extend_schema(
        operation_id="organizations_members_list",
        summary="Members of an organization",
        description="Those with a role in every account of it, now and later. You need one, too.",
    )
    def get(self, request: Request, id: str) -> Response:
        """One page of them."""
        return self.list(request)


class OneOrganizationMember(WholeOrganizationView):
    """The role of somebody in every account of an organization."""

    http_method_names = ["get", "head", "put", "delete"]

    @extend_schema(
        operation_id="organizations_members_get",
        summary="A member of an organization",
        description=_ONE,
        responses=MemberSerializer,
    )
    def get(self, request: Request, id: str, user: str) -> Response:
        """Their role."""
        return _held(selectors.organization_members_of(self.organization), user)

    @extend_schema(
        operation_id="organizations_members_set",
        summary="Give a role in an organization",
        description="In every account of it. " + _GIVE.format("it, or in an account that you see"),
        parameters=[IF_MATCH],
        request=WantedRoleSerializer,
        responses={200: MemberSerializer, **PRECONDITION_PROBLEMS},
        examples=[_AUTHOR],
    )
    def put(self, request: Request, id: str, user: str) -> Response:
        """Give it."""
        seen, role, who = expected_tag(request), _role(request), _person(self, user)
        grant, whole = services.organization_membership_grant, self.organization
        return _tried(grant, by=self.person, user=who, organization=whole, role=role, seen=seen)

    @extend_schema(
        operation_id="organizations_members_remove",
        summary="Take a role in an organization away",
        description="Roles in single accounts stay.",
        parameters=[IF_MATCH],
        responses={204: None, **PRECONDITION_PROBLEMS},
    )
    def delete(self, request: Request, id: str, user: str) -> Response:
        """Take it away."""
        seen, who = expected_tag(request), _granted(selectors.organization_members_of(self.organization), user)
        revoke, whole = services.organization_membership_revoke, self.organization
        return _tried(revoke, by=self.person, user=who, organization=whole, seen=seen)


def _role(request: Request) -> Role:
    given = WantedRoleSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return Role(given.validated_data["role"])


def _person(view: ApiView, name: str) -> AbstractBaseUser:
    """404 for nobody, and alike for somebody whom the client knows nothing of."""
    found = selectors.person_known(name, by=view.person, accounts=view.visible_accounts())
    if found is None:
        message = "nobody of this name has a role in an account that you see: send them an invitation"
        raise Refused([Fault(message, "user", where="path")], status_code=status.HTTP_404_NOT_FOUND)
    return found


def _held(members: QuerySet[Any], name: str) -> Response:
    """The role of somebody; of two the one that they were given, which can be changed. The ETag is of that one."""
    found = sorted(members.filter(user__username=name), key=lambda one: one.source != Source.GRANTED)
    if not found:
        raise Http404
    return _told(found[0])


def _granted(members: QuerySet[Any], name: str) -> AbstractBaseUser:
    found = members.filter(user__username=name, source=Source.GRANTED).first()
    if found is None:
        raise Http404
    user: AbstractBaseUser = found.user
    return user


def _told(member: Membership | OrganizationMembership) -> Response:
    response = Response(MemberSerializer(member).data)
    response.headers["ETag"] = f'"{selectors.role_stamp(member.role if member.source == Source.GRANTED else None)}"'
    return response


def _tried(service: Any, **arguments: Any) -> Response:
    """What the service made of it; 409 where the last administrator would lose the role, 412 where it was another."""
    try:
        made = service(**arguments)
    except services.StaleMembershipError as error:
        raise stale(str(error)) from None
    except services.MembershipError as error:
        fault = Fault(str(error), "user", where="path")
        raise Refused([fault], status_code=status.HTTP_409_CONFLICT) from None
    return _told(made) if made else Response(status=status.HTTP_204_NO_CONTENT)
