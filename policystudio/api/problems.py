"""Errors, all in one shape: problem details of RFC 9457, with `errors` that name each place."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from policystudio.engine.effort import TooCostlyError
from policystudio.lib.request_log import current_request_id
from policystudio.lib.said import Absent, Contrary
from policystudio.lib.strict_json import pointer_to, write_path
from policystudio.lib.unavailable import RETRY_AFTER, is_database_away

logger = logging.getLogger(__name__)

#: What a fragment of an address may have as it is (RFC 3986); the rest of a pointer is written with percent signs.
POINTER_CHARACTERS = "/~:@!$&'()*+,;=-._?"
#: What to do about a question that is too costly.
NARROW = (
    "ask about less: fewer requests, one action, one type of resource or one identity, "
    "or policies with fewer statements, patterns and conditions"
)
CONTENT_TYPE = "application/problem+json"


class Fault(dict[str, Any]):
    """One entry of `errors`: where (`in`, `place`, perhaps `pointer`, `line` and `column`) and what (`message`)."""

    def __init__(
        self, message: str, place: str = "", *, where: str = "body", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__({"in": where, "place": place, "message": message})
        if where == "body":
            self["pointer"] = f"#{quote(pointer_to(place), safe=POINTER_CHARACTERS)}"
        if line is not None:
            self.update(line=line, column=column or 1)


class Refused(exceptions.APIException):
    """A request that is answered with `status_code` and the faults that were found in it.

    By itself it is 400 where something is not written as it has to be; 404 where something is named that is not there,
    409 where what is said contradicts itself, or how things stand, and all is well written.
    """

    status_code: int = status.HTTP_400_BAD_REQUEST
    #: Seconds to wait before the same is asked again, told by Retry-After.
    wait: int | None = None

    def __init__(self, faults: Iterable[Fault], *, detail: str = "", status_code: int | None = None) -> None:
        self.faults = list(faults)
        self.status_code = status_code or _status_of(self.faults)
        super().__init__(detail or summary(self.faults))


def _status_of(faults: Sequence[Fault]) -> int:
    messages = [fault["message"] for fault in faults]
    if not messages or not all(isinstance(message, Absent | Contrary) for message in messages):
        return status.HTTP_400_BAD_REQUEST
    absent = any(isinstance(message, Absent) for message in messages)
    return status.HTTP_404_NOT_FOUND if absent else status.HTTP_409_CONFLICT


class FaultSerializer(serializers.Serializer):
    """One thing that is wrong in the request."""

    # `in` is a word of Python, so the field is added by name below.
    place = serializers.CharField(
        help_text="The path of the value in the body, such as `requests[0].action`, or the query parameter; "
        "empty for the whole of it."
    )
    pointer = serializers.CharField(
        required=False,
        help_text="For the body: `place` as a JSON Pointer in a fragment, such as `#/requests/0/action`.",
    )
    message = serializers.CharField(help_text="What is wrong there and what to write instead.")
    line = serializers.IntegerField(
        required=False, help_text="Line in the body, or in the policy document that `place` names; counts from 1."
    )
    column = serializers.IntegerField(required=False, help_text="Column of that line; counts from 1.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """The declared fields behind `in`."""
        where = serializers.ChoiceField(["body", "query", "header", "path"], help_text="The part of the request.")
        return {"in": where, **super().get_fields()}


class ProblemSerializer(serializers.Serializer):
    """Problem details as in RFC 9457."""

    type = serializers.CharField(help_text="Always `about:blank`: `status` says what kind of problem it is.")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="What went wrong, in a sentence.")
    errors = FaultSerializer(  # type: ignore[assignment]  # declared fields are taken out of the class
        many=True, help_text="Every fault that was found, each with its place."
    )
    request_id = serializers.CharField(
        required=False, help_text="Finds the request in the logs; the header X-Request-ID has it as well."
    )


def summary(faults: Sequence[Fault]) -> str:
    """The faults in one sentence: the only one itself, or how many there are and the first."""
    if not faults:
        return "the request cannot be understood"
    if len(faults) == 1:
        return str(faults[0]["message"])
    return f"{len(faults)} faults, the first: {faults[0]['message']}"


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's exception handler: every exception becomes a problem, an unexpected one is logged as well."""
    # Its settings name parsers, which name us.
    from rest_framework.views import set_rollback

    known = _as_api_exception(error)
    set_rollback()
    if known is None:
        request = context.get("request")
        logger.error("unexpected error in the REST API", exc_info=error)
        got_request_exception.send(sender=None, request=getattr(request, "_request", None))
        if is_database_away(error):
            response = _response(503, "the database does not answer: come back in a moment", [])
            response.headers["Retry-After"] = str(RETRY_AFTER)
            return response
        return _response(500, "something went wrong here; the log has the details", [])
    response = _response(known.status_code, _detail(known), _faults(known))
    if getattr(known, "auth_header", None):
        response.headers["WWW-Authenticate"] = known.auth_header
    if getattr(known, "wait", None) is not None:
        response.headers["Retry-After"] = str(int(known.wait) + 1)
    return response


def _response(code: int, detail: str, faults: list[Fault]) -> Response:
    data = {
        "type": "about:blank",
        "title": HTTPStatus(code).phrase,
        "status": code,
        "detail": detail,
        "errors": [dict(one) for one in faults],
    }
    if request_id := current_request_id():
        data["request_id"] = request_id
    return Response(data, status=code, content_type=CONTENT_TYPE)


def _as_api_exception(error: Exception) -> Any:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return Refused([], detail="the body is too large", status_code=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    if isinstance(error, TooCostlyError):
        return Refused([], detail=f"{error}: {NARROW}", status_code=status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(error, SuspiciousOperation):
        return Refused([], detail="the request cannot be understood")
    return None


def _detail(error: exceptions.APIException) -> str:
    faults = _faults(error)
    return summary(faults) if faults else str(error.detail)


def _faults(error: exceptions.APIException) -> list[Fault]:
    if isinstance(error, Refused):
        return error.faults
    if isinstance(error, exceptions.ValidationError):
        return list(_flattened(error.detail, ()))
    header = next((name for kind, name in _HEADERS.items() if isinstance(error, kind)), None)
    return [Fault(str(error.detail), header, where="header")] if header else []


#: What is wrong with a request as a whole stands in a header.
_HEADERS: Mapping[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: "Authorization",
    exceptions.AuthenticationFailed: "Authorization",
    exceptions.NotAcceptable: "Accept",
    exceptions.UnsupportedMediaType: "Content-Type",
}


def _flattened(detail: Any, path: tuple[str | int, ...]) -> Iterable[Fault]:
    """The faults in what REST framework's validation found: mappings and lists, nested as the input is."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            inner = path if key == "non_field_errors" else (*path, key)
            yield from _flattened(value, inner)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            # A list of messages stands for one value; a list of mappings has one for each item, empty where it is fine.
            yield from _flattened(value, path if isinstance(value, str) else (*path, index))
    else:
        yield Fault(str(detail), write_path(path))
