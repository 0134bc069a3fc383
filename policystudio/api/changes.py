"""Changes over REST: drafted, described, taken from step to step, commented, rolled back."""

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountListView
from policystudio.api.bodies import Body
from policystudio.api.change_answers import (
    CONFLICT,
    PROBLEMS,
    AccountChangeSerializer,
    ChangeView,
    EditValuesSerializer,
    SaidSerializer,
    WholeChangeSerializer,
    change_as_json,
    refusals,
    said_as_json,
    whole_as_json,
)
from policystudio.api.preconditions import IF_MATCH, expected_version, with_etag
from policystudio.changes import selectors, services
from policystudio.changes.models import Change


class ChangeFilter(django_filters.FilterSet):
    """Filters of the list."""

    state = django_filters.MultipleChoiceFilter(choices=Change.State.choices, help_text="In which states.")
    author = django_filters.CharFilter("author_name", help_text="The sign-in name of who began it.")
    search = django_filters.CharFilter("title", "icontains", help_text="A part of the title, in any letter case.")

    class Meta:
        model = Change
        fields: ClassVar[list[str]] = []


class DescriptionSerializer(Body):
    """The words of a change."""

    title = serializers.CharField(max_length=200, help_text="One line.")
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=20_000, help_text="Why, for people."
    )


class DraftSerializer(DescriptionSerializer):
    """A new change."""

    edits = EditValuesSerializer(many=True, required=False, help_text="All of them are taken, or none.")


class ChangeStepSerializer(Body):
    """What is said with a step."""

    comment = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class RejectionSerializer(Body):
    """Why a change is not taken."""

    comment = serializers.CharField(max_length=20_000, help_text="What has to be different, so that one can go on.")


class CommentTextSerializer(Body):
    """What is said about a change."""

    comment = serializers.CharField(max_length=20_000)


_DRAFT = OpenApiExample(
    "Attach a policy",
    value={
        "title": "Let the night job read its models",
        "edits": [
            {
                "kind": "attach",
                "target": "arn:aws:iam::444455556666:role/night",
                "other": "arn:aws:iam::444455556666:policy/models-read",
            }
        ],
    },
    request_only=True,
)
_SAID = OpenApiExample("With a word", value={"comment": "As agreed with the team."}, request_only=True)


