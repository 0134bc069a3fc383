"""One request may keep the processor busy for so long and no longer: pages, REST and AWS's protocol alike."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from policystudio.engine.effort import TooCostlyError, limited
from policystudio.lib import metrics
from policystudio.lib.request_log import route_of
from policystudio.lib.time_budget import TimeBudget

logger = structlog.get_logger("policystudio.request")


class TimeBudgetMiddleware:
    """Sets the limit that the engine asks at its steps, and answers a page whose question reached it.

    REST and AWS's protocol answer in their own shapes, and a body that is streamed has the limit as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        seconds = settings.ANALYSIS_SECONDS

        def refusal() -> TooCostlyError:
            metrics.TOO_COSTLY.labels(route_of(request)).inc()
            logger.warning("too costly", route=route_of(request), seconds=seconds)
            return TooCostlyError(f"this takes more than the {seconds} seconds that one request may work for")

        limit = TimeBudget(seconds, refusal)
        with limited(limit):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _within(limit, iter(response), request)
        else:
            _count(limit, request, response.status_code)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The page that says so; what else may go wrong is not ours."""
        if isinstance(error, TooCostlyError):
            return render(request, "too_costly.html", {"seconds": settings.ANALYSIS_SECONDS}, status=422)
        return None


def _count(limit: TimeBudget, request: HttpRequest, status: int) -> None:
    """An analysis, where there was one; its kind is the last part of the route's name, of which there are so many."""
    if limit.is_asked:
        outcome = "given up" if limit.is_spent else "answered" if status < HTTPStatus.BAD_REQUEST else "refused"
        metrics.ANALYSES.labels(route_of(request).rpartition(":")[2], outcome).observe(limit.worked())


def _within(limit: TimeBudget, parts: Iterator[bytes], request: HttpRequest) -> Iterator[bytes]:
    """Each part is worked out within the limit, which is not set between them: others may work in the thread then."""
    while True:
        with limited(limit):
            try:
                part = next(parts)
            except StopIteration:
                _count(limit, request, HTTPStatus.OK)
                return
        yield part
