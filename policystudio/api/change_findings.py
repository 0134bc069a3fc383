"""The findings that a change brings and takes away."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import AccountView
from policystudio.api.validation import FINDING_TYPES, PathElementSerializer, TextPositionSerializer
from policystudio.changes.models import Change
from policystudio.changes.selectors import change_get
from policystudio.engine.lint.finding import Origin
from policystudio.findings.selectors import Told, of_change


class ToldSerializer(serializers.Serializer):
    """A finding, with where it is."""

    code = serializers.CharField()
    type = serializers.ChoiceField(FINDING_TYPES)
    message = serializers.CharField()
    edit = serializers.IntegerField(allow_null=True, help_text="In whose text it is; null: it is about an identity.")
    path = PathElementSerializer(many=True)
    start = TextPositionSerializer(allow_null=True)
    end = TextPositionSerializer(allow_null=True)
    evidence = serializers.DictField(help_text="What proves it: for a path, the concrete requests.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and those whose names the class has for itself."""
        origins = serializers.ChoiceField([each.value for each in Origin], help_text="Whose check it is.")
        label = serializers.CharField(help_text="Where it is, in a few words.")
        return {**super().get_fields(), "label": label, "source": origins}


class ChangeFindingsSerializer(serializers.Serializer):
    """What a change brings and takes away."""

    new = ToldSerializer(many=True, help_text="The gravest first.")
    gone = ToldSerializer(many=True)
    same = serializers.IntegerField(help_text="How many stay in the texts that it edits.")
    not_looked_at = serializers.IntegerField(help_text="Identities that it touches, where these are too many.")


class ChangeFindings(AccountView):
    """The findings of a change."""

    @extend_schema(
        operation_id="change_findings",
        summary="The findings that a change brings and takes away",
        description="In the texts that it edits, and of the identities that it touches.",
        tags=["changes"],
        responses=ChangeFindingsSerializer,
    )
    def get(self, _request: Request, number: str, change: int) -> Response:
        """New ones and gone ones."""
        try:
            found = of_change(change_get(self.account, change))
        except (Change.DoesNotExist, OverflowError):
            raise Http404(f"no change {change} in account {number}") from None
        return Response(
            {
                "new": [_as_json(one) for one in found.new],
                "gone": [_as_json(one) for one in found.gone],
                "same": found.same,
                "not_looked_at": found.unlooked,
            }
        )


def _as_json(one: Told) -> dict[str, Any]:
    found = one.found.as_json()
    names = ("code", "type", "source", "message", "path", "start", "end", "evidence")
    return {"label": one.label, "edit": one.edit.pk if one.edit else None, **{name: found[name] for name in names}}
