"""The one address of AWS's Query protocol: every answer, a refusal or a failure too, is XML that AWS's SDKs read.

STS answers in JSON whoever asks for that: those who are handed signed requests to learn who somebody is do.
"""

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from policystudio.awsquery import auth, limits
from policystudio.awsquery.dispatch import call_for, service_for
from policystudio.awsquery.errors import (
    AwsError,
    error_as_json,
    error_document,
    internal_failure,
    invalid_input,
    unavailable,
)
from policystudio.awsquery.query import read_pairs
from policystudio.awsquery.shapes import Service, service
from policystudio.engine.effort import TooCostlyError
from policystudio.lib.body_limit import body_refused_by
from policystudio.lib.unavailable import is_database_away

logger = structlog.get_logger("policystudio.awsquery")

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_SCOPE = re.compile(r"[^/,\s]+/\d{8}/[a-z0-9-]+/(iam|sts)/aws4_request")


def refuse_body(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """What is said of a body that is not read, instead of text for people."""
    code = {411: "MissingContentLength", 413: "RequestEntityTooLarge"}.get(status, "InvalidRequest")
    return Asked(request).refuse(AwsError(code, detail, status))


@body_refused_by(refuse_body)
@csrf_exempt
@login_not_required
def aws_query(request: HttpRequest) -> HttpResponse:
    """Answer one request of IAM's or STS's Query API."""
    asked = Asked(request)
    try:
        return asked.answer()
    except AwsError as error:
        return asked.refuse(error)
    except TooCostlyError as error:
        # Not one of the server's errors, after which AWS's SDKs would ask again.
        return asked.refuse(invalid_input(f"{error}: ask about fewer actions and resources, or shorter policies."))
    except Exception as error:
        # A client of AWS's reads XML and nothing else, and learns nothing of what went wrong inside.
        logger.exception("aws_query_failed", operation=asked.operation, service=asked.service.name)
        return asked.refuse(unavailable() if is_database_away(error) else internal_failure())


#: Clients are counted below, by who has signed.
aws_query.counts_clients = True  # type: ignore[attr-defined]  # functions may bear attributes


class Asked:
    """One request, and what is known of it so far."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.request_id = str(structlog.contextvars.get_contextvars().get("request_id") or uuid.uuid4())
        self.service: Service = service("iam")
        self.operation = self.client = self.account = ""

    def answer(self) -> HttpResponse:
        """The operation's answer; raises ``AwsError``."""
        if self.request.method not in ("GET", "POST"):
            message = "Only GET and POST are answered here."
            raise AwsError("MethodNotAllowed", message, HTTPStatus.METHOD_NOT_ALLOWED)
        pairs = read_pairs(self.request.META.get("QUERY_STRING", "").encode("latin-1"), self._form())
        self.service = service_for(pairs, _scope(self.request, pairs))
        # Told in the log before anybody is known; nobody else's words stand there.
        if pairs.get("Action", "") in self.service.operation_names:
            self.operation = pairs["Action"]
        caller = self._caller()
        self.client, self.account = caller.user.get_username(), caller.account.number
        limits.admit(self.request, caller)
        call = call_for(self.service, pairs)
        document = call.run(caller, self.request_id, as_json=self._as_json)
        return self._response(document, HTTPStatus.OK)

    def _caller(self) -> auth.Caller:
        """Who has signed; a request that nobody known has signed counts against its address."""
        try:
            return auth.authenticate(self.request, self.service.name)
        except AwsError:
            limits.admit_stranger(self.request)
            raise

    @property
    def _as_json(self) -> bool:
        accepted = self.request.headers.get("Accept", "").partition(",")[0].partition(";")[0]
        return self.service.name == "sts" and accepted.strip().lower() == JSON

    def _form(self) -> bytes:
        """The body, where it is a form; `multipart/form-data` and JSON are no part of this protocol."""
        return self.request.body if self.request.content_type in ("", FORM) else b""

    def refuse(self, error: AwsError) -> HttpResponse:
        """The error as XML."""
        document = (
            error_as_json(error, self.request_id)
            if self._as_json
            else error_document(error, self.service.namespace, self.request_id)
        )
        response = self._response(document, error.status, error.code)
        if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = "GET, POST"
        return response

    def _response(self, document: str, status: int, code: str = "") -> HttpResponse:
        logger.info(
            "aws_query",
            service=self.service.name,
            operation=self.operation,
            account=self.account,
            client=self.client,
            status=int(status),
            code=code,
        )
        response = HttpResponse(document, status=status, content_type=JSON if self._as_json else "text/xml")
        response.headers["x-amzn-RequestId"] = self.request_id
        response.headers["Cache-Control"] = "no-store"
        return response


def _scope(request: HttpRequest, pairs: Mapping[str, str]) -> str:
    """The service that the signature is for, in the header or in the query string."""
    found = _SCOPE.search(request.headers.get("Authorization", "") or pairs.get("X-Amz-Credential", ""))
    return found[1] if found else ""
