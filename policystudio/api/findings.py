"""The findings of a whole account, and what of them is waived."""

from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountView
from policystudio.api.paging import Page, read_bounds
from policystudio.api.problems import Fault, Refused
from policystudio.api.validation import FINDING_TYPES, PathElementSerializer, TextPositionSerializer
from policystudio.engine.lint.finding import Origin
from policystudio.findings import selectors, services
from policystudio.findings.models import Finding, Waiver

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


class AccountFindingsSerializer(serializers.Serializer):
    """A page of findings."""

    worked_at = serializers.DateTimeField(allow_null=True, help_text="When they were worked out; null: never yet.")
    current = serializers.BooleanField(help_text="Whether nothing has changed since.")
    next = serializers.CharField(allow_null=True, help_text="The `cursor` of the next page; null on the last one.")
    results = AccountFindingSerializer(many=True)


class WaiversSerializer(serializers.Serializer):
    """All waivers of an account."""

    results = WaiverSerializer(many=True)


class WaivingSerializer(serializers.Serializer):
    """What is to be waived: `finding`, or `code`, not both."""

    finding = serializers.IntegerField(required=False, min_value=1, help_text="The `id` of a finding.")
    code = serializers.CharField(required=False, max_length=96, help_text="Every finding of this code.")
    reason = serializers.CharField(max_length=1000, help_text="Why it may stay.")
    owner = serializers.CharField(
        required=False, max_length=150, help_text="The sign-in name of who answers for it; by default whoever asks."
    )
    until = serializers.DateField(help_text="The last day, at most a year from now.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("finding" in attrs) is ("code" in attrs):
            raise serializers.ValidationError({"finding": "write either `finding` or `code`"})
        return attrs


def _query(name: str, said: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, more.pop("kind", str), description=said, **more)


class Findings(AccountView):
    """The findings of an account."""

    parameters: ClassVar[frozenset[str]] = frozenset(
        {"type", "code", "policy", "identity", "waived", "aws_managed", "limit", "cursor"}
    )

    @extend_schema(
        operation_id="findings_list",
        summary="The findings of an account",
        description="The gravest first, in pages: `next` is the `cursor` of the page that follows. What is waived is "
        "among them. They are worked out anew in the background when something changes.",
        parameters=[
            _query("type", "Only findings of this type.", enum=FINDING_TYPES),
            _query("code", "Only findings with this code."),
            _query("policy", "The ARN of a managed policy, or the id of an organization policy."),
            _query("identity", "The ARN of an identity: itself and all policies that it has."),
            _query("waived", "Only what is waived now, or only what is not.", enum=YES_NO),
            _query("aws_managed", "`yes`: those in policies that AWS manages instead of the others.", enum=YES_NO),
            _query("limit", "How many at most: 1 to 1,000, by default 100.", kind=int),
            _query("cursor", "The `next` of the page before."),
        ],
        responses=AccountFindingsSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """One page."""
        asked = request.query_params
        limit, _ = read_bounds(request, Page.default_limit, Page.max_limit)
        _check(request, "type", FINDING_TYPES)
        _check(request, "waived", YES_NO)
        _check(request, "aws_managed", YES_NO)
        names = ("type", "code", "policy", "identity", "waived")
        wanted = selectors.FindingFilter(**{name: asked.get(name, "") for name in names})
        today, folded = timezone.now().date(), asked.get("aws_managed") == "yes"
        found = selectors.findings_of(self.account, wanted, today, folded=folded)
        try:
            rows, behind = selectors.page_of(found, limit, asked.get("cursor", ""))
        except ValueError:
            raise Refused([Fault("is none: take the `next` of an answer", "cursor", where="query")]) from None
        state = selectors.state_of(self.account)
        results = [selectors.finding_as_json(row) for row in rows]
        return Response(
            {"worked_at": state.worked_at, "current": state.current, "next": behind or None, "results": results}
        )


class Waivers(AccountView):
    """The waivers of an account."""

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="waivers_list",
        summary="What is waived",
        description="Those that end first come first; those that have ended are among them.",
        responses=WaiversSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """All of them."""
        return Response({"results": [selectors.waiver_as_json(one) for one in selectors.waivers_of(self.account)]})

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
                owner=_person(values["owner"]) if "owner" in values else self.person,
                until=values["until"],
                now=timezone.now(),
            )
        except services.WaiverError as error:
            raise Refused(Fault(message, name) for name, message in error.problems.items()) from None
        return Response(selectors.waiver_as_json(waiver), status=status.HTTP_201_CREATED)

    def _finding(self, pk: int | None) -> Finding | None:
        if pk is None:
            return None
        try:
            return selectors.finding_get(self.account, pk)
        except (Finding.DoesNotExist, OverflowError):
            raise Refused([Fault(f"there is no finding {pk}: it may be gone", "finding")]) from None


class OneWaiver(AccountView):
    """One waiver."""

    needed_role: ClassVar[Role] = Role.AUTHOR
    http_method_names = ["delete"]

    @extend_schema(
        operation_id="waivers_delete",
        summary="End a waiver",
        description="What it was about counts again at once. This needs the role author.",
        responses={204: None},
    )
    def delete(self, request: Request, number: str, id: int) -> Response:
        """End it."""
        try:
            waiver = selectors.waiver_get(self.account, id)
        except (Waiver.DoesNotExist, OverflowError):
            raise Http404 from None
        services.waiver_remove(by=self.person, waiver=waiver, now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _check(request: Request, name: str, known: tuple[str, ...] | list[str]) -> None:
    written = request.query_params.get(name)
    if written is not None and written not in known:
        raise Refused([Fault(f"must be one of {', '.join(known)}", name, where="query")])


def _person(name: str) -> AbstractBaseUser:
    user = get_user_model().objects.filter(username=name).first()
    if user is None:
        raise Refused([Fault(f"nobody signs in as `{name}`", "owner")])
    return user
