"""Lists come in pages: `limit` and `offset`, and links to the pages before and behind."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from policystudio.api.problems import Fault, Refused

#: Databases count rows in 64 bits at most; nobody has more than this.
MOST_OFFSET = 10**9


class Page(LimitOffsetPagination):
    """`count` of all, links `next` and `previous`, and the `results` of this page."""

    default_limit = 100
    max_limit = 1000
    parameters = frozenset({"limit", "offset"})

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """The rows of the page; a limit or offset that is no number in its bounds is refused, never guessed."""
        read_bounds(request, self.default_limit, self.max_limit)
        return super().paginate_queryset(queryset, request, view)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two query parameters, for the OpenAPI document."""
        return bounds_parameters(self.default_limit, self.max_limit)

    def get_limit(self, request: Request) -> int:
        """The number of rows of a page."""
        return read_bounds(request, self.default_limit, self.max_limit)[0]

    def get_offset(self, request: Request) -> int:
        """The number of rows before the page."""
        return read_bounds(request, self.default_limit, self.max_limit)[1]


def bounds_parameters(default_limit: int, max_limit: int) -> list[dict[str, Any]]:
    """`limit` and `offset` as OpenAPI parameters."""
    limit = {"type": "integer", "minimum": 1, "maximum": max_limit, "default": default_limit}
    offset = {"type": "integer", "minimum": 0, "maximum": MOST_OFFSET, "default": 0}
    return [
        {"name": "limit", "in": "query", "schema": limit, "description": "How many rows a page has at most."},
        {"name": "offset", "in": "query", "schema": offset, "description": "How many rows stand before the page."},
    ]


def read_bounds(request: Request, default_limit: int, max_limit: int) -> tuple[int, int]:
    """Limit and offset of the query; ``Refused`` where they are not whole numbers in their bounds."""
    faults: list[Fault] = []

    def number(name: str, default: int, least: int, most: int) -> int:
        text = request.query_params.get(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
            return int(text)
        faults.append(Fault(f"must be a whole number from {least} to {most}", name, where="query"))
        return default

    bounds = number("limit", default_limit, 1, max_limit), number("offset", 0, 0, MOST_OFFSET)
    if faults:
        raise Refused(faults)
    return bounds
