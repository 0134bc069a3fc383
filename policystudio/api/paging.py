"""Lists come in pages: `limit` rows in one of the list's orders, and in `next` the address of those that follow."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from policystudio.api.cursors import PATTERN, behind, cursor_of, ordered, place_in, place_of
from policystudio.api.problems import Fault, Refused

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000

#: The orders of a list by the names that a client writes; the first one is that of whoever names none.
Orders = Mapping[str, tuple[str, ...]]


class Page(BasePagination):
    """`count` of all rows, `next` (the address of the page that follows, null on the last), `results` of this page."""

    parameters = frozenset({"limit", "cursor", "order"})

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        """The rows of the page; what is no limit, order or cursor of this list is refused, never guessed."""
        assert isinstance(queryset, QuerySet)  # noqa: S101 -- lists are of rows
        limit = limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
        name, columns = order_of(request, orders_of(view), getattr(view, "told_apart_by", "pk"))
        self.count = queryset.count()
        kind = f"{type(view).__name__} {name}"
        rows = ordered(queryset, columns)
        place = place_of(request, kind)
        if place is not None:
            rows = behind(rows, columns, place)
        found = list(rows[: limit + 1])
        self.next = None
        if len(found) > limit:
            found = found[:limit]
            self.next = next_link(request, cursor_of(kind, place_in(found[-1], columns)))
        return found

    def get_paginated_response(self, data: Any) -> Response:
        """The page with its link."""
        return Response({"count": self.count, "next": self.next, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The same for the OpenAPI document."""
        return {
            "type": "object",
            "required": ["count", "next", "results"],
            "properties": {
                "count": {"type": "integer", "description": "How many rows the filters leave, on all pages."},
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "The address of the page that follows; null on the last one.",
                },
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The query parameters, for the OpenAPI document."""
        names = list(orders_of(view))
        choices = [sign + name for name in names for sign in ("", "-")]
        said = f"By what the rows are ordered; with `-` the other way round. By default `{names[0]}`."
        order = {
            "name": "order",
            "in": "query",
            "schema": {"type": "string", "enum": choices},
            "description": said,
        }
        return [*page_parameters(DEFAULT_LIMIT, MAX_LIMIT), order]


def page_parameters(default_limit: int, max_limit: int) -> list[dict[str, Any]]:
    """`limit` and `cursor` as OpenAPI parameters."""
    limit = {"type": "integer", "minimum": 1, "maximum": max_limit, "default": default_limit}
    cursor = {"type": "string", "pattern": PATTERN}
    said = "Where the page begins: it stands in `next` of the page before, whose other parameters have to stay."
    return [
        {"name": "limit", "in": "query", "schema": limit, "description": "How many rows a page has at most."},
        {"name": "cursor", "in": "query", "schema": cursor, "description": said},
    ]


def orders_of(view: Any) -> Orders:
    """The orders that a view has; by the primary key alone where it names none."""
    return getattr(view, "orders", None) or {"id": ("pk",)}


def order_of(request: Request, orders: Orders, last: str = "pk") -> tuple[str, tuple[str, ...]]:
    """The order that is asked for, by its name, and its columns with the one that tells rows apart at their end."""
    name = request.query_params.get("order", next(iter(orders)))
    turned = name.startswith("-")
    columns = orders.get(name.removeprefix("-"))
    if columns is None:
        raise Refused([Fault(f"must be one of {', '.join(orders)}, or with `-` in front", "order", where="query")])
    if columns[-1].removeprefix("-") != last:
        columns = (*columns, last)
    return name, tuple(map(_turned, columns)) if turned else columns


def _turned(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"


def limit_of(request: Request, default_limit: int, max_limit: int) -> int:
    """The limit of the query; ``Refused`` where it is no whole number in its bounds."""
    text = request.query_params.get("limit")
    if text is None:
        return default_limit
    if text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= max_limit:
        return int(text)
    raise Refused([Fault(f"must be a whole number from 1 to {max_limit}", "limit", where="query")])


def next_link(request: Request, cursor: str) -> str:
    """The address of the page that begins behind a cursor."""
    return replace_query_param(request.build_absolute_uri(), "cursor", cursor)


# Rows that are worked out and have no table: they are told apart by a name.


def start_of(request: Request, kind: str, names: Sequence[str]) -> int:
    """The index of the first row of the page among rows with these names, in their order.

    Where the row that ended the page before is not there any more, its place is.
    """
    place = place_of(request, kind)
    if place is None:
        return 0
    name, index = place
    try:
        return names.index(name) + 1
    except ValueError:
        return min(int(index), len(names))


def worked_out_page(request: Request, kind: str, names: Sequence[str], start: int, limit: int) -> dict[str, Any]:
    """`count` and `next` of such a page."""
    end = start + limit
    more = end < len(names)
    link = next_link(request, cursor_of(kind, [names[end - 1], end])) if more else None
    return {"count": len(names), "next": link}


def page_of(request: Request, kind: str, rows: Mapping[str, Any]) -> dict[str, Any]:
    """A whole page of rows by their names, in their order."""
    names, limit = list(rows), limit_of(request, DEFAULT_LIMIT, MAX_LIMIT)
    start = start_of(request, kind, names)
    results = [rows[name] for name in names[start : start + limit]]
    return {**worked_out_page(request, kind, names, start, limit), "results": results}


#: `limit` and `cursor` of such lists.
PAGE_PARAMETERS = [
    OpenApiParameter(one["name"], one["schema"], description=one["description"])
    for one in page_parameters(DEFAULT_LIMIT, MAX_LIMIT)
]
