"""Filters that several lists share."""

from typing import Any

from django.db.models import CharField, F, Func, Q, QuerySet
from django_filters import BooleanFilter
from django_filters import rest_framework as filters
from rest_framework.request import Request
from rest_framework.views import APIView

from policystudio.api.problems import Fault, Refused


class Filters(filters.DjangoFilterBackend):
    """django-filter, with its errors in our shape."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        """The rows that the query parameters leave; ``Refused`` naming each value that was not understood."""
        filterset = self.get_filterset(request, queryset, view)
        if filterset is None:
            return queryset
        faults = [
            Fault("must be true or false", name, where="query")
            for name, one in filterset.filters.items()
            if isinstance(one, BooleanFilter)
            and not {*request.query_params.getlist(name)} <= {"", "true", "false", "True", "False"}
        ]
        if faults:
            raise Refused(faults)
        if not filterset.is_valid():
            raise Refused(Fault(" ".join(messages), name, where="query") for name, messages in filterset.errors.items())
        return filterset.qs


class TagValue(Func):
    """The value of one tag in a JSON column, as text. Django's own key lookups take a key of digits for an index."""

    output_field = CharField()

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(F("tags"))

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        """``json_extract`` with a quoted key."""
        column, params = compiler.compile(self.source_expressions[0])
        return f"json_extract({column}, %s)", (*params, f'$."{self.key}"')

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        """The operator ``->>`` with a key that is text whatever it looks like."""
        column, params = compiler.compile(self.source_expressions[0])
        return f"({column} ->> %s::text)", (*params, self.key)


class TagFilter(filters.CharFilter):
    """`key=value` or `key` alone: who has the tag."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Rows that have the tag (with this value). AWS allows neither quotation marks nor backslashes in a key."""
        if not value:
            return qs
        key, equals, wanted = value.partition("=")
        if set(key) & {'"', "\\"}:
            return qs.none()
        rows = qs.alias(tag_value=TagValue(key))
        return rows.filter(tag_value=wanted) if equals else rows.filter(tag_value__isnull=False)


class SearchFilter(filters.CharFilter):
    """A part of the name or the path, in any letter case."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Rows whose name or path contains the text."""
        return qs.filter(Q(name__icontains=value) | Q(path__icontains=value)) if value else qs
