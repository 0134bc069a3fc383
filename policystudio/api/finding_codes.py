"""What the codes of findings mean."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from policystudio.api.access import ApiView
from policystudio.api.paging import PAGE_PARAMETERS, page_of
from policystudio.api.validation import FINDING_TYPES
from policystudio.engine.lint.finding import Origin
from policystudio.engine.lint.registry import RULES
from policystudio.findings.checks.codes import CHECKS


class FindingCodeSerializer(serializers.Serializer):
    """A code."""

    code = serializers.CharField(help_text="AWS's issue code, or one that begins with `STUDIO_`.")
    type = serializers.ChoiceField(FINDING_TYPES)
    title = serializers.CharField(help_text="Heads its section in docs/findings.md.")
    remedy = serializers.CharField(help_text="What to do about it; empty where the finding's message says that.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields, and one whose name the class has for itself."""
        origins = serializers.ChoiceField([each.value for each in Origin], help_text="Whose check it is.")
        return {**super().get_fields(), "source": origins}


class FindingCodesSerializer(serializers.Serializer):
    """All codes."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    results = FindingCodeSerializer(many=True)


class FindingCodes(ApiView):
    """The codes that findings may have."""

    parameters = frozenset({"limit", "cursor"})

    @extend_schema(
        operation_id="finding_codes_list",
        summary="The codes of findings",
        description="All of them, by their names: those of AWS's policy validation and the studio's own.",
        parameters=PAGE_PARAMETERS,
        responses=FindingCodesSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of them."""
        return Response(page_of(request, "finding-codes", _codes()))


class OneFindingCode(ApiView):
    """One code."""

    @extend_schema(operation_id="finding_codes_get", summary="What a code means", responses=FindingCodeSerializer)
    def get(self, _request: Request, code: str) -> Response:
        """The code."""
        found = _codes().get(code)
        if found is None:
            raise Http404
        return Response(found)


def _codes() -> dict[str, dict[str, Any]]:
    codes = {
        code: {"code": code, "type": str(kind), "title": rule.title, "source": str(rule.source), "remedy": ""}
        for rule in RULES.values()
        for code, kind in rule.codes.items()
    }
    for check in CHECKS:
        for code, kind in check.codes.items():
            found = {"code": code, "type": str(kind), "title": check.title, "source": str(Origin.STUDIO)}
            codes[code] = {**found, "remedy": check.remedies.get(code, "")}
    return dict(sorted(codes.items()))