class Changes(AccountListView[Change]):
    """The changes of an account."""

    queryset = Change.objects.none()
    filterset_class = ChangeFilter
    serializer_class = AccountChangeSerializer
    orders = {
        "newest": ("-number",),
        "updated_at": ("updated_at",),
        "published_at": ("published_at",),
        "title": ("title",),
    }

    writing_role = Role.AUTHOR

    def row_of(self, row: Change) -> dict[str, Any]:
        """As it stands in the list."""
        return change_as_json(row)

    def get_queryset(self) -> QuerySet[Change]:
        """The newest first."""
        return selectors.changes_of(self.account).select_related("reverts")

    @extend_schema(operation_id="changes_list", summary="The changes of an account", description="The newest first.")
    def get(self, request: Request, number: str) -> Response:
        """A page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="changes_create",
        summary="Draft a change",
        description="With its edits, or without any yet. Nothing of the account changes before the change is "
        "published. This needs the role author.",
        request=DraftSerializer,
        responses={201: WholeChangeSerializer},
        examples=[_DRAFT],
    )
    def post(self, request: Request, number: str) -> Response:
        """Draft a new one."""
        given = DraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        edits = [dict(one) for one in values.pop("edits", ())]
        with refusals():
            made = services.change_draft(account=self.account, by=self.person, edits=edits, **values)
        response = Response(whole_as_json(made), status=status.HTTP_201_CREATED)
        return with_etag(response, made.version)


class OneChange(ChangeView):
    """One change."""

    http_method_names = ["get", "head", "put"]

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="changes_get",
        summary="One change",
        description="With its edits, what was said about it, and what is in its way; its version is the ETag.",
        responses=WholeChangeSerializer,
    )
    def get(self, request: Request, number: str, change: int) -> Response:
        """One of them."""
        found = self.change_of(change)
        return with_etag(Response(whole_as_json(found)), found.version)

    @extend_schema(
        operation_id="changes_update",
        summary="Describe a change anew",
        description="Its title and description, while it is open. This needs the role author.",
        parameters=[IF_MATCH],
        request=DescriptionSerializer,
        responses={200: WholeChangeSerializer, **PROBLEMS},
        examples=[
            OpenApiExample("Another title", value={"title": "Let the night job read its models"}, request_only=True)
        ],
    )
    def put(self, request: Request, number: str, change: int) -> Response:
        """Its title and description."""
        found = self.change_of(change)
        version = expected_version(request, found.version)
        given = DescriptionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals():
            done = services.change_update(
                change=found, by=self.person, expected_version=version, **given.validated_data
            )
        return with_etag(Response(whole_as_json(done)), done.version)


class StepView(ChangeView):
    """A step of a change: ``take`` is its service."""

    http_method_names = ["post"]
    needs_body = False
    take: Callable[..., Change]
    words: type[serializers.Serializer] = ChangeStepSerializer

    def post(self, request: Request, number: str, change: int) -> Response:
        """Take the step."""
        found = self.change_of(change)
        version = expected_version(request, found.version)
        given = type(self).words(data=request.data)
        given.is_valid(raise_exception=True)
        comment = given.validated_data.get("comment", "")
        with refusals():
            done = type(self).take(change=found, by=self.person, expected_version=version, comment=comment)
        return with_etag(Response(whole_as_json(done)), done.version)


def _step(
    name: str,
    take: Callable[..., Change],
    role: Role,
    summary: str,
    description: str,
    words: type[serializers.Serializer] = ChangeStepSerializer,
) -> type[StepView]:
    schema = extend_schema(
        operation_id=f"changes_{name}",
        summary=summary,
        description=f"{description} This needs the role {role.label}.",
        parameters=[IF_MATCH],
        request=words,
        responses={200: WholeChangeSerializer, **PROBLEMS},
        examples=[_SAID],
    )
    body: dict[str, Any] = {
        "__doc__": summary,
        "__module__": __name__,
        "take": staticmethod(take),
        "needed_role": role,
        "words": words,
        "needs_body": words is not ChangeStepSerializer,
    }
    view = type(f"{name.capitalize()}Change", (StepView,), body)
    return extend_schema_view(post=schema)(view)


Propose = _step(
    "propose",
    services.change_propose,
    Role.AUTHOR,
    "Propose a change",
    "A draft that could be published as it is: every text parses, every edit can be applied.",
)
Approve = _step(
    "approve",
    services.change_approve,
    Role.APPROVER,
    "Approve a change",
    "Exactly as it is: an edit afterwards takes it back to draft. Where the account asks for a second person, not by "
    "somebody who wrote an edit of it.",
)
Reject = _step(
    "reject",
    services.change_reject,
    Role.APPROVER,
    "Reject a change",
    "With a comment that says what has to be different.",
    RejectionSerializer,
)
Withdraw = _step(
    "withdraw", services.change_withdraw, Role.AUTHOR, "Withdraw a change", "It stays to be read, and can be reopened."
)
Reopen = _step(
    "reopen", services.change_reopen, Role.AUTHOR, "Reopen a change", "It is a draft again, and approved no more."
)
Publish = _step(
    "publish",
    services.change_publish,
    Role.APPROVER,
    "Publish an approved change",
    "All of it or nothing. Where something that an edit was begun on was changed since, nothing is published, and the "
    "answer says which edit and what became of it.",
)


class RollBack(ChangeView):
    """A published change as a new draft that takes it back."""

    http_method_names = ["post"]
    needed_role = Role.AUTHOR

    @extend_schema(
        operation_id="changes_roll_back",
        summary="Draft what takes a published change back",
        description="What was changed since is in the new draft's way, and can be merged. This needs the role author.",
        request=None,
        responses={201: WholeChangeSerializer, **CONFLICT},
    )
    def post(self, request: Request, number: str, change: int) -> Response:
        """Draft it."""
        found = self.change_of(change)
        with refusals():
            made = services.change_roll_back(change=found, by=self.person)
        return with_etag(Response(whole_as_json(made), status=status.HTTP_201_CREATED), made.version)


class Comments(ChangeView):
    """What is said about a change."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="changes_comment",
        summary="Say something about a change",
        description="All members of the account may.",
        request=CommentTextSerializer,
        responses={201: SaidSerializer},
        examples=[_SAID],
    )
    def post(self, request: Request, number: str, change: int) -> Response:
        """Say it."""
        found = self.change_of(change)
        given = CommentTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals():
            said = services.comment_add(change=found, by=self.person, text=given.validated_data["comment"])
        return Response(said_as_json(said), status=status.HTTP_201_CREATED)
