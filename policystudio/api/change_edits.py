"""The edits of a change over REST, each under its own version; and the merge of one whose base moved."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.accounts.models import Role
from policystudio.api.access import AccountListView
from policystudio.api.bodies import Body
from policystudio.api.change_answers import (
    CONFLICT,
    PROBLEMS,
    ChangeView,
    EditSerializer,
    EditValuesSerializer,
    edit_as_json,
    refusals,
)
from policystudio.api.preconditions import IF_MATCH, expected_version, with_etag
from policystudio.api.problems import Fault, Refused
from policystudio.changes import selectors, services
from policystudio.changes.models import Edit
from policystudio.engine.analyse.shadow import PAGE_BUDGET
from policystudio.engine.analyse.split import CannotSplit, split
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.lib import quotas


class EditFilter(django_filters.FilterSet):
    """Filters of the list."""

    kind = django_filters.ChoiceFilter(choices=Edit.Kind.choices, help_text="Only edits of this kind.")
    target = django_filters.CharFilter(help_text="The ARN or id of what is edited.")

    class Meta:
        model = Edit
        fields: ClassVar[list[str]] = []


class EditTextSerializer(Body):
    """What is written of an edit."""

    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="As `text` of the edit; else it stays."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared field, and `data`, whose name serializers have for themselves."""
        said = "As `data` of the edit, all of it; else it stays."
        return {**super().get_fields(), "data": serializers.DictField(required=False, help_text=said)}


class ConflictSerializer(serializers.Serializer):
    """Something that both sides made different."""

    what = serializers.CharField()
    base = serializers.CharField()
    theirs = serializers.CharField()
    mine = serializers.CharField()


class MergeSerializer(serializers.Serializer):
    """What became of what an edit was begun on."""

    moved = serializers.BooleanField(help_text="Whether something else stands there now.")
    now = serializers.DictField(allow_null=True, help_text="What stands there; null: nothing.")
    seen = serializers.CharField(help_text="Names `now`, for taking it over.")
    possible = serializers.BooleanField(help_text="Whether both changes fit together.")
    way = serializers.CharField(help_text="`same`, `lines`, `statements` or `values`.")
    text = serializers.CharField(help_text="The text after the merge; that of the edit where it is not possible.")
    conflicts = ConflictSerializer(many=True)


class SplitSerializer(serializers.Serializer):
    """A policy as several."""

    texts = serializers.ListField(child=serializers.CharField(), help_text="The first one stays in the edit.")
    proved = serializers.BooleanField(help_text="Whether it was proved that they allow the same together.")
    names = serializers.ListField(child=serializers.CharField(), help_text="Of the further policies.")
    identities = serializers.ListField(child=serializers.CharField(), help_text="ARNs of those who get them.")


class WholeTextSerializer(Body):
    """The text before the split."""

    text = serializers.CharField(trim_whitespace=False, help_text="As it stood before the split.")


class TakeSerializer(Body):
    """How the edit is to stand on what is there now."""

    seen = serializers.CharField(
        max_length=64, help_text="From the merge, so that nobody takes over what they did not see."
    )
    take = serializers.ChoiceField(["merged", "mine"], help_text="The merged text, or the edit as it is.")


_ATTACH = OpenApiExample(
    "Attach a policy",
    value={
        "kind": "attach",
        "target": "arn:aws:iam::444455556666:role/night",
        "other": "arn:aws:iam::444455556666:policy/models-read",
    },
    request_only=True,
)
_WRITTEN = OpenApiExample(
    "Another text", value={"text": '{"Version": "2012-10-17", "Statement": []}'}, request_only=True
)
_TAKEN = OpenApiExample("The merged text", value={"seen": "0" * 64, "take": "merged"}, request_only=True)


