"""Cursors: which row a page of a list ended with, signed, so that the next page begins behind it whatever came between.

A list is ordered by columns that end in its primary key, so every row has a place of its own; nulls come last.
"""

import functools
import operator
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import F, Field, Model, Q, QuerySet
from rest_framework import status
from rest_framework.request import Request

from policystudio.api.problems import Fault, Refused

_SALT = "policystudio.api.cursor"
#: Longer ones are none of ours: an ARN has 2,048 characters at most.
_LONGEST = 8192
#: The form that Django signs in: what is said, when, and the signature.
PATTERN = r"^(\.?[A-Za-z0-9_-]+:[A-Za-z0-9]{1,11}:[A-Za-z0-9_-]{43})?$"
_FORM = re.compile(PATTERN.removeprefix("^").removesuffix("$"))

_NOT_OURS = "is none of ours: take it from `next` of an answer"


def cursor_of(kind: str, values: Sequence[Any]) -> str:
    """The cursor of a place; ``kind`` names the list and its order."""
    return signing.dumps([kind, [_plain(value) for value in values]], salt=_SALT, compress=True)


def place_of(request: Request, kind: str) -> list[Any] | None:
    """The values in the cursor of the request, None where it has none; ``Refused`` where that is not of ``kind``.

    404 where it has the form of a cursor and was never given out, 400 where it has not, or is of another list.
    """
    written = request.query_params.get("cursor", "")
    if not written:
        return None
    if len(written) > _LONGEST or _FORM.fullmatch(written) is None:
        raise refused_cursor(_NOT_OURS)
    try:
        found, values = signing.loads(written, salt=_SALT)
    except signing.BadSignature:
        raise Refused([Fault(_NOT_OURS, "cursor", where="query")], status_code=status.HTTP_404_NOT_FOUND) from None
    if found != kind:
        raise refused_cursor("is of another list, or of another order of this one: begin without it")
    return list(values)


def refused_cursor(message: str) -> Refused:
    """400: the cursor is not one that continues this list."""
    return Refused([Fault(message, "cursor", where="query")])


def ordered(rows: QuerySet[Any], columns: Sequence[str]) -> QuerySet[Any]:
    """The rows by these columns, of which each may begin with ``-``; nulls last, either way."""
    return rows.order_by(
        *(
            F(name).desc(nulls_last=_is_nullable(rows.model, name) or None)
            if descending
            else F(name).asc(nulls_last=_is_nullable(rows.model, name) or None)
            for name, descending in map(_split, columns)
        )
    )


def place_in(row: Model, columns: Sequence[str]) -> list[Any]:
    """The values of a row by which it is ordered."""
    return [functools.reduce(_attribute, _split(one)[0].split("__"), row) for one in columns]


def behind(rows: QuerySet[Any], columns: Sequence[str], values: Sequence[Any]) -> QuerySet[Any]:
    """The rows that come after the place that ``values`` name."""
    if len(values) != len(columns):
        raise refused_cursor("is of another list: begin without it")
    later, same = Q(), Q()
    for column, value in zip(columns, values, strict=True):
        name, descending = _split(column)
        field = _field(rows.model, name)
        read = None if value is None else field.to_python(value)
        after = _after(name, read, descending=descending, nullable=_is_nullable(rows.model, name))
        if after is not None:
            later |= same & after
        same &= Q(**{f"{name}__isnull": True}) if read is None else Q(**{name: read})
    return rows.filter(later)


def _after(name: str, value: Any, *, descending: bool, nullable: bool) -> Q | None:
    if value is None:
        return None  # nulls come last, so nothing comes behind them
    if isinstance(value, bool):
        # Databases order false before true, and not all of them compare the two by `>`.
        return Q(**{name: not value}) if value is descending else None
    beyond = Q(**{f"{name}__{'lt' if descending else 'gt'}": value})
    return beyond | Q(**{f"{name}__isnull": True}) if nullable else beyond


def _split(column: str) -> tuple[str, bool]:
    return column.removeprefix("-"), column.startswith("-")


def _attribute(row: Any, name: str) -> Any:
    return None if row is None else operator.attrgetter(name)(row)


def _field(model: type[Model], name: str) -> "Field[Any, Any]":
    *relations, last = name.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        assert isinstance(related, type)  # noqa: S101 -- the orders of lists are written in the code
        model = related
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    assert isinstance(field, Field)  # noqa: S101 -- as above
    return field


def _is_nullable(model: type[Model], name: str) -> bool:
    return _field(model, name).null


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
