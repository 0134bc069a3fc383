"""The matrix of an account: one letter for each identity and column."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, JsonResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from policystudio.api.access import AccountView
from policystudio.api.cursors import cursor_of, place_of
from policystudio.api.paging import limit_of, next_link, page_parameters
from policystudio.api.problems import Fault, Refused
from policystudio.api.proof import CellSerializer, TogetherSerializer
from policystudio.api.texts import (
    ARN_OR_NONE,
    CONTEXT,
    EXCLUDED_OR_NONE,
    MOMENT_OR_NONE,
    NUMBER,
    REGION_OR_NONE,
    TRIED_OR_NONE,
    form,
    or_none,
    resource_types,
)
from policystudio.engine.catalog.types import ACCESS_LEVELS
from policystudio.lib.said import Absent
from policystudio.simulator import selectors
from policystudio.simulator.answers import columns_as_json, matrix_as_json
from policystudio.simulator.asked import source_for
from policystudio.simulator.proof import evidence, mixed_cells
from policystudio.simulator.proof_json import evidence_as_json
from policystudio.simulator.question import KINDS, QuestionError, question_from_query

ROW_KINDS = list(KINDS)
DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
#: Proving a cell takes about a millisecond and two kilobytes.
MOST_PROVEN = 2_000
_CURSOR = "matrix"


class ColumnSerializer(serializers.Serializer):
    """An action on a resource type."""

    action = serializers.CharField(help_text="Such as `sagemaker:CreateModel`.")
    resource_type = serializers.CharField(help_text="Such as `model`; `*` for an action without a resource type.")
    access_level = serializers.ChoiceField(list(ACCESS_LEVELS))


class RowSerializer(serializers.Serializer):
    """An identity."""

    arn = serializers.CharField()
    kind = serializers.ChoiceField(ROW_KINDS)
    name = serializers.CharField()
    verdicts = serializers.CharField(
        help_text="One letter for each column: A allowed, S on some resources, C under conditions, E explicit deny, "
        "I implicit deny, U undecided."
    )
    principal = serializers.CharField(
        required=False, help_text="With `witnesses`: who makes the requests; for a group, a member of it."
    )
    cells = CellSerializer(many=True, required=False, help_text="With `witnesses`: the cells S, C and U, proven.")
    actions = TogetherSerializer(
        many=True, required=False, help_text="With `witnesses`: the actions with several required resource types."
    )


class MatrixSerializer(serializers.Serializer):
    """Identities against actions on resource types."""

    count = serializers.IntegerField(help_text="How many identities the filters leave, on all pages.")
    next = serializers.URLField(allow_null=True, help_text="The address of the page that follows; null on the last.")
    columns = ColumnSerializer(many=True)
    rows = RowSerializer(many=True)


def _many(name: str, description: str, items: dict[str, Any], **more: int) -> OpenApiParameter:
    return OpenApiParameter(name, {"type": "array", "items": items, **more}, description=description)


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    return or_none({"type": "string", "enum": list(values)})


#: The query parameters of the simulator's page, which understands the same ones.
QUESTION_PARAMETERS = [
    _many("kind", "Only identities of these kinds.", _one_of(KINDS)),
    OpenApiParameter(
        "path", str, description="Only identities with this path: a prefix, or a pattern with `*` and `?`."
    ),
    OpenApiParameter(
        "name", str, description="Only identities with this in their name, or with a name like this pattern."
    ),
    OpenApiParameter("tag", str, description="Only identities with this tag: `key=value`, or `key` for any value."),
    _many("identity", "Only these identities, by ARN.", ARN_OR_NONE),
    _many("level", "Only actions of these access levels.", _one_of(ACCESS_LEVELS)),
    OpenApiParameter(
        "action", str, description="Only this action, or actions like this pattern; `sagemaker:` may be left out."
    ),
    _many("type", "Only these resource types; `*` for actions without one.", _one_of(resource_types())),
    OpenApiParameter(
        "region",
        REGION_OR_NONE,
        description="The Region of resources and requests, such as `us-east-1`; without it any.",
    ),
    _many(
        "context",
        "A known context key: `key=value`, again for several values; `!key` for a key known to be absent.",
        CONTEXT,
    ),
    _many(
        "exclude",
        "What if this were taken away: a managed policy's ARN, `inline:<identity>/<policy>`, or `boundary`.",
        EXCLUDED_OR_NONE,
    ),
    _many(
        "add",
        "What if everyone had this: the ARN of a managed policy of the account, or a policy's JSON text, whose "
        "elements may stand in any order and have conditions as well.",
        TRIED_OR_NONE,
        maxItems=10,
    ),
    OpenApiParameter(
        "boundary",
        TRIED_OR_NONE,
        description="What if every user and role had this permissions boundary: as `add`, but one.",
    ),
    OpenApiParameter(
        "at",
        MOMENT_OR_NONE,
        description="As of this date (the end of the day) or time, such as `2026-11-01`; UTC unless it says.",
    ),
    OpenApiParameter(
        "change", or_none(NUMBER), description="As the change of this number would make it, if it were published."
    ),
    _many("verdict", "Only identities that have one of these letters in a column.", form("[ASCEIU]*")),
]
PAGE_PARAMETERS = [
    OpenApiParameter(item["name"], item["schema"], description=item["description"])
    for item in page_parameters(DEFAULT_LIMIT, MAX_LIMIT)
]
WITNESSES = OpenApiParameter(
    "witnesses",
    bool,
    description="Prove each cell that is not the same for every request: a request on each side, and what is allowed "
    f"as data. For at most {MOST_PROVEN:,} such cells at once.",
)
_EXAMPLE = OpenApiExample(
    "Who can create or delete endpoints",
    value={
        "count": 1,
        "next": None,
        "columns": [
            {"action": "sagemaker:CreateEndpoint", "resource_type": "endpoint", "access_level": "Write"},
            {"action": "sagemaker:DeleteEndpoint", "resource_type": "endpoint", "access_level": "Write"},
        ],
        "rows": [
            {
                "arn": "arn:aws:iam::111122223333:user/data-science/dana",
                "kind": "user",
                "name": "dana",
                "verdicts": "SE",
            }
        ],
    },
    response_only=True,
)


class Matrix(AccountView):
    """Which SageMaker actions each identity can perform on each resource type."""

    parameters = frozenset({parameter.name for parameter in QUESTION_PARAMETERS} | {"limit", "cursor", WITNESSES.name})

    @extend_schema(
        operation_id="matrix_get",
        summary="Who can do what",
        description="Which SageMaker actions each user, group, role and the root user can perform on each resource "
        "type, one letter for each. The columns are described once. The query parameters are those of the "
        "simulator's page.",
        parameters=[*QUESTION_PARAMETERS, *PAGE_PARAMETERS, WITNESSES],
        responses=MatrixSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """One page of rows. They go from the engine's letters to JSON without a serializer in between: that is fast."""
        limit = limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
        after, offset = place_of(request, _CURSOR) or ("", 0)
        try:
            question = question_from_query(request.query_params)
            source_for(self.account, question)
        except QuestionError as error:
            raise Refused(Fault(message, name, where="query") for name, message in error.problems) from None
        proven = _flag(request, WITNESSES.name)
        exact = True if proven else None
        page = selectors.matrix(self.account, question, offset=offset, limit=limit, exact=exact, after=after)
        if page.problems:
            raise Refused(Fault(Absent(message), "add", where="query") for message in page.problems)
        if not proven:
            return JsonResponse({**_links(request, page), **matrix_as_json(page)})
        _refuse_too_many(page)
        rows = [evidence_as_json(found) for found in evidence(self.account, question, page)]
        return JsonResponse({**_links(request, page), "columns": columns_as_json(page), "rows": rows})


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false")
    if value not in ("true", "false"):
        raise Refused([Fault(f"`{value}` is neither true nor false", name, where="query")])
    return value == "true"


def _refuse_too_many(page: selectors.MatrixPage) -> None:
    count = mixed_cells(page)
    if count > MOST_PROVEN:
        message = (
            f"the page has {count:,} cells to prove, at most {MOST_PROVEN:,} are proven at once: ask for fewer rows "
            "(`limit`) or fewer columns (`action`, `type`, `level`)"
        )
        raise Refused([Fault(message, WITNESSES.name, where="query")])


def _links(request: Request, page: selectors.MatrixPage) -> dict[str, Any]:
    """The fields that every list has."""
    behind = page.offset + page.limit
    more = behind < page.total and page.rows
    return {
        "count": page.total,
        "next": next_link(request, cursor_of(_CURSOR, [page.rows[-1].arn, behind])) if more else None,
    }