class Edits(ChangeView, AccountListView[Edit]):
    """The edits of a change."""

    queryset = Edit.objects.none()
    serializer_class = EditSerializer
    filterset_class = EditFilter
    orders = {"position": ("position",), "updated_at": ("updated_at",)}
    writing_role = Role.AUTHOR

    def get_queryset(self) -> QuerySet[Edit]:
        """In their order."""
        return selectors.edits_of(self.change_of(self.kwargs["change"]))

    def row_of(self, row: Edit) -> dict[str, Any]:
        """An edit with its base."""
        return edit_as_json(row)

    @extend_schema(
        operation_id="edits_list",
        summary="The edits of a change",
        description="In their order.",
    )
    def get(self, request: Request, number: str, change: int) -> Response:
        """One page of them."""
        return self.list(request)

    @extend_schema(
        operation_id="edits_create",
        summary="Put an edit into a change",
        description="412 where the change has an edit of the same that says something else: write that one. What was "
        "proposed or approved is a draft again. This needs the role author.",
        request=EditValuesSerializer,
        responses={201: EditSerializer, **PROBLEMS},
        examples=[_ATTACH],
    )
    def post(self, request: Request, number: str, change: int) -> Response:
        """Put one in."""
        found = self.change_of(change)
        given = EditValuesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals():
            made = services.edit_put(change=found, by=self.person, expected_version=None, **given.validated_data)
        return with_etag(Response(edit_as_json(made), status=status.HTTP_201_CREATED), made.version)


class OneEdit(ChangeView):
    """One edit."""

    http_method_names = ["get", "head", "put", "delete"]

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="edits_get",
        summary="One edit",
        description="With its version as ETag.",
        responses=EditSerializer,
    )
    def get(self, request: Request, number: str, change: int, id: int) -> Response:
        """One of them."""
        found = self.edit_of(change, id)
        return with_etag(Response(edit_as_json(found)), found.version)

    @extend_schema(
        operation_id="edits_update",
        summary="Write an edit",
        description="Its text, whether it parses or not, and its data. What was proposed or approved is a draft again. "
        "This needs the role author.",
        parameters=[IF_MATCH],
        request=EditTextSerializer,
        responses={200: EditSerializer, **PROBLEMS},
        examples=[_WRITTEN],
    )
    def put(self, request: Request, number: str, change: int, id: int) -> Response:
        """Write it."""
        found = self.edit_of(change, id)
        version = expected_version(request, found.version)
        given = EditTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = {"text": found.text, **given.validated_data}
        with refusals():
            done = services.edit_save(
                edit=found, by=self.person, expected_version=found.version if version is None else version, **values
            )
        return with_etag(Response(edit_as_json(done)), done.version)

    @extend_schema(
        operation_id="edits_delete",
        summary="Take an edit out",
        description="This needs the role author.",
        parameters=[IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, number: str, change: int, id: int) -> Response:
        """Take it out."""
        found = self.edit_of(change, id)
        version = expected_version(request, found.version)
        with refusals():
            services.edit_remove(edit=found, by=self.person, expected_version=version)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EditSplit(ChangeView):
    """A managed policy that is too long, as several."""

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="edits_split_get",
        summary="How may a policy be split?",
        description="The text of the edit as several that each fit a managed policy and allow the same together, the "
        "names of the further policies, and who gets them.",
        responses={200: SplitSerializer, **CONFLICT},
    )
    def get(self, request: Request, number: str, change: int, id: int) -> Response:
        """The texts."""
        found = self.edit_of(change, id)
        return with_etag(Response(_split(found)), found.version)

    @extend_schema(
        operation_id="edits_split",
        summary="Split a policy",
        description="The edit gets the first text; further edits make the other policies and attach them to whoever "
        "has the first. This needs the role author.",
        parameters=[IF_MATCH],
        request=None,
        responses={200: EditSerializer, **PROBLEMS},
    )
    def post(self, request: Request, number: str, change: int, id: int) -> Response:
        """Split it."""
        found = self.edit_of(change, id)
        version = expected_version(request, found.version)
        with refusals():
            done = services.edit_split(
                edit=found,
                by=self.person,
                expected_version=found.version if version is None else version,
                texts=_split(found)["texts"],
            )
        return with_etag(Response(edit_as_json(done)), done.version)


