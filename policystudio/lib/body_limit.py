"""Request bodies that are too large are refused with 413 before anything reads them."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from policystudio.lib.request_log import current_request_id

#: Writes the answer to a body that is not read: the request, the status, and what is wrong with the body.
Refusal = Callable[[HttpRequest, int, str], HttpResponse]


class BodyLimitMiddleware:
    """Compares Content-Length with the limit of the view: its attribute `body_limit` (bytes), or BODY_LIMIT.

    A body without Content-Length reads as empty under WSGI, so the header is the whole truth, and a body that comes in
    chunks is refused with 411. Stands before the CSRF middleware, which is the first to read a form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        refuse = _attribute(view, "body_refusal") or _answer
        if request.headers.get("Transfer-Encoding"):
            return refuse(request, 411, "the body needs the header Content-Length: it cannot be sent in chunks")
        limit = _limit_of(view)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return refuse(request, 400, "the header Content-Length is not a number")
        if int(length) <= limit:
            return None
        return refuse(request, 413, f"the body has {length} bytes, at most {limit} are read here")


def body_refused_by(refuse: Refusal) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a view whose clients read another format than text: ``refuse`` writes the refusals of its bodies."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        setattr(view, "body_refusal", refuse)  # noqa: B010 -- a function has no such attribute by itself
        return view

    return decorate


def _limit_of(view: Callable[..., Any]) -> int:
    limit: int | None = _attribute(view, "body_limit")
    default: int = settings.BODY_LIMIT
    return default if limit is None else limit


def _attribute(view: Callable[..., Any], name: str) -> Any:
    """An attribute of a function, of a class-based view (`view_class`), or of a REST view (`cls`); else None."""
    for holder in (view, getattr(view, "view_class", None), getattr(view, "cls", None)):
        value = getattr(holder, name, None)
        if value is not None:
            return value
    return None


def _answer(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    title = HTTPStatus(status).phrase
    if request.path.startswith("/api/"):
        # The shape that every error of REST has (policystudio/api/problems.py).
        fault = {"in": "header", "place": "Content-Length", "message": detail}
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "errors": [fault],
        }
        if request_id := current_request_id():
            problem["request_id"] = request_id
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return HttpResponse(f"{title}: {detail}\n", status=status, content_type="text/plain; charset=utf-8")
