"""The findings of a whole account, and what of them is waived."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Account, Role
from policystudio.api.access import AccountListView, AccountView
from policystudio.api.bodies import Body
from policystudio.api.paging import Page
from policystudio.api.preconditions import IF_MATCH, PRECONDITION_PROBLEMS, expected_tag, stale
from policystudio.api.problems import Fault, Refused
from policystudio.api.validation import FINDING_TYPES, PathElementSerializer, TextPositionSerializer
from policystudio.engine.lint.finding import Origin
from policystudio.findings import selectors, services
from policystudio.findings.models import Finding, Waiver
from policystudio.lib.said import Absent

SUBJECTS = [each.value for each in Finding.Subject]
YES_NO = ("yes", "no")


class WaiverSerializer(serializers.Serializer):
    """A finding, or a code, that somebody answers for."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    target = serializers.CharField(help_text="The ARN or id of what the finding is about; empty for the whole code.")
    name = serializers.CharField(help_text="The name of the inline policy, or empty.")
    reason = serializers.CharField()
    owner = serializers.CharField(help_text="The sign-in name of who answers for it.")
    until = serializers.DateField(help_text="The last day; then the finding counts again.")
    created_by = serializers.CharField()
    created = serializers.DateTimeField()


class AccountFindingSerializer(serializers.Serializer):
    """A finding, with where it stands."""

    id = serializers.IntegerField()
    code = serializers.CharField(help_text="AWS's issue code, or one that begins with `STUDIO_`.")
    type = serializers.ChoiceField(FINDING_TYPES)
    message = serializers.CharField()
    about = serializers.ChoiceField(SUBJECTS, help_text="What it is about.")
    target = serializers.CharField(help_text="The ARN of the policy or identity, or the id of the organization policy.")
    name = serializers.CharField(help_text="The name of the inline policy, or empty.")
    path = PathElementSerializer(many=True, help_text="The path in the document; empty for what is about an identity.")
    start = TextPositionSerializer(allow_null=True)
    end = TextPositionSerializer(allow_null=True)
    aws_managed = serializers.BooleanField(help_text="Whether it is in a policy that AWS manages.")
    evidence = serializers.DictField(help_text="What proves it: for a path, the concrete requests.")
    first_seen = serializers.DateTimeField()
    waiver = WaiverSerializer(allow_null=True, help_text="Also one that has ended: then the finding counts again.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and those whose names the class has for itself."""
        origins = serializers.ChoiceField([each.value for each in Origin], help_text="Whose check it is.")
        label = serializers.CharField(help_text="Where it is, in a few words.")
        return {**super().get_fields(), "label": label, "source": origins}


class WaiverTextSerializer(Body):
    """Why something is waived, who answers for it, and how long."""

    reason = serializers.CharField(max_length=1000, help_text="Why it may stay.")
    owner = serializers.CharField(
        required=False, max_length=150, help_text="The sign-in name of who answers for it; by default whoever asks."
    )
    until = serializers.DateField(help_text="The last day, at most a year from now.")


class WaivingSerializer(WaiverTextSerializer):
    """What is to be waived: `finding`, or `code`, not both."""

    finding = serializers.IntegerField(required=False, min_value=1, help_text="The `id` of a finding.")
    code = serializers.CharField(required=False, max_length=96, help_text="Every finding of this code.")

    @staticmethod
    def shaped(schema: dict[str, Any], _of: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        """One of the two."""
        return {**schema, "oneOf": [{"required": ["finding"]}, {"required": ["code"]}]}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("finding" in attrs) is ("code" in attrs):
            raise serializers.ValidationError({"finding": "write either `finding` or `code`"})
        return attrs


class FindingFilter(django_filters.FilterSet):
    """Filters of the list: those of the page."""

    type = django_filters.ChoiceFilter(choices=[(one, one) for one in FINDING_TYPES], help_text="Of this type.")
    code = django_filters.CharFilter(help_text="With this code.")
    policy = django_filters.CharFilter(help_text="The ARN of a managed policy, or the id of an organization policy.")
    identity = django_filters.CharFilter(help_text="The ARN of an identity: itself and all policies that it has.")
    waived = django_filters.ChoiceFilter(
        choices=[(one, one) for one in YES_NO], help_text="Only what is waived now, or only what is not."
    )
    aws_managed = django_filters.ChoiceFilter(
        choices=[(one, one) for one in YES_NO],
        help_text="`yes`: those in policies that AWS manages instead of the others.",
    )

    class Meta:
        model = Finding
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        """What the selector lets through."""
        asked = {name: value or "" for name, value in self.form.cleaned_data.items()}
        folded = asked.pop("aws_managed") == "yes"
        wanted = selectors.FindingFilter(**asked)
        account: Account = self.request.parser_context["view"].account
        today = timezone.now().date()
        return selectors.findings_of(account, wanted, today, folded=folded)


class FindingsPage(Page):
    """A page that also says of when its findings are."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The rows, and how far they are worked out."""
        self.state = selectors.state_of(view.account)
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        """The page, with when it was worked out."""
        response = super().get_paginated_response(data)
        response.data |= {"worked_at": self.state.worked_at, "current": self.state.current}
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for the OpenAPI document."""
        described = super().get_paginated_response_schema(schema)
        described["required"] += ["worked_at", "current"]
        described["properties"] |= {
            "worked_at": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When they were worked out; null: never yet.",
            },
            "current": {"type": "boolean", "description": "Whether nothing has changed since."},
        }
        return described


class Findings(AccountListView[Finding]):
    """The findings of an account."""

    queryset = Finding.objects.none()
    serializer_class = AccountFindingSerializer
    filterset_class = FindingFilter
    pagination_class = FindingsPage
    orders = {"gravest": ("rank", "code"), "code": ("code",), "first_seen": ("first_seen_at",)}

    def get_queryset(self) -> QuerySet[Finding]:
        """All of the account's; the filter chooses."""
        return Finding.objects.filter(account=self.account)

    def row_of(self, row: Finding) -> dict[str, Any]:
        """With where it stands."""
        return selectors.finding_as_json(row)

    @extend_schema(
        operation_id="findings_list",
        summary="The findings of an account",
        description="The gravest first. What is waived is among them. They are worked out anew in the background when "
        "something changes.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page."""
        return self.list(request)


class OneFinding(AccountView):
    """One finding."""

    @extend_schema(
        operation_id="findings_get",
        summary="One finding",
        description="404 as soon as it is gone.",
        responses=AccountFindingSerializer,
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One of them."""
        try:
            return Response(selectors.finding_as_json(selectors.finding_get(self.account, id)))
        except (Finding.DoesNotExist, OverflowError):
            raise Http404 from None


class WaiverFilter(django_filters.FilterSet):
    """Filters of the list."""

    code = django_filters.CharFilter(help_text="Of this code.")
    target = django_filters.CharFilter(help_text="The ARN or id of what the finding is about.")
    owner = django_filters.CharFilter("owner_name", help_text="The sign-in name of who answers for it.")

    class Meta:
        model = Waiver
        fields: ClassVar[list[str]] = []


class Waivers(AccountListView[Waiver]):
    """The waivers of an account."""

    queryset = Waiver.objects.none()
    serializer_class = WaiverSerializer
    filterset_class = WaiverFilter
    orders = {"until": ("until", "code"), "code": ("code",), "created": ("created_at",)}
    writing_role = Role.AUTHOR

    def get_queryset(self) -> QuerySet[Waiver]:
        """Those that end first."""
        return selectors.waivers_of(self.account)

    def row_of(self, row: Waiver) -> dict[str, Any]:
        """As it is told."""
        return selectors.waiver_as_json(row)

    @extend_schema(
        operation_id="waivers_list",
        summary="What is waived",
        description="Those that end first come first; those that have ended are among them.",
    )
    def get(self, request: Request, number: str) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="waivers_create",
        summary="Waive a finding or a code",
        description="An earlier waiver of the same is replaced. This needs the role author.",
        request=WaivingSerializer,
        responses={201: WaiverSerializer},
        examples=[
            OpenApiExample(
                "A code for a while",
                value={"code": "STUDIO_ROLE_UNUSED", "reason": "The audit looks at these.", "until": "2026-12-31"},
                request_only=True,
            )
        ],
    )
    def post(self, request: Request, number: str) -> Response:
        """Waive it."""
        given = WaivingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        try:
            waiver = services.waiver_grant(
                by=self.person,
                account=self.account,
                finding=self._finding(values.get("finding")),
                code=values.get("code", ""),
                reason=values["reason"],
                owner=_person(values["owner"], self.account) if "owner" in values else self.person,
                until=values["until"],
                now=timezone.now(),
            )
        except services.WaiverError as error:
            raise _refused(error) from None
        return _told(waiver, status.HTTP_201_CREATED)

    def _finding(self, pk: int | None) -> Finding | None:
        if pk is None:
            return None
        try:
            return selectors.finding_get(self.account, pk)
        except (Finding.DoesNotExist, OverflowError):
            raise Refused([Fault(Absent(f"there is no finding {pk}: it may be gone"), "finding")]) from None


class OneWaiver(AccountView):
    """One waiver."""

    writing_role = Role.AUTHOR
    http_method_names = ["get", "head", "put", "delete"]

    @extend_schema(
        operation_id="waivers_get",
        summary="One waiver",
        description="With its version as ETag.",
        responses=WaiverSerializer,
    )
    def get(self, request: Request, number: str, id: int) -> Response:
        """One of them."""
        return _told(self._found(id))

    @extend_schema(
        operation_id="waivers_update",
        summary="Give a waiver another reason, owner or end",
        description="All three of them. This needs the role author.",
        parameters=[IF_MATCH],
        request=WaiverTextSerializer,
        responses={200: WaiverSerializer, **PRECONDITION_PROBLEMS},
        examples=[OpenApiExample("Longer", value={"reason": "The audit is late.", "until": "2027-03-31"})],
    )
    def put(self, request: Request, number: str, id: int) -> Response:
        """Write it anew."""
        waiver, seen = self._found(id), expected_tag(request)
        given = WaiverTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if seen not in (None, _tag(waiver)):
            raise stale("somebody changed the waiver meanwhile: read it again")
        try:
            written = services.waiver_change(
                by=self.person,
                waiver=waiver,
                reason=values["reason"],
                owner=_person(values["owner"], self.account) if "owner" in values else self.person,
                until=values["until"],
                now=timezone.now(),
                seen=waiver.stamp if seen else "",
            )
        except services.WaiverError as error:
            if "waiver" in error.problems:
                raise stale(error.problems["waiver"]) from None
            raise _refused(error) from None
        return _told(written)

    @extend_schema(
        operation_id="waivers_delete",
        summary="End a waiver",
        description="What it was about counts again at once. This needs the role author.",
        parameters=[IF_MATCH],
        responses={204: None, **PRECONDITION_PROBLEMS},
    )
    def delete(self, request: Request, number: str, id: int) -> Response:
        """End it."""
        waiver, seen = self._found(id), expected_tag(request)
        if seen not in (None, _tag(waiver)):
            raise stale("somebody changed the waiver meanwhile: read it again")
        services.waiver_remove(by=self.person, waiver=waiver, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _found(self, pk: int) -> Waiver:
        try:
            return selectors.waiver_get(self.account, pk)
        except (Waiver.DoesNotExist, OverflowError):
            raise Http404 from None


def _tag(waiver: Waiver) -> str:
    """Another one after every change."""
    return hashlib.sha256(waiver.stamp.encode()).hexdigest()[:16]


def _told(waiver: Waiver, code: int = status.HTTP_200_OK) -> Response:
    response = Response(selectors.waiver_as_json(waiver), status=code)
    response.headers["ETag"] = f'"{_tag(waiver)}"'
    return response


def _refused(error: services.WaiverError) -> Refused:
    return Refused(Fault(message, name) for name, message in error.problems.items())


def _person(name: str, account: Account) -> AbstractBaseUser:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        # The same is said of somebody who is here and has no role: nobody learns who is.
        raise Refused([Fault(Absent(f"`{name}` has no role in {account.name}: name one of its members"), "owner")])
    return user