class EditUnsplit(ChangeView):
    """A policy that was split, as one again."""

    needed_role = Role.AUTHOR

    @extend_schema(
        operation_id="edits_unsplit",
        summary="Take a split back",
        description="The edit gets the text of the body, and what the split had made goes. This needs the role author.",
        parameters=[IF_MATCH],
        request=WholeTextSerializer,
        responses={200: EditSerializer, **PROBLEMS},
        examples=[_WRITTEN],
    )
    def post(self, request: Request, number: str, change: int, id: int) -> Response:
        """Take it back."""
        found = self.edit_of(change, id)
        version = expected_version(request, found.version)
        given = WholeTextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with refusals():
            done = services.edit_unsplit(
                edit=found,
                by=self.person,
                expected_version=found.version if version is None else version,
                text=given.validated_data["text"],
            )
        return with_etag(Response(edit_as_json(done)), done.version)


def _split(edit: Edit) -> dict[str, Any]:
    """How the text of an edit may be split; 409 where it cannot be."""
    try:
        if edit.policy_kind is None:
            raise services.EditError("only a managed policy can be split")
        texts = split(parse_policy(edit.text, edit.policy_kind), quotas.MANAGED_POLICY_SIZE, budget=PAGE_BUDGET)
        plan = services.split_plan(edit, len(texts.texts))
    except PolicyError as error:
        start = error.problems[0].span.start
        fault = Fault(error.problems[0].message, "text", where="path", line=start.line, column=start.column)
        raise Refused([fault], status_code=status.HTTP_409_CONFLICT) from None
    except (CannotSplit, services.EditError) as error:
        raise Refused([], detail=str(error), status_code=status.HTTP_409_CONFLICT) from None
    return {
        "texts": list(texts.texts),
        "proved": texts.proved,
        "names": list(plan.names),
        "identities": list(plan.bearers),
    }


class EditMerge(ChangeView):
    """An edit, and what became of what it was begun on."""

    writing_role = Role.AUTHOR

    @extend_schema(
        operation_id="edits_merge_get",
        summary="What became of what an edit was begun on?",
        description="And what comes of bringing both changes together, where they do not conflict.",
        responses=MergeSerializer,
    )
    def get(self, request: Request, number: str, change: int, id: int) -> Response:
        """The merge."""
        found = self.edit_of(change, id)
        merge = services.edit_merge(found)
        values = {
            "moved": merge is not None,
            "now": merge.now if merge else found.base,
            "seen": merge.digest if merge else services.base_digest(found.base),
            "possible": merge is None or merge.is_possible,
            "way": merge.way if merge else "same",
            "text": merge.text if merge else found.text,
            "conflicts": [
                {"what": one.what, "base": one.base, "theirs": one.theirs, "mine": one.mine}
                for one in (merge.conflicts if merge else ())
            ],
        }
        return with_etag(Response(values), found.version)

    @extend_schema(
        operation_id="edits_merge",
        summary="Let an edit stand on what is there now",
        description="With the merged text, or as it is. An approval of the change does not count any more. This needs "
        "the role author.",
        parameters=[IF_MATCH],
        request=TakeSerializer,
        responses={200: EditSerializer, **PROBLEMS},
        examples=[_TAKEN],
    )
    def post(self, request: Request, number: str, change: int, id: int) -> Response:
        """Take it over."""
        found = self.edit_of(change, id)
        version = expected_version(request, found.version)
        given = TakeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        merge = services.edit_merge(found)
        merged = given.validated_data["take"] == "merged"
        if merged and merge is not None and not merge.is_possible:
            raise Refused([], detail="both changed the same: take `mine`, or write another text", status_code=409)
        with refusals():
            done = services.edit_rebase(
                edit=found,
                by=self.person,
                expected_version=found.version if version is None else version,
                seen=given.validated_data["seen"],
                text=merge.text if merged and merge else None,
                data=merge.data if merged and merge else None,
            )
        return with_etag(Response(edit_as_json(done)), done.version)
