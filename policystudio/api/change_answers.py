"""Changes and their edits as REST answers with them, and what refuses them as problems."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse
from rest_framework import exceptions, serializers, status

from policystudio.api.access import AccountView
from policystudio.api.bodies import Body
from policystudio.api.preconditions import PRECONDITION_PROBLEMS, stale
from policystudio.api.problems import Fault, ProblemSerializer, Refused
from policystudio.changes import selectors, services
from policystudio.changes.models import Change, Comment, Edit
from policystudio.changes.selectors.words import headline

STATES = [str(one) for one in Change.State.values]
KINDS = [str(one) for one in Edit.Kind.values]
COMMENT_KINDS = [str(one) for one in Comment.Kind.values]
_CONFLICT = "The change is not in a state for that, or something is in its way; `errors` says what."
CONFLICT = {409: OpenApiResponse(ProblemSerializer, _CONFLICT)}
PROBLEMS = {**CONFLICT, **PRECONDITION_PROBLEMS}


class EditValuesSerializer(Body):
    """An edit as it is written; docs/decisions/0009 tells what each kind keeps in which field."""

    kind = serializers.ChoiceField(KINDS, help_text="What is edited.")
    target = serializers.CharField(max_length=2048, help_text="An ARN; an organization policy's id, or `new:NAME`.")
    name = serializers.CharField(
        required=False, allow_blank=True, max_length=128, help_text="The name of an inline policy."
    )
    other = serializers.CharField(
        required=False, allow_blank=True, max_length=2048, help_text="What is attached, joined, or the boundary."
    )
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="A policy document, kept exactly."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and `data`, whose name serializers have for themselves."""
        said = "What else the kind has: `tags`, `description`, `kind` and `name` of an organization policy."
        return {**super().get_fields(), "data": serializers.DictField(required=False, help_text=said)}


class EditSerializer(EditValuesSerializer):
    """An edit."""

    id = serializers.IntegerField()
    headline = serializers.CharField(help_text="What it does, in words.")
    base = serializers.DictField(allow_null=True, help_text="What stood there when it was begun; null: nothing.")
    outcome = serializers.DictField(help_text="What publishing made of it: the version, or the id.")
    version = serializers.IntegerField(help_text="Counts up with every write; the ETag of the edit.")
    updated_at = serializers.DateTimeField()
    updated_by = serializers.CharField()


class AccountChangeSerializer(serializers.Serializer):
    """A change, as it stands in a list."""

    number = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    author = serializers.CharField()
    version = serializers.IntegerField(help_text="Counts up with every write of it or of an edit; its ETag.")
    edit_count = serializers.IntegerField()
    reverts = serializers.IntegerField(allow_null=True, help_text="The number of the change that it takes back.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    proposed_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_by = serializers.CharField()


class SaidSerializer(serializers.Serializer):
    """Something that was said about a change, or a step that it took."""

    kind = serializers.ChoiceField(COMMENT_KINDS)
    author = serializers.CharField()
    text = serializers.CharField()
    at = serializers.DateTimeField()


class InTheWaySerializer(serializers.Serializer):
    """Something that keeps a change from being published as things are."""

    code = serializers.ChoiceField(["syntax", "moved", "refused", "quota", "empty"])
    message = serializers.CharField()
    edit = serializers.IntegerField(allow_null=True, help_text="The id of the edit; null: the change as a whole.")
    line = serializers.IntegerField(help_text="Of its text; 0 where it is not about a place.")
    column = serializers.IntegerField()


class WholeChangeSerializer(AccountChangeSerializer):
    """A change with all that belongs to it."""

    edits = EditSerializer(many=True)
    comments = SaidSerializer(many=True)
    problems = InTheWaySerializer(many=True, help_text="What is in its way; empty for one that is not open.")


def change_as_json(change: Change) -> dict[str, Any]:
    """As it stands in a list; ``edit_count`` is counted where the query did not."""
    counted = getattr(change, "edit_count", None)
    return {
        "number": change.number,
        "title": change.title,
        "description": change.description,
        "state": change.state,
        "author": change.author_name,
        "version": change.version,
        "edit_count": change.edits.count() if counted is None else counted,
        "reverts": change.reverts.number if change.reverts else None,
        "created_at": change.created_at,
        "updated_at": change.updated_at,
        "proposed_at": change.proposed_at,
        "published_at": change.published_at,
        "published_by": change.published_by_name,
    }


def whole_as_json(change: Change) -> dict[str, Any]:
    """With its edits, what was said, and what is in its way."""
    edits = list(selectors.edits_of(change))
    problems = services.plan(change.account, edits).problems if change.is_open else ()
    return {
        **change_as_json(change),
        "edits": [edit_as_json(edit) for edit in edits],
        "comments": [said_as_json(said) for said in change.comments.order_by("pk")],
        "problems": [
            {
                "code": problem.code,
                "message": problem.message,
                "edit": problem.edit.pk if problem.edit else None,
                "line": problem.line,
                "column": problem.column,
            }
            for problem in problems
        ],
    }


def said_as_json(said: Comment) -> dict[str, Any]:
    """What was said."""
    return {"kind": said.kind, "author": said.author_name, "text": said.text, "at": said.at}


def edit_as_json(edit: Edit) -> dict[str, Any]:
    """An edit with its base."""
    return {
        "id": edit.pk,
        "headline": headline(edit),
        "kind": edit.kind,
        "target": edit.target,
        "name": edit.name,
        "other": edit.other,
        "text": edit.text,
        "data": edit.data,
        "base": edit.base,
        "outcome": edit.outcome,
        "version": edit.version,
        "updated_at": edit.updated_at,
        "updated_by": edit.updated_by_name,
    }


@contextmanager
def refusals() -> Iterator[None]:
    """What services refuse, as problems: 400 names the field, 403 the role, 409 what is in the way, 412 staleness."""
    try:
        yield
    except services.EditError as error:
        place, _, message = str(error).partition(": ")
        raise Refused([Fault(message or place, place if message else "")]) from None
    except services.StaleError as error:
        raise stale(str(error)) from None
    except services.ChangeStateError as error:
        raise Refused([], detail=str(error), status_code=status.HTTP_409_CONFLICT) from None
    except services.ChangeRefusedError as error:
        raise Refused(map(_fault, error.problems), status_code=status.HTTP_409_CONFLICT) from None
    except PermissionDenied as error:
        raise exceptions.PermissionDenied(str(error)) from None


def _fault(problem: services.EditProblem) -> Fault:
    place = f"edits/{problem.edit.pk}" if problem.edit else ""
    message = str(problem) if problem.edit is None else problem.message
    return Fault(message, place, where="path", line=problem.line or None, column=problem.column or None)


class ChangeView(AccountView):
    """An endpoint below `accounts/{number}/changes/{change}`."""

    def change_of(self, number: int) -> Change:
        """The change with this number; 404 where there is none."""
        try:
            return selectors.change_get(self.account, number)
        except (Change.DoesNotExist, OverflowError):
            raise Http404 from None

    def edit_of(self, number: int, pk: int) -> Edit:
        """An edit of it; 404 where there is none."""
        try:
            return selectors.edit_get(self.change_of(number), pk)
        except (Edit.DoesNotExist, OverflowError):
            raise Http404 from None
